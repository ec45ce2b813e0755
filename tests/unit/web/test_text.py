import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.services.addresses import foreign_uris, page_path
from node.services.text import Span, blocks, host_of, one_line, safe_link

pytestmark = pytest.mark.unit


def test_characters_that_turn_or_hide_text_are_not_shown() -> None:
    assert one_line("pay\u202eliam\u202c \u200bme\ufeff") == "payliam me"
    assert one_line("two\nlines\tand\x00 more") == "two lines and more"
    assert one_line("👩\u200d🌾 می\u200cخواهم") == "👩\u200d🌾 می\u200cخواهم"


@given(st.text())
def test_one_line_is_one_line_and_stays_so(text: str) -> None:
    shown = one_line(text)
    assert "\n" not in shown
    assert one_line(shown) == shown


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>",
        "//evil.example",
        "/relative",
        "https://",
        "https:///path",
        "https://a.example/\u202etxt.exe",
        "http://[::1",
        "ftp://a.example/",
        "mailto:nobody",
        "",
        None,
        7,
    ],
)
def test_only_web_and_mail_addresses_become_links(address: object) -> None:
    assert safe_link(address) == ""


def test_good_addresses_stay_as_they_are() -> None:
    for address in ("https://a.example/x?y#z", "http://127.0.0.1:8101/", "mailto:desk@a.example"):
        assert safe_link(address) == address


def test_a_host_of_other_letters_is_shown_so_that_it_is_noticed() -> None:
    assert host_of("https://lugo.example/practices/1") == "lugo.example"
    assert host_of("https://xn--example/") == "xn--example"
    assert host_of("https://\u043bugo.example/") == "xn--ugo-fed.example"
    assert host_of("https://user@lugo.example:8443/") == "lugo.example:8443"
    assert host_of("http://[") == ""


def test_prose_is_set_in_paragraphs_headings_and_lists() -> None:
    found = blocks("# **Need**\nFirst line\nsecond line\n\n- one\n- two\n\n---\n<b>no html</b>")
    assert [block.kind for block in found] == ["heading", "paragraph", "list", "paragraph"]
    assert found[0].lines == ((Span("Need"),),)
    assert len(found[1].lines) == 2
    assert found[3].lines == ((Span("<b>no html</b>"),),)


def test_links_in_prose_are_followed_only_to_the_web() -> None:
    (block,) = blocks("See [the plan](https://a.example/plan) and [this](javascript:alert(1)).")
    assert Span("the plan", "https://a.example/plan") in block.lines[0]
    assert not any(span.href.startswith("javascript") for span in block.lines[0])


@given(st.lists(st.text(alphabet="abcdef <>&", min_size=1, max_size=40)))
def test_prose_loses_no_words(lines: list[str]) -> None:
    shown = "".join(
        span.text for block in blocks("\n".join(lines)) for line in block.lines for span in line
    )
    assert [c for c in shown if c != " "] == [c for line in lines for c in line if c != " "]


@given(st.text(max_size=2000))
def test_prose_of_any_text_is_shown(text: str) -> None:
    blocks(text)


def test_records_of_others_have_a_page_here() -> None:
    base = "https://vallalta.example"
    assert page_path(f"{base}/practices/1", base) == "/practices/1"
    assert page_path("https://lugo.example/practices/1", base) == "/at/lugo.example/practices/1"
    assert page_path("http://127.0.0.1:8101/x/1", base) == "/at/127.0.0.1:8101/x/1"
    assert page_path("https://a.example/ni%C3%B1o", base) == "/at/a.example/ni%25C3%25B1o"
    assert foreign_uris("lugo.example", "practices/1")[0] == "https://lugo.example/practices/1"
