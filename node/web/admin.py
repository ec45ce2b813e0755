"""Administration: alerts, requests to join, and the terms with each peer."""

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.errors import FederationError
from federation.identity import fingerprint
from federation.introductions import ALLIED_HUB, MEMBER
from federation.journal.requests import JoinRequests
from federation.records import Peer, PeerState
from federation.words import in_words
from node.services import doctor, join, labels, operator
from node.services.alerts import followed
from node.services.digest import search_url, words_of
from node.services.errors import ServiceError
from node.services.federate import add_peer, compare
from node.services.health import health_of
from node.services.shown import Shown, choose, forget, hide, shown_of
from node.settings import SettingsError
from node.web.current import runtime
from node.web.i18n import current_language
from node.web.session import enter_as_operator, operator_only
from node.web.session import leave as end_session
from node.web.told import told
from node.web.words import (
    alert_kinds,
    alert_states,
    doctor_checks,
    health_states,
    peer_states,
    rhythms,
    run_states,
)
from search.facets import SCHEMES
from vocab.concepts import codes
from vocab.language import LANGUAGES

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

_ROLES: Final = ("", MEMBER, ALLIED_HUB)
_MEGABYTE: Final = 1_000_000


@blueprint.get("/enter")
def door() -> str:
    """Where the link of `lonja admin link` leads; looking at it does not use it up."""
    token = request.args.get("token", "")
    good = operator.is_good(runtime().settings, token)
    return render_template("admin_link.html", section="", token=token if good else "", good=good)


@blueprint.post("/enter")
def enter() -> Response | str:
    """Begin a session with a link, which is used up by that."""
    if not operator.use(runtime().settings, request.form.get("token", "")):
        return render_template("admin_link.html", section="", token="", good=False)
    enter_as_operator()
    return _back()


@blueprint.post("/leave")
@operator_only
def leave() -> Response:
    """End the session."""
    end_session()
    return redirect(request.script_root + "/")


@blueprint.get("")
@operator_only
def overview() -> str:
    """What asks for attention, all peers, and the searches that are followed."""
    parts = runtime()
    waiting = JoinRequests(parts.store, parts.clock).waiting()
    peers = parts.peers.list()
    asking = {peer.did for peer in peers if peer.id in waiting}
    return render_template(
        "admin.html",
        section="admin",
        alerts=[one for one in parts.journal.alerts() if one.origin not in asking],
        requests=[peer for peer in peers if peer.id in waiting],
        peers=[peer for peer in peers if peer.id not in waiting],
        followed=[
            (one, words_of(parts, one, current_language()), search_url(parts, one))
            for one in followed(parts).list()
        ],
        alert_states=alert_states(),
        alert_kinds=defaultdict(str, alert_kinds()),
        rhythms=rhythms(),
        in_words=in_words,
        peer_states=peer_states(),
        diagnoses=[one for one in doctor.examine(parts) if one.name != "alerts"],
        doctor_checks=doctor_checks(),
        hub=parts.settings.hub,
        own_words=in_words(parts.identity.key.public_multikey),
    )


@blueprint.post("/alerts/<int(max=2000000000):number>")
@operator_only
def settle(number: int) -> Response:
    """Mark an alert as looked at."""
    runtime().journal.settle([number])
    return _back()


@blueprint.post("/peers")
@operator_only
def add() -> Response:
    """Look up a node and keep it as a pending peer."""
    return _done(lambda: add_peer(runtime(), request.form.get("url", "")).peer)


@blueprint.post("/join")
@operator_only
def ask_hub() -> Response:
    """Ask a hub to take this node in."""
    return _done(lambda: join.ask(runtime(), request.form.get("url", "")).hub)


@blueprint.get("/peers/<int(max=2000000000):number>")
@operator_only
def peer(number: int) -> str:
    """The terms with one peer."""
    found, language = _peer(number), current_language()
    asks = found.id in JoinRequests(runtime().store, runtime().clock).waiting()
    themes, settlements = codes(SCHEMES["theme"]), codes(SCHEMES["settlement"])
    return render_template(
        "admin_peer.html",
        section="admin",
        peer=found,
        words=in_words(found.key),
        digits=fingerprint(found.key),
        health=health_of(runtime(), found),
        health_states=health_states(),
        runs=runtime().runs.list(found.id, limit=5),
        run_states=run_states(),
        shown=shown_of(found),
        roles=_ROLES,
        languages=[(code, labels.own_language_name(code)) for code in LANGUAGES],
        themes=[(code, labels.value_label("theme", code, language)) for code in themes],
        settlements=[
            (code, labels.value_label("settlement", code, language)) for code in settlements
        ],
        waits=found.state is PeerState.PENDING,
        asks=asks,
    )


@blueprint.post("/peers/<int(max=2000000000):number>/accept")
@operator_only
def accept(number: int) -> Response:
    """Accept a peer whose fingerprint was read out."""

    def accepted() -> Peer:
        found = _peer(number)
        compare(found, request.form.get("fingerprint", ""))
        role = request.form.get("role", "")
        return join.approve(runtime(), found, role, now=True)

    return _done(accepted)


@blueprint.post("/peers/<int(max=2000000000):number>/suspend")
@operator_only
def suspend(number: int) -> Response:
    """Stop harvesting a peer, and show nothing of it if that is wanted."""

    def suspended() -> Peer:
        found = runtime().peers.suspend(_peer(number).id)
        return hide(runtime(), found, hidden=True) if request.form.get("hide") else found

    return _done(suspended)


@blueprint.post("/peers/<int(max=2000000000):number>/remove")
@operator_only
def remove(number: int) -> Response:
    """Forget a peer, or turn down a request; its records stay."""
    forget(runtime(), _peer(number))
    return _back()


@blueprint.post("/peers/<int(max=2000000000):number>/harvest")
@operator_only
def harvest(number: int) -> Response:
    """Let the worker harvest a peer within seconds."""
    return _done(lambda: runtime().peers.make_due(_peer(number).id))


@blueprint.post("/peers/<int(max=2000000000):number>/schedule")
@operator_only
def schedule(number: int) -> Response:
    """Set when a peer is harvested and what that may cost in a day."""
    form = request.form

    def scheduled() -> Peer:
        cron = form.get("cron", "").strip()
        minutes = _number(form.get("minutes", ""), _("minutes"))
        return runtime().peers.schedule(
            _peer(number).id,
            interval_seconds=None if cron else int(minutes * 60),
            cron=cron or None,
            daily_bytes=int(_number(form.get("megabytes", "0"), _("megabytes")) * _MEGABYTE),
        )

    return _done(scheduled)


@blueprint.post("/peers/<int(max=2000000000):number>/filter")
@operator_only
def choose_shown(number: int) -> Response:
    """Choose which records of a peer are shown."""
    form = request.form

    def chosen() -> Peer:
        found = _peer(number)
        countries = form.get("country", "").upper().replace(",", " ").split()
        wanted = Shown(
            language=tuple(form.getlist("language")),
            theme=tuple(form.getlist("theme")),
            country=tuple(countries),
            settlement=tuple(form.getlist("settlement")),
            quota=int(_number(form.get("quota", "0"), _("records"))),
            hidden=bool(form.get("hidden")),
        )
        return choose(runtime(), found, wanted)

    return _done(chosen)


def _number(text: str, what: str) -> float:
    try:
        number = float(text.strip() or 0)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise ServiceError(f"{what}: '{text[:50]}' is no number from 0 on")
    return number


def _peer(number: int) -> Peer:
    found = next((one for one in runtime().peers.list() if one.id == number), None)
    if found is None:
        abort(404)
    return found


def _done(act: Callable[[], Peer]) -> Response:
    """Do something with a peer and show it; what went wrong is told on the page before."""
    try:
        found = act()
    except (ServiceError, FederationError, SettingsError) as error:
        flash(told(error), "problem")
        return redirect(_origin(), 303)
    return redirect(f"{request.script_root}/admin/peers/{found.id}", 303)


def _origin() -> str:
    """Return the page that a form was sent from: that of its peer, else the overview."""
    number = (request.view_args or {}).get("number")
    tail = f"/peers/{number}" if number else ""
    return f"{request.script_root}/admin{tail}"


def _back() -> Response:
    return redirect(f"{request.script_root}/admin", 303)
