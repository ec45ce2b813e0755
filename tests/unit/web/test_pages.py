"""What holds for every page: language, headers, addresses, hostile text."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.unit

PAGES = ("/", "/practices", "/organisations", "/clusters", "/network", "/about", "/privacy",
         "/accessibility", "/developers", "/ns", "/nothing-here")  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_pages_allow_nothing_but_our_own_files(town: Town, page: str) -> None:
    answer = town.client.get(page, headers={"Accept": "text/html"})
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Referrer-Policy" in answer.headers
    assert answer.headers["Strict-Transport-Security"]
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert not re.search(r"\son[a-z]+=", answer.text)
    for script in re.findall(r"<script[^>]*>", answer.text):
        assert 'src="/static/' in script or "application/ld+json" in script
    for source in re.findall(r'(?:src|href)="(https?://[^"]+)"', answer.text):
        assert source.startswith(town.base), source


@pytest.mark.parametrize("page", PAGES)
def test_pages_speak_spanish_when_asked(town: Town, page: str) -> None:
    answer = town.client.get(f"{page}?lang=es", headers={"Accept": "text/html"})
    assert '<html lang="es" dir="ltr">' in answer.text
    assert answer.headers["Content-Language"] == "es"
    assert "Saltar al contenido" in answer.text
    assert {"Accept", "Accept-Language", "Cookie"} <= set(answer.vary)


def test_the_chosen_language_is_remembered(town: Town) -> None:
    answer = town.client.get("/?lang=es", headers={"Accept-Language": "en"})
    cookie = answer.headers["Set-Cookie"]
    assert "lang=es" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" in cookie
    assert 'lang="es"' in town.page("/about", **{"Accept-Language": "en"})
    assert "Set-Cookie" not in town.client.get("/about").headers


def test_an_unknown_language_changes_nothing(town: Town) -> None:
    answer = town.client.get("/?lang=../../x", headers={"Accept-Language": "zz"})
    assert '<html lang="en"' in answer.text
    assert "Set-Cookie" not in answer.headers


def test_switching_language_keeps_the_search(town: Town) -> None:
    page = town.page("/practices?q=bus&theme=mobility&theme=energy&lang=en")
    form = page.split('class="language"')[1].split("</form>")[0]
    assert '<input type="hidden" name="q" value="bus">' in form
    assert form.count('name="theme"') == 2
    assert 'type="hidden" name="lang"' not in form


def test_canonical_addresses_carry_no_language(town: Town) -> None:
    page = town.page("/practices?q=bus&lang=es")
    assert '<link rel="canonical" href="https://vallalta.example/practices?q=bus">' in page
    assert 'hreflang="en" href="https://vallalta.example/practices?q=bus&amp;lang=en"' in page
    assert 'hreflang="x-default" href="https://vallalta.example/practices?q=bus"' in page


def test_the_host_header_writes_no_addresses(town: Town) -> None:
    page = town.page("/practices", Host="evil.example")
    assert "evil.example" not in page


def test_a_trial_says_so_on_every_page(build: Callable[..., Town]) -> None:
    trial = build("http://127.0.0.1:8199")
    for page in PAGES:
        assert (
            "This is a trial node." in trial.client.get(page, headers={"Accept": "text/html"}).text
        )
    answer = trial.client.get("/?lang=es")
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in answer.headers


def test_a_node_below_a_path_writes_its_addresses_so(build: Callable[..., Town]) -> None:
    below = build("https://example.org/lonja")
    (entry,) = below.publish(practice("Bus"))
    for prefix in ("", "/lonja"):  # a proxy may strip the path or not
        page = below.page(prefix + "/practices")
        assert 'href="/lonja/practices"' in page
        assert 'src="/lonja/static/' in page
        path = entry.uri.removeprefix("https://example.org/lonja")
        assert f'href="/lonja{path}"' in page
        assert below.client.get(prefix + path).data == entry.body
        assert below.client.get(prefix + "/did.json").get_json()["id"].endswith("example.org:lonja")
    hit = below.client.get("/api/v1/search").get_json()["hits"][0]
    assert hit["url"].startswith("/lonja/practices/")


PAYLOADS = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }} ${7*7}",
    "\u202egnp.exe\u2066 \u200bhidden",
    "javascript:alert(1)",
    "<!--<b>&amp;",
)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.bad: list[Any] = []
        self.links: list[str] = []
        self.shown = ""
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside != "script":
            self.shown += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.inside = tag
        if tag == "img" or any(name.startswith("on") for name in names):
            self.bad.append((tag, attrs))
        if tag == "script" and "src" not in names and names.get("type") != "application/ld+json":
            self.bad.append((tag, attrs))
        if tag == "a":
            self.links.append(names.get("href") or "")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_stays_text(town: Town, payload: str) -> None:
    document = practice(
        payload,
        summary={"en": payload},
        description={"en": f"# {payload}\n- {payload}\n\n[x]({payload}) {payload}"},
        keyword={"en": [payload]},
        organisationName=[payload],
        credit=payload,
        source="javascript:alert(1)",
        license="javascript:alert(1)",
        seeAlso=["javascript:alert(1)", "https://good.example/"],
        importNote=payload,
        theme=[payload],
        place={"type": "Place", "name": {"en": payload}, "countryName": payload},
        contact={"contactName": payload, "email": "javascript:alert(1)", "contactPage": payload},
        step=[{"type": "Step", "title": {"en": payload}}],
        result=[{"type": "Result", "indicator": {"en": payload}, "unit": payload}],
        asset=[{"type": "Asset", "title": {"en": payload}, "url": "javascript:alert(1)"}],
    )
    (entry,) = town.publish(document)
    for url in (entry.uri.removeprefix(town.base), "/practices", "/", "/practices?q=alert"):
        page = town.page(url)
        tags = _Tags()
        tags.feed(page)
        assert tags.bad == [], url
        assert not [link for link in tags.links if link.lower().startswith(("javascript", "data"))]
        assert "49 49" not in page
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b]", tags.shown)
    hostile = town.client.get(f"/practices?q={payload}&theme={payload}&lang={payload}")
    tags = _Tags()
    tags.feed(hostile.text)
    assert tags.bad == []


def test_a_record_of_a_newer_vocabulary_still_has_a_page(town: Town) -> None:
    strange = practice(
        "Strange",
        summary="plain text",
        place=[1, {"lat": "north"}],
        cost="much",
        step={"order": "first"},
        coCreation={"participation": [{"participants": "many", "level": ["a"]}]},
        result=[None, "x", {"baseline": True, "value": "high"}],
        startDate="soon",
        keyword=["a"],
        language="xx-yy",
        contact="x",
        mentoring=[],
        theme={"level": 1},
    )
    (entry,) = town.publish(strange)
    assert "Strange" in town.page(entry.uri.removeprefix(town.base))
    assert "Strange" in town.page("/practices")


def test_identity_is_served_where_did_web_looks_for_it(town: Town) -> None:
    document = town.client.get("/.well-known/did.json").get_json(force=True)
    assert document["id"] == "did:web:vallalta.example"
    key = document["verificationMethod"][0]
    assert key["publicKeyMultibase"] == town.runtime.identity.key.public_multikey


def test_programs_and_crawlers_find_their_way(town: Town) -> None:
    (entry,) = town.publish(practice("Bus"))
    (gone,) = town.publish(practice("Gone"))
    town.retract(gone)
    catalog = town.client.get("/.well-known/api-catalog")
    assert catalog.mimetype == "application/linkset+json"
    anchors = {link["anchor"] for link in json.loads(catalog.data)["linkset"]}
    assert f"{town.base}/feed" in anchors
    assert f"Sitemap: {town.base}/sitemap.xml" in town.client.get("/robots.txt").text
    sitemap = town.client.get("/sitemap.xml").text
    assert f"<loc>{entry.uri}</loc>" in sitemap
    assert gone.uri not in sitemap
    assert "{searchTerms}" in town.client.get("/opensearch.xml").text


def test_the_vocabulary_explains_itself(town: Town) -> None:
    turtle = town.client.get("/ns", headers={"Accept": "text/turtle"})
    assert turtle.mimetype == "text/turtle"
    assert b"BestPractice" in turtle.data
    page = town.page("/ns")
    assert "BestPractice" in page
    assert "Mobility and transport" in page
    context = town.client.get("/context/v1").get_json(force=True)
    assert "@context" in context
    assert town.client.get("/context/v1").headers["Access-Control-Allow-Origin"] == "*"


def test_health_is_told_apart_from_readiness(town: Town) -> None:
    assert town.client.get("/healthz").get_json() == {"status": "ok"}
    answer = town.client.get("/readyz")
    assert answer.status_code == 503  # nobody has heard of the worker
    checks = answer.get_json()["checks"]
    assert checks["journal"]["ok"]
    assert checks["index"]["ok"]
    assert not checks["worker"]["ok"]
    (town.runtime.settings.data / "worker.heartbeat").touch()
    assert town.client.get("/readyz").status_code == 200


def test_a_page_is_compressed_for_slow_lines(town: Town) -> None:
    plain = town.client.get("/practices", headers={"Accept": "text/html"})
    for coding in ("gzip", "zstd"):
        packed = town.client.get(
            "/practices", headers={"Accept": "text/html", "Accept-Encoding": coding}
        )
        assert packed.headers["Content-Encoding"] == coding
        assert len(packed.data) < len(plain.data) / 2
        assert "Accept-Encoding" in packed.vary


def test_whoosh_serves_the_same_pages(build: Callable[..., Town]) -> None:
    small = build(search="whoosh")
    small.publish(practice("Village bus", theme=["mobility"]))
    assert "Village <mark>bus</mark>" in small.page("/practices?q=bus&theme=mobility")


@pytest.mark.parametrize(
    "address",
    [
        "/practices?q=%ff%fe",
        "/practices?q=%00",
        "/practices?q=" + "(" * 400,
        "/practices?q=" + "a*" * 200,
        "/practices?" + "&".join(f"theme=t{number}" for number in range(400)),
        "/practices?page=%F0%9F%98%80",
        "/practices/%00",
        "/practices/%ff",
        "/practices/..%2f..%2fkeys",
        "/at/%20/x",
        "/at/[::1]/x",
        "/at/a.example/" + "x/" * 200,
        "/at/a.example/practices/1/v/99999999999999999999",
        "/at/a.example/practices/%E2%80%AE",
        "/feed/99999999999999999999",
        "/network/runs/99999999999999999999",
        "/network/runs/1?page=99999",
        "/organisations?page=500",
        "/api/v1/search?cursor=%ff%00",
        "/api/v1/search?cursor=eyJhIjoxfQ",
        "/api/v1/search?q=" + "title:" * 100,
        "/static/%00",
        "/ns?lang=%ff",
    ],
)
def test_no_address_makes_the_node_fail(town: Town, address: str) -> None:
    town.publish(practice("Village bus"))
    for accept in ("text/html", "*/*", "application/ld+json", "not a type;;q=x"):
        answer = town.client.get(address, headers={"Accept": accept, "Accept-Language": "%%%;q=z"})
        assert answer.status_code < 500, (address, accept)


def test_what_changes_nothing_is_all_that_is_taken(town: Town) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        for path in ("/", "/practices", "/feed", "/network"):
            answer = town.client.open(path, method=method, data=b"x" * 100)
            assert answer.status_code == 405, (method, path)
    assert town.client.head("/practices", headers={"Accept": "text/html"}).status_code == 200
