"""Accounts of a node, for its owners, and what was done on it."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from node.accounts.roles import EVERY_ORIGIN, Role
from node.accounts.store import Account
from node.services import accounts
from node.services.accounts import Invitation
from node.services.errors import ServiceError
from node.web.current import runtime
from node.web.session import operator_only, somebody
from node.web.told import told
from node.web.words import act_names, role_names, role_texts

blueprint = Blueprint("people", __name__, url_prefix="/admin")


@blueprint.get("/accounts")
@operator_only
def people() -> str:
    """Everybody who has an account."""
    return _people()


@blueprint.post("/accounts")
@operator_only
def invite() -> Response | str:
    """Make an account; the link to choose a password is on the page that answers."""
    form = request.form
    try:
        role = Role(form.get("role", ""))
    except ValueError:
        abort(400)
    login, origin = form.get("login", ""), form.get("origin", EVERY_ORIGIN)
    wanted = Invitation(login, form.get("name", ""), role, origin)
    try:
        return _people(accounts.invite(runtime(), somebody(), wanted), login.strip())
    except ServiceError as error:
        flash(told(error))
        return redirect(f"{request.script_root}/admin/accounts", 303)


def _people(link: str = "", link_for: str = "") -> str:
    return render_template(
        "people.html",
        section="admin",
        people=accounts.accounts(runtime()).list(),
        origin_names=_origin_names(),
        role_names=role_names(),
        role_texts=role_texts(),
        link=link,
        link_for=link_for,
    )


@blueprint.get("/accounts/<int(max=2000000000):number>")
@operator_only
def person(number: int) -> str:
    """One account."""
    return render_template(
        "person.html",
        section="admin",
        one=_account(number),
        origin_names=_origin_names(),
        role_names=role_names(),
    )


@blueprint.post("/accounts/<int(max=2000000000):number>/role")
@operator_only
def give_role(number: int) -> Response:
    """Give a role, or take it away."""
    said, origin = request.form.get("role", ""), request.form.get("origin", EVERY_ORIGIN)
    if said and said not in set(Role):
        abort(400)
    role = Role(said) if said else None
    return _done(number, lambda one: accounts.give_role(runtime(), somebody(), one, role, origin))


@blueprint.post("/accounts/<int(max=2000000000):number>/suspend")
@operator_only
def suspend(number: int) -> Response:
    """Let an account in no more, or again."""
    suspended = bool(request.form.get("suspended"))
    return _done(
        number, lambda one: accounts.suspend(runtime(), somebody(), one, suspended=suspended)
    )


@blueprint.post("/accounts/<int(max=2000000000):number>/link")
@operator_only
def link(number: int) -> str:
    """Make a link by which somebody chooses a new password."""
    found = _account(number)
    return _people(accounts.new_link(runtime(), somebody(), found), found.login)


@blueprint.post("/accounts/<int(max=2000000000):number>/remove")
@operator_only
def remove(number: int) -> Response:
    """Remove an account."""
    return _done(number, lambda one: accounts.remove(runtime(), somebody(), one), "")


@blueprint.get("/audit")
@operator_only
def audit() -> str:
    """What was done, the newest first."""
    acts = accounts.audit(runtime()).list(_number("before"), limit=101)
    more = acts[99].id if len(acts) > 100 else 0
    return render_template(
        "audit.html", section="admin", acts=acts[:100], more=more, names=act_names()
    )


def _account(number: int) -> Account:
    found = accounts.accounts(runtime()).by_id(number)
    if found is None:
        abort(404)
    return found


def _origin_names() -> dict[str, str]:
    names = {one.did: one.name for one in runtime().journal.origins()}
    return {did: names.get(did, "") for did in accounts.local_origins(runtime())}


def _done(number: int, act: Callable[[Account], None], tail: str | None = None) -> Response:
    """Do something with an account; what went wrong is told on its page."""
    try:
        act(_account(number))
    except ServiceError as error:
        flash(told(error))
        tail = None
    path = f"/{number}" if tail is None else tail
    return redirect(f"{request.script_root}/admin/accounts{path}", 303)


def _number(name: str) -> int | None:
    """Return a number of the address that a table can hold, None for any other."""
    found = request.args.get(name, None, int)
    return found if found is not None and 0 < found < 2**63 else None
