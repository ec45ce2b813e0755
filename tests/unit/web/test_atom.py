"""Any search can be followed by a feed reader (Atom, RFC 4287)."""

import re
from collections.abc import Callable
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest

from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.unit

A = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RFC3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"


def feed(town: Town, query: str = "", **headers: str) -> ET.Element:
    """Return a feed that has what RFC 4287 demands (sections 4.1.1, 4.1.2, 4.2.7)."""
    answer = town.client.get(f"/feed.atom{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/atom+xml"
    root = ET.fromstring(answer.data)
    assert root.tag == f"{A}feed"
    assert root.find(f"{A}author/{A}name") is not None
    for part in (root, *root.findall(f"{A}entry")):
        for name in ("id", "title", "updated"):
            (one,) = part.findall(f"{A}{name}")
            assert one.text
        assert re.match(r"[a-z][a-z0-9+.-]*:\S+$", part.findtext(f"{A}id") or "")
        said = part.findtext(f"{A}updated") or ""
        assert re.fullmatch(RFC3339, said)
        assert datetime.fromisoformat(said).tzinfo
        alternates = [x for x in part.findall(f"{A}link") if x.get("rel") == "alternate"]
        assert len({(x.get("type"), x.get("hreflang")) for x in alternates}) == len(alternates) == 1
        assert all((x.get("href") or "").startswith("https://") for x in part.findall(f"{A}link"))
    (own,) = [x for x in root.findall(f"{A}link") if x.get("rel") == "self"]
    path = (own.get("href") or "").removeprefix(town.base)
    assert town.client.get(path, headers=headers).data == answer.data
    return root


def titles(root: ET.Element) -> list[str]:
    return [one.findtext(f"{A}title") or "" for one in root.findall(f"{A}entry")]


def link(part: ET.Element, relation: str) -> str:
    return next(x.get("href") or "" for x in part.findall(f"{A}link") if x.get("rel") == relation)


def test_a_feed_lists_what_matches_the_newest_first(town: Town) -> None:
    first, _second = town.publish(
        practice("Night bus", theme=["mobility"]), practice("Roof solar", theme=["energy"])
    )
    assert sorted(titles(feed(town))) == ["Night bus", "Roof solar"]
    root = feed(town, "?theme=mobility&lang=en")
    (entry,) = root.findall(f"{A}entry")
    assert entry.findtext(f"{A}id") == first.uri
    assert link(entry, "alternate") == first.uri
    assert "Mobility and transport" in (root.findtext(f"{A}title") or "")
    category = entry.find(f"{A}category")
    assert category is not None
    assert category.get("term") == "mobility"
    results = link(root, "alternate").removeprefix(town.base)
    assert "Night bus" in town.page(results)
    times = [x.findtext(f"{A}updated") or "" for x in feed(town).findall(f"{A}entry")]
    assert times == sorted(times, reverse=True)
    assert feed(town).findtext(f"{A}updated") == times[0]


def test_a_new_version_updates_its_entry(town: Town) -> None:
    (first,) = town.publish(practice("Night bus"))
    before = feed(town)
    town.publish(practice("Night bus, every hour"), uri=first.uri)
    (entry,) = feed(town).findall(f"{A}entry")
    assert entry.findtext(f"{A}id") == before.findtext(f"{A}entry/{A}id") == first.uri
    assert entry.findtext(f"{A}title") == "Night bus, every hour"
    town.retract(first)
    assert titles(feed(town)) == []


def test_titles_come_in_the_language_asked_for_and_say_which(town: Town) -> None:
    town.publish(
        {
            **practice("", summary={"es": "Cada hora."}),
            "title": {"en": "Night bus", "es": "Autobús nocturno"},
        }
    )
    root = feed(town, "?lang=es")
    assert root.get(LANG) == "es"
    assert titles(root) == ["Autobús nocturno"]
    (entry,) = feed(town, "", Accept_Language="en").findall(f"{A}entry")
    summary = entry.find(f"{A}summary")
    assert summary is not None
    assert (summary.text, summary.get(LANG)) == ("Cada hora.", "es")


HOSTILE = [
    "<script>alert(1)</script>",
    "]]><x xmlns='y'/>",
    "a\x00b\x0bc\x1bd\ufffee",
    "&amp; &lt; \"quoted\" 'and'",
    "\u202egnirts",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(town: Town, text: str) -> None:
    town.publish(practice(text, summary={"en": text}, keyword={"en": [text]}))
    root = feed(town)
    (entry,) = root.findall(f"{A}entry")
    shown = entry.findtext(f"{A}title") or ""
    assert shown
    assert set(shown) <= set(text)
    assert "\x00" not in shown
    assert {part.tag for part in entry.iter()} <= {
        A + name for name in ("entry", "id", "title", "updated", "author", "name", "link",
                              "summary", "category")
    }  # fmt: skip
    feed(town, "?q=" + "%3C%5D%5D%3E%00%0B" + "&country=%3Cx%3E%01")


def test_records_of_others_link_to_their_page_here_and_keep_their_address(
    build: Callable[..., Town],
) -> None:
    city, village = build("https://lugo.example", name="Lugo"), build()
    (entry,) = city.publish(practice("Superblocks"))
    village.copy_from(city)
    (shown,) = feed(village).findall(f"{A}entry")
    assert shown.findtext(f"{A}id") == link(shown, "via") == entry.uri
    assert link(shown, "alternate").startswith(village.base + "/at/lugo.example/")
    assert shown.findtext(f"{A}author/{A}name") == "Lugo"


def test_nothing_is_sent_again_to_who_has_it(town: Town) -> None:
    town.publish(practice("Night bus"))
    first = town.client.get("/feed.atom?q=bus")
    assert "no-cache" in first.headers["Cache-Control"]
    again = {"If-None-Match": first.headers["ETag"]}
    unchanged = town.client.get("/feed.atom?q=bus", headers=again)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    town.publish(practice("Roof solar"))
    assert town.client.get("/feed.atom?q=bus", headers=again).status_code == 304
    town.publish(practice("Village bus"))
    assert town.client.get("/feed.atom?q=bus", headers=again).status_code == 200


def test_a_long_feed_has_pages(town: Town) -> None:
    town.publish(*[practice(f"Practice {n}") for n in range(60)])
    root = feed(town)
    assert len(titles(root)) == 50
    rest = feed(town, link(root, "next").removeprefix(town.base + "/feed.atom"))
    assert len(titles(rest)) == 10
    assert len({*titles(root), *titles(rest)}) == 60
    assert len(titles(feed(town, "?limit=5"))) == 5


def test_an_empty_feed_is_a_feed(town: Town) -> None:
    assert titles(feed(town, "?q=zeppelin")) == []


def test_what_a_feed_does_not_understand_it_names(town: Town) -> None:
    answer = town.client.get("/feed.atom?them=mobility", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert "theme" in answer.get_json(force=True)["detail"]


def test_the_results_page_says_where_its_feed_is(town: Town) -> None:
    town.publish(practice("Night bus", theme=["mobility"]))
    page = town.page("/practices?theme=mobility&sort=title&lang=es")
    path = "/feed.atom?theme=mobility&amp;lang=es"
    assert re.search(
        rf'<link rel="alternate" type="application/atom\+xml" [^>]*href="{re.escape(path)}"', page
    )
    assert f'<a href="{path}" type="application/atom+xml">Seguir esta búsqueda</a>' in page
    assert titles(feed(town, path.removeprefix("/feed.atom").replace("&amp;", "&"))) == [
        "Night bus"
    ]
