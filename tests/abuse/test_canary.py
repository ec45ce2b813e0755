"""What must never leave the node is in no byte that it gives out, and in no file but the database.

Canaries: a draft and what was said of it, accounts and their mail addresses, an observation before
it was looked at, the address and the receipt code of whoever sent it, the record of their consent.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest

from federation.journal.verify import verify_entries
from node.accounts.roles import Role
from node.app import create_app
from node.local.alerts import Wanted
from node.services import accounts, drafts, observations
from node.services.accounts import COMMAND, Invitation, NewToken
from node.services.alerts import follow
from node.services.bundle import export_bundle
from node.services.export import EXPORT_FORMATS, export
from node.services.indexer import follow_once
from node.services.observations import Said
from tests.unit.web.conftest import build
from tests.unit.web.towns import Town, practice
from vocab.terms import CONTEXT_URL

pytestmark = pytest.mark.abuse
__all__ = ["build"]

ACCEPTS = ("text/html", "application/json", "application/ld+json", "text/turtle", "*/*")
SAMPLES = {"collection": "practices", "number": "1", "facet": "theme", "scheme": "theme"}


@pytest.fixture
def town(build: Callable[..., Town]) -> Town:
    """A node with an organisation that can send mail."""
    own = "https://lugo.example/organisations/own"
    return build("https://lugo.example", organisation_uri=own, smtp="mail.example.org:25")


@pytest.fixture
def canaries(town: Town) -> dict[str, str]:
    """What must not be found, by what it is."""
    (entry,) = town.publish(practice("A public practice"))
    runtime, did = town.runtime, town.runtime.identity.did
    person = accounts.add_account(
        runtime, COMMAND, Invitation("canary.person@lugo.example", "Canarypersonname", Role.OWNER)
    )
    accounts.choose_password(runtime, person, "canary password that nobody knows")
    token = accounts.new_token(runtime, COMMAND, person, NewToken("canarytoken", ["read"], 9))
    holder = accounts.token_holder(runtime, token)
    assert holder is not None
    body = practice("Canarydrafttitle", theme=["mobility"])
    draft = drafts.keep(runtime, holder, body, did)
    drafts.comment(runtime, holder, draft, "Canarycommenttext")
    said = Said(
        entry.uri, did, "idea", "Canaryobservationtext", "en", "2026-01", mail="c@canary.eu"
    )
    wanted = Wanted("q=Canarysearch", "en", "mail", "canary.reader@lugo.example")
    alert = follow(runtime, wanted, confirmed=False)
    code = observations.receive(runtime, said)
    found = observations.by_code(runtime, code)
    assert found is not None
    follow_once(runtime)
    return {
        "login": "canary.person",
        "name": "Canarypersonname",
        "password": "canary password",
        "token": token,
        "token name": "canarytoken",
        "draft": "Canarydrafttitle",
        "draft key": draft.key,
        "comment": "Canarycommenttext",
        "observation": "Canaryobservationtext",
        "mail": "c@canary.eu",
        "follower": "canary.reader",
        "followed search": "Canarysearch",
        "follower's link": alert.token,
        "receipt": code.replace("-", ""),
        "consent": str(found.consent["subjectRef"]),
    }


HELD_BACK = (
    practice("Canaryprivate", visibility="private"),
    practice("Canarynodeonly", visibility="node-only"),
    practice("Canarykey", moderationNote="Canaryunknownkey"),
    practice("Canarypart", contact={"type": "Person", "name": {"en": "Canaryperson"}}),
    {"@context": CONTEXT_URL, "type": "ConsentRecord", "title": {"en": "Canaryconsent"}},
)
"""Records that no check of the program lets in, written past all of them into the journal."""


def answers(town: Town, also: Sequence[str] = ()) -> Iterator[tuple[str, bytes]]:
    """Yield what a visitor gets at every address that the node answers, and at some records'."""
    app = create_app(town.runtime)
    client = app.test_client()
    entries = list(town.runtime.journal.records(origin_did=town.runtime.identity.did))
    paths = {entry.uri.removeprefix(town.base) for entry in entries}
    paths |= {entry.version_uri.removeprefix(town.base) for entry in entries}
    for uri in also:
        paths |= {uri.removeprefix(town.base), f"{uri.removeprefix(town.base)}/v/1"}
    paths |= {f"{path}.{ending}" for path in paths for ending in ("jsonld", "ttl", "csv", "nt")}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            paths.add(re.sub(r"<[^>]*?(\w+)>", lambda m: SAMPLES.get(m[1], "1"), rule.rule))
    queries = ("", "?q=canary*", "?q=public", "?lang=es&type=any", "?format=csv", "?format=geojson")
    for path, query, accept in product(sorted(paths), queries, ACCEPTS):
        if query and not path.startswith(("/practices", "/api/v1/search", "/feed.atom")):
            continue
        answer = client.get(path + query, headers={"Accept": accept})
        yield f"{path}{query} as {accept}", answer.data + str(answer.headers).encode()


def test_no_answer_holds_a_canary(town: Town, canaries: dict[str, str]) -> None:
    seen = 0
    for address, answer in answers(town):
        seen += 1
        found = [name for name, canary in canaries.items() if canary.encode() in answer]
        assert not found, f"{found} at {address}"
    assert seen > 200


def test_no_dump_bundle_or_index_holds_a_canary(
    town: Town, canaries: dict[str, str], tmp_path: Path
) -> None:
    export_bundle(town.runtime, tmp_path / "bundle")
    given = {"bundle": (tmp_path / "bundle").read_bytes()}
    for form in ("ndjson", "nquads", "csv"):
        given[form] = b"".join(export(town.runtime, form))
    data = town.runtime.settings.data
    for file in sorted(data.rglob("*")):
        if file.is_file() and not file.name.startswith("journal.sqlite3"):
            given[str(file.relative_to(data))] = file.read_bytes()
    for name, held in given.items():
        found = [what for what, canary in canaries.items() if canary.encode() in held]
        assert not found, f"{found} in {name}"
    assert any(name.startswith("index/") for name in given)


@pytest.fixture
def slipped(town: Town) -> list[str]:
    """Addresses of records that are in the journal though they should not be."""
    town.publish(practice("A public practice"))
    named = [(f"{town.base}/practices/slipped-{n}", one) for n, one in enumerate(HELD_BACK)]
    return [town.publish(document, uri=uri)[0].uri for uri, document in named]


def test_what_slipped_into_the_journal_leaves_it_by_no_exit(
    town: Town, slipped: list[str], tmp_path: Path
) -> None:
    given = dict(answers(town, slipped))
    assert any(uri.removeprefix(town.base) in address for address in given for uri in slipped)
    export_bundle(town.runtime, tmp_path / "bundle")
    given["bundle"] = (tmp_path / "bundle").read_bytes()
    for form in EXPORT_FORMATS:
        given[form] = b"".join(export(town.runtime, form))
    data = town.runtime.settings.data
    for file in sorted(data.rglob("*")):
        if file.is_file() and not file.name.startswith("journal.sqlite3"):
            given[str(file.relative_to(data))] = file.read_bytes()
    for name, held in given.items():
        assert not re.search(rb"Canary[a-z]", held), name
    assert b"A public practice" in given["ndjson"]


def test_what_slipped_into_the_journal_is_named_by_verify(town: Town, slipped: list[str]) -> None:
    faults = verify_entries(town.runtime.store).faults
    named = {fault.uri.rpartition("/v/")[0] for fault in faults}
    assert named == set(slipped)
    assert {fault.rule for fault in faults} == {"withheld"}


def test_secrets_are_in_no_file_at_all(town: Town, canaries: dict[str, str]) -> None:
    town.runtime.store.checkpoint()
    data = town.runtime.settings.data
    held = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    for what in ("password", "token", "receipt"):
        assert canaries[what].encode() not in held, what
