"""The results page, without scripts: every state is an address."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import quote, urlencode

import pytest

from tests.unit.web.towns import Town, practice
from vocab.terms import CONTEXT_URL

pytestmark = pytest.mark.unit


@pytest.fixture
def full(town: Town) -> Town:
    """Six practices of different themes and countries."""
    town.publish(
        practice("Night bus", theme=["mobility"], place={"type": "Place", "country": "ES"}),
        practice("Village bus", theme=["mobility"], place={"type": "Place", "country": "PT"}),
        practice("Bus of books", theme=["education-skills"]),
        practice("Roof solar", theme=["energy"], place={"type": "Place", "country": "ES"}),
        practice("Energy village", theme=["energy", "mobility"]),
        practice("Title only"),
    )
    return town


def titles(page: str) -> list[str]:
    return [
        unescape(text)
        for text in re.findall(r"<h3><a [^>]*><bdi>(.*?)</bdi>", re.sub("</?mark>", "", page))
    ]


def count(page: str, facet: str, code: str) -> int:
    found = re.search(
        rf'name="{facet}" value="{code}".*?class="count">(\d+)<', page.replace("\n", "")
    )
    assert found, (facet, code)
    return int(found.group(1))


def test_words_find_records(full: Town) -> None:
    page = full.page("/practices?q=bus")
    # "bus" is also an everyday word of the theme mobility: those come after the others.
    *named, themed = titles(page)
    assert sorted(named) == ["Bus of books", "Night bus", "Village bus"]
    assert themed == "Energy village"
    assert "4 practices" in page
    assert 'value="bus"' in page


def test_values_of_one_facet_widen_and_facets_narrow(full: Town) -> None:
    page = full.page("/practices?theme=energy&theme=education-skills")
    assert sorted(titles(page)) == ["Bus of books", "Energy village", "Roof solar"]
    page = full.page("/practices?theme=energy&country=ES")
    assert titles(page) == ["Roof solar"]


def test_counts_ignore_the_choice_in_their_own_facet(full: Town) -> None:
    page = full.page("/practices?theme=energy")
    assert count(page, "theme", "mobility") == 3
    assert count(page, "theme", "energy") == 2
    assert count(page, "country", "ES") == 1


def test_choices_can_be_taken_back_one_by_one(full: Town) -> None:
    page = unescape(full.page("/practices?q=bus&theme=mobility&country=ES"))
    assert 'href="/practices?q=bus&country=ES"' in page
    assert 'href="/practices?q=bus&theme=mobility"' in page
    assert 'href="/practices?q=bus"' in page
    assert re.search(r'value="mobility" checked', page)


def test_a_choice_without_results_stays_visible(full: Town) -> None:
    page = full.page("/practices?theme=water&theme=tourism-heritage")
    assert "Nothing matches all of that" in page
    assert re.search(r'value="water" checked', page)
    assert 'href="/practices"' in page


def test_zero_results_help(full: Town) -> None:
    page = full.page("/practices?q=zeppelin&theme=energy&scope=mine")
    for text in ("0 practices", "search without filters", "Search all nodes", "fewer or more"):
        assert text in page, text


def test_chosen_values_come_first_and_long_facets_are_folded(town: Town) -> None:
    themes = ["mobility", "energy", "housing", "water", "governance", "tourism-heritage",
              "digital-data", "local-economy", "climate-nature", "health-care"]  # fmt: skip
    town.publish(*[practice(f"Practice {theme}", theme=[theme]) for theme in themes])
    page = town.page("/practices?theme=water")
    block = page.split('id="facet-theme"')[1].split('id="facet-')[0]
    assert re.findall(r'name="theme" value="([a-z-]+)"', block)[0] == "water"
    assert 'class="more"' in block
    assert "Show 2 more" in block


def test_many_results_have_pages(town: Town) -> None:
    town.publish(*[practice(f"Practice {number:02d}") for number in range(45)])
    first = town.page("/practices?sort=title")
    assert titles(first)[:2] == ["Practice 00", "Practice 01"]
    assert 'rel="next" href="/practices?sort=title&amp;page=2"' in first
    assert 'rel="prev"' not in first
    last = town.page("/practices?sort=title&page=3")
    assert titles(last) == [f"Practice {number}" for number in range(40, 45)]
    assert 'rel="next"' not in last
    assert titles(town.page("/practices?sort=title&page=99")) == titles(last)


def test_a_strange_query_is_answered_with_what_was_understood(full: Town) -> None:
    for query in ('"bus', "bus (", "*", "AND", "title:", "bus AND (night OR", "\\", "~~~", "[a TO"):
        page = full.page("/practices?" + f"q={query}")
        assert "<h1>" in page
    assert "understood like this" in full.page('/practices?q="bus')


def test_matches_are_marked(full: Town) -> None:
    full.publish(practice("Sheep", summary={"en": "A shepherd keeps the firebreaks clear."}))
    assert "<mark>firebreaks</mark>" in full.page("/practices?q=firebreaks")
    assert "<bdi><mark>Sheep</mark></bdi>" in full.page("/practices?q=sheep")


def test_what_an_address_cannot_say_is_ignored(full: Town) -> None:
    page = full.page("/practices?sort=best&page=x&bbox=1&utm_source=mail&theme=energy")
    assert len(titles(page)) == 2


def test_a_map_asks_for_the_same_records(full: Town) -> None:
    place = {"type": "Place", "country": "ES", "lat": 43.0, "long": -7.5}
    full.publish(practice("Bus to the beach", place=place))
    page = unescape(full.page("/practices?q=bus&country=ES"))
    assert len(titles(page)) == 2
    url = re.search(r'data-points="([^"]+)"', page)
    assert url
    (hit,) = full.client.get(url.group(1)).get_json()["hits"]
    assert (hit["title"], hit["latitude"], hit["longitude"]) == ("Bus to the beach", 43.0, -7.5)
    assert full.client.get(hit["url"]).status_code == 200


def test_scope_mine_shows_own_records_only(build: Callable[..., Town]) -> None:
    city, village = build("https://lugo.example", name="Lugo"), build()
    city.publish(practice("Superblocks"))
    village.copy_from(city)
    village.publish(practice("Village bus"))
    assert titles(village.page("/practices?scope=mine")) == ["Village bus"]
    assert len(titles(village.page("/practices"))) == 2
    assert "From Lugo" in village.page("/practices")


def test_scope_cluster_is_who_shares_a_hub_with_us(build: Callable[..., Town]) -> None:
    hub, other_hub = build("https://hub.example", name="Hub"), build("https://far.example")
    friend, stranger = build("https://friend.example"), build("https://stranger.example")
    here = build("https://here.example")
    for one in (hub, other_hub, friend, stranger, here):
        one.publish(practice(f"Of {one.base}"))

    def vouch(by: Town, member: Town, role: str) -> None:
        by.publish(
            {
                "@context": CONTEXT_URL,
                "type": "Membership",
                "memberDid": member.runtime.identity.did,
                "memberKey": member.runtime.identity.key.public_multikey,
                "memberRole": role,
            }
        )

    for member in (friend, here):
        vouch(hub, member, "member")
    vouch(hub, other_hub, "allied-hub")
    vouch(other_hub, stranger, "member")
    for one in (hub, other_hub, friend, stranger):
        here.copy_from(one)
    found = set(titles(here.page("/practices?scope=cluster")))
    assert found == {
        "Of https://hub.example",
        "Of https://friend.example",
        "Of https://here.example",
    }
    assert len(titles(here.page("/practices"))) == 5
    page = here.client.get("/api/v1/search?facets=cluster").get_json()
    counted = {value["label"]: value["count"] for value in page["facets"]["cluster"]}
    assert counted == {"Hub": 3, "Vallalta": 2}
    value = page["facets"]["cluster"][0]
    chosen = here.client.get("/api/v1/search", query_string={"cluster": value["value"]})
    assert {hit["title"] for hit in chosen.get_json()["hits"]} == found
    assert here.client.get("/api/v1/search?cluster=did:web:nobody.example").get_json()["total"] == 0


def test_home_shows_themes_and_the_latest(full: Town) -> None:
    page = full.page("/")
    assert 'href="/practices?theme=mobility"' in page
    assert len(titles(page)) == 6
    assert "There is no practice here yet" not in page


def test_an_empty_node_says_what_to_do(town: Town) -> None:
    assert "lonja publish" in town.page("/")
    assert "0 practices" in town.page("/practices")


def test_practices_are_chosen_to_compare_along_the_way(full: Town) -> None:
    first = unescape(full.page("/practices?q=bus&country=ES"))
    (added,) = re.findall(r'href="(/practices\?[^"]*compare=[^"]*)#comparison"', first)
    assert 'id="comparison"' not in first
    page = unescape(full.page(added))
    assert "Chosen to compare" in page
    uri = re.search(r'form="search" name="compare" value="([^"]+)"', page)
    assert uri  # a changed filter keeps it
    assert f"compare={quote(uri[1], safe='')}" in link_named(page, "Clear all")
    assert "/compare?uri=" not in page  # one alone is compared with nothing
    assert '<meta name="robots" content="noindex">' in page
    assert 'canonical" href="https://vallalta.example/practices?q=bus&country=ES"' in page
    for address in re.findall(r'(?:data-points|/feed\.atom|/api/v1/search)[^"]*', page):
        assert "compare=" not in address


def test_three_practices_are_compared_at_most(full: Town) -> None:
    hits = full.client.get("/api/v1/search?limit=4").get_json()["hits"]
    uris = [hit["uri"] for hit in hits]
    pairs = [("compare", uri) for uri in [*uris, uris[0], "https://x.example/none"]]
    page = unescape(full.page(f"/practices?{urlencode(pairs)}"))
    assert f"/compare?{urlencode([('uri', uri) for uri in uris[:3]])}" in page
    assert page.count("Chosen to compare</p>") == 3
    assert "#comparison" not in page
    assert full.client.get(f"/practices?{urlencode(pairs)}").text.count("Compare 3 practices") == 1
    assert full.client.get(f"/api/v1/search?compare={uris[0]}").status_code == 400


def link_named(page: str, name: str) -> str:
    found = re.search(rf'<a href="([^"]*)">{name}</a>', page)
    assert found, name
    return found[1]
