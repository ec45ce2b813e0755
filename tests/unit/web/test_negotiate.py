import pytest
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from node.web.negotiate import HTML, JSON_LD, RECORD_TYPES, TURTLE, choose, split_suffix

pytestmark = pytest.mark.unit

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def accept(header: str) -> MIMEAccept:
    return parse_accept_header(header, MIMEAccept)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", JSON_LD),
        ("*/*", JSON_LD),
        ("application/json", "application/json"),
        ("application/ld+json", JSON_LD),
        (BROWSER, HTML),
        ("text/html, */*", HTML),
        ("text/turtle;q=0.9, text/html;q=0.2", TURTLE),
        ("text/*", HTML),
        ('application/ld+json;profile="x", text/html;q=0.5', JSON_LD),
        ("image/png", None),
        ("text/html;q=0", None),
        ("text/html;q=0, */*;q=0.1", JSON_LD),
    ],
)
def test_the_best_representation_is_chosen(header: str, expected: str | None) -> None:
    assert choose(accept(header), RECORD_TYPES) == expected


def test_an_ending_asks_for_a_format() -> None:
    assert split_suffix("/practices/01J9.ttl") == ("/practices/01J9", TURTLE)
    assert split_suffix("/practices/01J9") == ("/practices/01J9", None)
    assert split_suffix(".ttl") == (".ttl", None)
