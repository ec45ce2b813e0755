"""Writing in the browser: drafts, what is missing, two editors at once, review, publication."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from node.accounts.roles import Role
from node.app import create_app
from node.services import accounts, drafts
from node.services.accounts import COMMAND, Invitation
from node.services.drafts import publish_due
from node.services.hosted import add_origin, let_go
from tests.unit.web.towns import Town, practice
from vocab.terms import CONTEXT_URL, JsonObject

pytestmark = pytest.mark.integration

PASSWORD = "four quiet herons landing"
ESSENTIALS = {
    "/title/es": "Autobús a demanda",
    "/summary/es": "Un autobús que se pide por teléfono.",
    "/problem/es": "Sin transporte entre aldeas.",
    "/solution/es": "Un taxi compartido con horario.",
    "/theme": ["mobility"],
    "/place/name/es": "Lugo",
    "/place/country": "ES",
    "/place/population": "98000",
    "/startDate": "2024-03-01",
    "/result/0/indicator/es": "Viajes al mes",
    "/result/0/value": "410",
    "/evidenceLevel": "monitored",
    "/maturity": "operational",
    "/contact/email": "mobilidade@lugo.example",
    "/license": "https://creativecommons.org/licenses/by/4.0/",
}

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def town(build: Callable[..., Town]) -> Town:
    """A node with an organisation."""
    return build(organisation_uri="https://vallalta.example/organisations/lugo")


@pytest.fixture
def sign_in(town: Town) -> SignIn:
    """Make the browser of somebody with a role."""

    def make(role: Role = Role.OWNER, origin: str = "") -> FlaskClient:
        wanted = Invitation(f"{role}{origin[-8:]}@lugo.example", f"A {role}", role, origin)
        made = accounts.add_account(town.runtime, COMMAND, wanted)
        assert accounts.choose_password(town.runtime, made, PASSWORD) == ""
        client = create_app(town.runtime).test_client()
        form = {"login": made.login, "password": PASSWORD}
        assert client.post("/account/enter", data=form).status_code == 303
        return client

    return make


def send(client: FlaskClient, path: str, **form: object) -> TestResponse:
    page = client.get("/desk").text
    found = re.search(r'name="form_token" value="([^"]+)"', page) or re.search(
        r'name="form_token" value="([^"]+)"', client.get("/account").text
    )
    assert found is not None
    return client.post(path, data={"form_token": found[1], **form})


def begin(client: FlaskClient, town: Town, record_type: str = "BestPractice") -> str:
    answer = send(client, "/desk/new", type=record_type, origin=town.runtime.identity.did)
    assert answer.status_code == 303
    return answer.headers["Location"]


def fill(client: FlaskClient, path: str, town: Town, **more: object) -> TestResponse:
    """Send the first step as somebody typed it."""
    lead = town.runtime.settings.organisation_uri
    form = {**ESSENTIALS, "/lead": lead, "step": "essentials", **more}
    return send(client, path, revision=revision(client, path), **form)


def revision(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', client.get(path).text)
    assert found is not None
    return found[1]


def found_in(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found is not None
    return found[1]


def draft_of(town: Town, path: str) -> JsonObject:
    found = drafts.drafts(town.runtime).find(path.rpartition("/")[2])
    assert found is not None
    return found.body


def test_an_officer_publishes_from_an_empty_form(town: Town, sign_in: SignIn) -> None:
    client = sign_in()
    path = begin(client, town)
    page = client.get(path).text
    assert "can be published" not in page.split("What is still to do")[0]
    assert fill(client, path, town).status_code == 303
    assert "Nothing is missing" in client.get(path).text
    answer = send(client, f"{path}/publish", revision=revision(client, path))
    assert answer.status_code == 303
    record = client.get(answer.headers["Location"], headers={"Accept": "text/html"})
    assert "Autobús a demanda" in record.text
    assert "Published. Other nodes" in record.text
    entry = town.runtime.journal.current(town.base + answer.headers["Location"])
    assert entry is not None
    assert b'"value":410' in entry.body
    assert client.get(path).status_code == 404  # the draft is gone


def test_publishing_takes_what_is_typed_but_not_saved_yet(town: Town, sign_in: SignIn) -> None:
    client = sign_in()
    answer = fill(client, begin(client, town), town, act="publish")
    assert answer.headers["Location"].startswith("/practices/")
    assert "Autobús a demanda" in client.get(answer.headers["Location"]).text
    path = begin(client, town)
    answer = fill(client, path, town, act="publish", **{"/theme": []})
    assert answer.headers["Location"].startswith(path)  # something is missing, nothing is lost
    assert "Autobús a demanda" in client.get(path).text


def test_an_adaptation_under_way_is_asked_how_it_goes(town: Town, sign_in: SignIn) -> None:
    client = sign_in()
    lead = town.runtime.settings.organisation_uri
    (source,) = town.publish(practice("Bus"))
    (entry,) = town.publish(
        practice(
            "Our bus",
            type="Adaptation",
            adaptedFrom=[source.uri],
            stage="interested",
            theme=["mobility"],
            lead=lead,
            summary={"en": "A bus that comes when somebody calls."},
            place={"type": "Place", "name": {"en": "Lugo"}, "country": "ES"},
            kept={"en": "The phone"},
            changed={"en": "Smaller cars"},
        )
    )
    assert "Say how it goes" in client.get("/desk").text
    path = send(client, "/desk/change", uri=entry.uri).headers["Location"]
    page = client.get(path).text
    assert page.index("How it goes") < page.index("What it is")
    told = {
        "/stage": "abandoned",
        "/changed/en": "Smaller cars",
        "/setupMonths": "7",
        "/difficulty/en": "No driver was found",
        "/lesson/en": "Ask the drivers first",
    }
    answer = send(
        client, path, revision=revision(client, path), step="progress", act="publish", **told
    )
    assert answer.headers["Location"].startswith("/practices/"), client.get(path).text
    shown = client.get(answer.headers["Location"], headers={"Accept": "text/html"}).text
    for words in ("Abandoned, with lessons", "No driver was found", "The phone"):
        assert words in shown
    went = shown.split('id="course"')[1]  # stage by stage, what was said before is not lost
    assert went.index("Interested") < went.index("Abandoned, with lessons")
    assert went.index("Abandoned, with lessons") < went.index("No driver was found")


def test_a_draft_keeps_whatever_was_typed(town: Town, sign_in: SignIn) -> None:
    client = sign_in()
    path = begin(client, town)
    typed = {"/title/es": "A\r\n", "/startDate": "in spring", "/place/population": "many"}
    send(client, path, revision="1", step="essentials", **typed)
    page = client.get(path).text
    assert 'value="in spring"' in page
    assert 'value="many"' in page
    assert "2024-03-31" in client.get(path + "?lang=es").text  # and how to mend it
    answer = send(client, f"{path}/publish", revision=revision(client, path))
    assert answer.headers["Location"].startswith(path)  # it is not published, and nothing is lost
    assert 'value="many"' in client.get(path).text


def test_two_editors_never_overwrite_each_other(town: Town, sign_in: SignIn) -> None:
    ana, eva = sign_in(Role.OWNER), sign_in(Role.EDITOR)
    path = begin(ana, town)
    seen = revision(ana, path)
    assert revision(eva, path) == seen
    send(ana, path, revision=seen, step="essentials", **{"/title/en": "By Ana"})
    clash = send(eva, path, revision=seen, step="essentials", **{"/title/en": "By Eva"})
    assert clash.status_code == 409
    assert "By Eva" in clash.text  # nothing that she typed is lost
    assert "saved this draft meanwhile" in clash.text
    assert "Title" in clash.text
    assert "By Ana" in ana.get(path).text
    fresh = re.search(r'name="revision" value="(\d+)"', clash.text)
    assert fresh is not None
    send(eva, path, revision=fresh[1], step="essentials", **{"/title/en": "By Eva"})
    assert "By Eva" in ana.get(path).text


def test_what_only_one_of_two_has_changed_is_kept_of_both(town: Town, sign_in: SignIn) -> None:
    ana, eva = sign_in(Role.OWNER), sign_in(Role.EDITOR)
    path = begin(ana, town)
    send(ana, path, revision="1", step="essentials", **{"/title/en": "A bus", "/summary/en": "Old"})
    page = eva.get(path).text
    shown = unescape(found_in(page, r'name="seen" value="([^"]+)"'))
    seen = revision(eva, path)
    by_ana = {"/title/en": "A bus", "/summary/en": "By Ana", "/problem/en": "No bus"}
    send(ana, path, revision=seen, step="essentials", **by_ana)
    by_eva = {"/title/en": "A bus by Eva", "/summary/en": "Old"}
    answer = send(eva, path, revision=seen, seen=shown, step="essentials", **by_eva)
    assert answer.status_code == 303
    body = draft_of(town, path)
    assert body["title"] == {"en": "A bus by Eva"}
    assert body["summary"] == {"en": "By Ana"}
    assert body["problem"] == {"en": "No bus"}
    both = {"/title/en": "A bus by Eva", "/summary/en": "By Eva"}
    clash = send(eva, path, revision=seen, seen=shown, step="essentials", **both)
    assert clash.status_code == 409
    assert "<del>By Ana</del>" in clash.text  # theirs and her own, side by side
    assert "<ins>By Eva</ins>" in clash.text
    assert 'value="A bus by Eva"' in clash.text
    assert "No bus" in clash.text


def test_whatever_somebody_does_beside_the_form_keeps_what_is_typed(
    town: Town, sign_in: SignIn
) -> None:
    client = sign_in()
    path = begin(client, town)
    acts = ("goto:repeat", "goto:essentials#/place", "preview", "comment", "find", "language")
    for number, act in enumerate(acts, 1):
        typed = {"/title/en": f"Typed before {act}", "comment": "Look", "language": "fr"}
        answer = send(client, path, revision=str(number), step="essentials", act=act, **typed)
        assert answer.status_code == 303
        assert draft_of(town, path)["title"] == {"en": f"Typed before {act}"}
        assert client.get(answer.headers["Location"]).status_code == 200
    assert "Look" in client.get(path).text
    answer = send(client, path, revision="7", step="essentials", act="goto:essentials#/place")
    assert answer.headers["Location"] == f"{path}?step=essentials&checked=1#f-place"
    file = (io.BytesIO(b"a;b\n1;2\n"), "costs.csv")
    typed = {"/openness": ["open-source"], "revision": "8", "step": "proof", "file": file}
    send(client, path + "/files", **typed)
    body = draft_of(town, path)
    assert body["openness"] == ["open-source"]
    assert "asset" in body


def test_the_list_of_what_is_missing_is_asked_for_without_saving(
    town: Town, sign_in: SignIn
) -> None:
    client = sign_in()
    path = begin(client, town)
    lead = town.runtime.settings.organisation_uri
    form = {**ESSENTIALS, "/lead": lead, "step": "essentials", "act": "check", "revision": "1"}
    assert "Nothing is missing" in send(client, path, **form).text
    assert "title" not in draft_of(town, path)


def test_an_editor_hands_in_and_a_reviewer_decides(town: Town, sign_in: SignIn) -> None:
    editor, reviewer = sign_in(Role.EDITOR), sign_in(Role.REVIEWER)
    path, before = begin(editor, town), town.runtime.journal.count()
    early = send(editor, path, revision="1", step="essentials", act="submit")
    assert "Something is still missing" in editor.get(early.headers["Location"]).text
    fill(editor, path, town)
    assert send(editor, f"{path}/publish", revision=revision(editor, path)).status_code == 403
    assert fill(editor, path, town, act="publish").headers["Location"].startswith(path)
    assert town.runtime.journal.count() == before
    fill(editor, path, town, act="submit", note="Please look")
    assert "Waits for review" in reviewer.get("/desk").text
    assert "Please look" in reviewer.get(path).text
    denied = send(editor, path, revision=revision(reviewer, path), step="essentials")
    assert denied.status_code == 403  # while it is reviewed
    fill(reviewer, path, town, act="return", note="Say who paid")
    assert "Say who paid" in editor.get(path).text
    fill(editor, path, town, act="submit")
    assert send(reviewer, f"{path}/publish", revision=revision(reviewer, path)).status_code == 303
    acts = [act.act for act in accounts.audit(town.runtime).list()]
    assert "published" in acts


def test_a_change_becomes_a_new_version_and_undoes_nobody_s(town: Town, sign_in: SignIn) -> None:
    client = sign_in()
    path = begin(client, town)
    fill(client, path, town)
    page = send(client, f"{path}/publish", revision=revision(client, path)).headers["Location"]
    uri = town.base + page
    change = send(client, "/desk/change", uri=uri).headers["Location"]
    assert send(client, "/desk/change", uri=uri).headers["Location"] == change  # one draft a record
    fill(client, change, town, **{"/title/es": "Autobús a demanda, mejor"})
    preview = client.get(change + "/preview").text
    assert "<del" in preview
    assert "mejor" in preview
    first = town.runtime.journal.current(uri)
    assert first is not None
    document = {**drafts.document_of(first), "keyword": {"es": ["aldea"]}}
    for key in ("id", "proof", "isVersionOf", "version", "seq", "origin", "previous", "issued"):
        document.pop(key, None)
    town.publish(document, uri=uri)
    answer = send(client, f"{change}/publish", revision=revision(client, change))
    assert answer.status_code == 409
    assert "aldea" in answer.text  # what publishing would undo
    over = re.search(r'name="over" value="([^"]+)"', answer.text)
    assert over is not None
    again = send(client, f"{change}/publish", revision=revision(client, change), over=over[1])
    assert again.headers["Location"] == page
    current = town.runtime.journal.current(uri)
    assert current is not None
    assert current.version == 3


def test_a_publication_can_wait_for_its_time(town: Town, sign_in: SignIn) -> None:
    client = sign_in()
    path = begin(client, town)
    fill(client, path, town)
    now = town.runtime.clock()
    at = f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}"
    stale = revision(client, path)
    typed = {"/title/es": "Autobús a demanda, por fin"}  # and not saved before
    fill(client, path, town, act="schedule", at=at, **typed)
    late = {"/title/es": "Otra cosa", "step": "essentials", "act": "schedule", "at": at}
    assert send(client, path, revision=stale, **late).status_code == 409  # of what it shows no more
    assert "Will be published" in client.get("/desk").text
    assert publish_due(town.runtime) == 0
    assert publish_due(replace(town.runtime, clock=lambda: now + timedelta(days=2))) == 1
    assert client.get(path).status_code == 404
    assert "Autobús a demanda, por fin" in client.get("/desk").text


def test_parts_come_and_go_without_a_script(town: Town, sign_in: SignIn) -> None:
    client = sign_in()
    path = begin(client, town)
    steps = {"/step/0/title/en": "First", "/step/1/title/en": "Second"}
    answer = send(client, path, revision="1", step="repeat", act="add:/step", **steps)
    assert answer.headers["Location"].endswith("?step=repeat&more=/step#f-step")
    assert 'name="/step/2/title/en"' in client.get(answer.headers["Location"]).text
    send(client, path, revision="2", step="repeat", act="remove:/step/0", **steps)
    found = drafts.drafts(town.runtime).find(path.rpartition("/")[2])
    assert found is not None
    assert found.body["step"] == [{"title": {"en": "Second"}, "order": 1}]


def test_a_place_is_filled_in_by_its_name(town: Town, sign_in: SignIn) -> None:
    client = sign_in()
    path = begin(client, town)
    typed = {"/place/name/en": "Teruel", "/place/region": "Aragón"}
    answer = send(client, path, revision="1", step="essentials", act="find", **typed)
    page = client.get(answer.headers["Location"]).text
    number = re.search(r'value="take:(\d+)"', page)
    assert number is not None
    send(client, path, revision="2", step="essentials", act=f"take:{number[1]}", **typed)
    found = drafts.drafts(town.runtime).find(path.rpartition("/")[2])
    assert found is not None
    place = found.body["place"]
    assert isinstance(place, dict)
    assert (place["country"], place["region"]) == ("ES", "Aragón")
    assert place["population"] > 30_000  # type: ignore[operator]


def test_drafts_of_one_village_are_invisible_to_another(town: Town, sign_in: SignIn) -> None:
    village = add_origin(town.runtime, "Aldea").identity.did
    other = add_origin(town.runtime, "Outra").identity.did
    own, stranger = sign_in(Role.EDITOR, village), sign_in(Role.REVIEWER, other)
    path = send(own, "/desk/new", type="Practice", origin=village).headers["Location"]
    send(own, path, revision="1", step="essentials", **{"/title/en": "Secret of the village"})
    assert "Secret" in own.get("/desk").text
    assert "Secret" not in stranger.get("/desk").text
    assert stranger.get(path).status_code == 404
    for act in ("", "/publish", "/discard", "/comment", "/recall", "/files"):
        assert send(stranger, path + act, revision="2").status_code == 404
    assert send(stranger, "/desk/new", type="Practice", origin=village).status_code == 403
    assert town.client.get(path).status_code == 403


def test_only_what_is_the_node_s_own_is_written(
    town: Town, sign_in: SignIn, build: Callable[..., Town]
) -> None:
    other = build("https://other.example")
    (entry,) = other.publish(practice("Theirs"))
    town.copy_from(other)
    client = sign_in()
    assert send(client, "/desk/change", uri=entry.uri).status_code == 404
    foreign = other.runtime.identity.did
    for origin in (foreign, "", "did:web:nobody.example", "x"):
        assert send(client, "/desk/new", type="Practice", origin=origin).status_code == 404
        assert send(client, "/repeat", uri=entry.uri, origin=origin).status_code == 404
    assert (
        send(client, "/desk/new", type="Tombstone", origin=town.runtime.identity.did).status_code
        == 400
    )
    village = add_origin(town.runtime, "Aldea")
    path = send(client, "/desk/new", type="Practice", origin=village.identity.did)
    let_go(town.runtime, village)  # it has moved to a node of its own
    assert client.get(path.headers["Location"]).status_code == 404
    assert client.get("/desk").status_code == 200


@pytest.mark.parametrize(
    ("language", "typed", "kept"),
    [
        ("es", "12.500", 12_500),
        ("es", "1.250,5", 1250.5),
        ("es", "412.5", 412.5),  # three digits would be thousands
        ("es", "1,5", 1.5),
        ("en", "12,500", 12_500),
        ("en", "1.125", 1.125),
        ("fr", "12 500", 12_500),
        ("de", "1.2.3", "1.2.3"),  # what is not certain stays as it was typed
    ],
)
def test_numbers_are_read_as_the_language_of_the_form_writes_them(
    town: Town, sign_in: SignIn, language: str, typed: str, kept: object
) -> None:
    client = sign_in()
    path = begin(client, town)
    form = {"/result/0/indicator/en": "Trips", "/result/0/value": typed, "written": language}
    send(client, path, revision="1", step="essentials", **form)
    (result,) = draft_of(town, path)["result"]  # type: ignore[misc]
    assert result["value"] == kept  # type: ignore[index, call-overload]
    shown = unescape(client.get(f"{path}?lang={language}").text)
    again = found_in(shown, r'name="/result/0/value" value="([^"]*)"')
    form["/result/0/value"] = again  # what is shown is read as the same number
    send(client, path, revision="2", step="essentials", **form)
    assert draft_of(town, path)["result"][0]["value"] == kept  # type: ignore[index, call-overload]


def test_an_organisation_is_found_by_its_name(town: Town, sign_in: SignIn) -> None:
    (entry,) = town.publish(
        {"@context": CONTEXT_URL, "type": "Organisation", "name": {"es": "Taxis de Lugo"}}
    )
    client = sign_in()
    path = begin(client, town)
    send(client, path, revision="1", step="essentials", **{"/lead": "taxis de lugo"})
    assert draft_of(town, path)["lead"] == entry.uri
    assert "= <bdi>Taxis de Lugo</bdi>" in client.get(path).text


def test_findings_name_the_field_and_advice_is_no_error(town: Town, sign_in: SignIn) -> None:
    client = sign_in()
    path = begin(client, town)
    fill(client, path, town)
    page = client.get(f"{path}?lang=es").text
    assert "«settlement»" not in page
    assert 'class="advice"' in page
    assert 'class="wrong"' not in page
    assert 'aria-invalid="true"' not in page


def test_a_returned_draft_says_at_the_top_what_is_to_be_done(town: Town, sign_in: SignIn) -> None:
    editor, reviewer = sign_in(Role.EDITOR), sign_in(Role.REVIEWER)
    path = begin(editor, town)
    fill(editor, path, town, act="submit")
    fill(reviewer, path, town, act="return", note="Say who paid\nand how much")
    page = editor.get(path).text
    assert page.index("<bdi>and how much</bdi>") < page.index('id="draft"')


def test_a_draft_is_seen_as_readers_will_see_it(town: Town, sign_in: SignIn) -> None:
    client = sign_in()
    path = begin(client, town)
    answer = fill(client, path, town, act="preview")
    page = client.get(answer.headers["Location"] + "?lang=en")
    assert page.status_code == 200
    for words in ("It is not published", '<h2 id="problem">', "410", "Mobility and transport"):
        assert words in page.text
    for absent in ("Say what you have seen", "Signed versions", "application/ld+json"):
        assert absent not in page.text
    empty = begin(client, town, "Practice")
    assert client.get(empty + "/preview").status_code == 200  # also while nothing is written
    assert client.get(begin(client, town, "Challenge") + "/preview").status_code == 200


def test_a_comment_is_kept_whoever_saved_meanwhile(town: Town, sign_in: SignIn) -> None:
    ana, eva = sign_in(Role.OWNER), sign_in(Role.EDITOR)
    path = begin(ana, town)
    send(ana, path, revision="1", step="essentials", **{"/title/en": "By Ana"})
    late = {"/title/en": "By Eva", "comment": "Who pays?"}
    clash = send(eva, path, revision="1", step="essentials", act="comment", **late)
    assert clash.status_code == 409
    assert "Who pays?" in ana.get(path).text


def test_what_was_merged_is_looked_at_before_it_is_handed_in(town: Town, sign_in: SignIn) -> None:
    ana, eva = sign_in(Role.OWNER), sign_in(Role.EDITOR)
    path = begin(ana, town)
    fill(ana, path, town)
    page = eva.get(path).text
    shown, number = unescape(found_in(page, r'name="seen" value="([^"]+)"')), revision(eva, path)
    fill(ana, path, town, **{"/summary/es": "Por Ana"})
    lead = town.runtime.settings.organisation_uri
    form = {**ESSENTIALS, "/lead": lead, "/title/es": "Por Eva", "note": "Listo", "seen": shown}
    answer = send(eva, path, revision=number, step="essentials", act="submit", **form)
    assert answer.status_code == 200
    for words in ("the changes of both are kept", "Por Eva", "Por Ana", "Listo"):
        assert words in answer.text
    assert "Being written" in eva.get(path).text


def test_coordinates_come_back_as_they_were(town: Town, sign_in: SignIn) -> None:
    client = sign_in()
    place = {"type": "Place", "name": {"es": "Lugo"}, "lat": 43.01234567890123}
    place |= {"long": -7.553333333333333}
    (entry,) = town.publish(practice("Bus", place=place))
    path = send(client, "/desk/change", uri=entry.uri).headers["Location"]
    for language in ("es", "en"):
        page = unescape(client.get(f"{path}?lang={language}").text)
        names = re.findall(r'name="(/place/[^"]+|/title/[^"]+)" (?:[^>]*? )?value="([^"]*)"', page)
        form = {**dict(names), "written": language}
        send(client, path, revision=revision(client, path), step="essentials", **form)
        held = draft_of(town, path)["place"]
        assert isinstance(held, dict)
        assert (held["lat"], held["long"]) == (place["lat"], place["long"])
