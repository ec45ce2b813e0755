"""Signing in and out, one's own account: password, tokens for programs."""

from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from node.accounts.passwords import fits
from node.accounts.roles import EVERY_ORIGIN, Scope
from node.accounts.store import Account
from node.local.alerts import AlertState, Every
from node.services import accounts, following
from node.services.accounts import NewToken, Refused
from node.services.digest import search_url, words_of
from node.services.errors import ServiceError
from node.services.provider import provider_name
from node.web.current import runtime
from node.web.i18n import current_language
from node.web.limits import client, pace
from node.web.session import enter, local_path, needs, somebody
from node.web.session import leave as end_session
from node.web.told import told
from node.web.words import (
    alert_states,
    password_problems,
    rhythms,
    role_names,
    scope_names,
)

blueprint = Blueprint("account", __name__, url_prefix="/account")

_LONGEST_QUERY: Final = 2000
ATTEMPTS_A_MINUTE: Final = 10
"""Of one address, whatever the account."""


@blueprint.get("/enter")
def door() -> str:
    """Where somebody signs in."""
    return door_page(local_path(request.args.get("next", "/")))


@blueprint.post("/enter")
def sign_in() -> Response | tuple[str, int]:
    """Begin a session with a password."""
    next_path = local_path(request.form.get("next", "/"))
    login = request.form.get("login", "")[:320]
    if not pace().allows(f"enter {client()}", ATTEMPTS_A_MINUTE):
        return door_page(
            next_path, login, _("Too many attempts. Wait a minute and try again.")
        ), 429
    done = accounts.sign_in(runtime(), login, request.form.get("password", ""))
    if isinstance(done, Refused):
        return door_page(next_path, login, refusal(done)), 403
    enter(done.secret)
    return redirect(next_path, 303)


def door_page(next_path: str, login: str = "", said: str = "") -> str:
    """Return the page where somebody signs in, with what went wrong."""
    return render_template(
        "enter.html",
        section="account",
        next=next_path,
        login=login,
        said=said,
        provider=provider_name(runtime()),
    )


def refusal(reason: Refused) -> str:
    """Return why somebody is not let in, in words."""
    match reason:
        case Refused.WRONG:
            return str(_("This address and this password do not belong together."))
        case Refused.LOCKED:
            return str(
                _("Too many wrong passwords. Wait a while, or ask for a link for a new password.")
            )
        case Refused.SUSPENDED:
            return str(_("This account is suspended. Ask an owner of the node."))


@blueprint.post("/leave")
@needs(Scope.READ)
def leave() -> Response:
    """End the session."""
    end_session()
    return redirect(request.script_root + "/", 303)


@blueprint.get("/password")
def password_page() -> str:
    """Where an invitation leads; looking at it does not use it up."""
    link = request.args.get("link", "")
    found = accounts.link_account(runtime(), link)
    return render_template("password.html", section="", account=found, link=link, said="")


@blueprint.post("/password")
def choose_password() -> Response | tuple[str, int]:
    """Choose a password by a link, which is used up by that, and sign in."""
    link = request.form.get("link", "")
    found = accounts.link_account(runtime(), link)
    said = ""
    if found is not None:
        password = request.form.get("password", "")
        wrong = accounts.choose_password(runtime(), found, password)
        if not wrong:
            done = accounts.sign_in(runtime(), found.login, password)
            if not isinstance(done, Refused):
                enter(done.secret)
            return redirect(request.script_root + "/desk", 303)
        said = password_problems()[wrong]
    page = render_template("password.html", section="", account=found, link=link, said=said)
    return page, 422 if found else 403


@blueprint.get("")
@needs(Scope.READ)
def mine() -> str:
    """One's own account."""
    return _mine()


@blueprint.post("")
@needs(Scope.READ)
def change_password() -> Response:
    """Change the password; all sessions end, and this browser gets a new one."""
    account, parts = _account(), runtime()
    if not pace().allows(f"password {account.id}", ATTEMPTS_A_MINUTE):
        flash(_("Too many attempts. Wait a minute."))
        return redirect(request.script_root + "/account", 303)
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if not fits(old, accounts.accounts(parts).password_of(account.id)):
        accounts.accounts(parts).failed(account.id)
        flash(_("The password so far is another one. Nothing was changed."))
    elif wrong := accounts.choose_password(parts, account, new):
        flash(password_problems()[wrong])
    else:
        done = accounts.sign_in(parts, account.login, new)
        if not isinstance(done, Refused):
            enter(done.secret)
        flash(_("The password was changed. Other browsers have to sign in again."))
    return redirect(request.script_root + "/account", 303)


@blueprint.post("/tokens")
@needs(Scope.READ)
def make_token() -> Response | str:
    """Make a token; it is shown once, on the page that answers."""
    days = request.form.get("days", 90, int)
    wanted = NewToken(request.form.get("name", ""), request.form.getlist("scope"), days)
    try:
        return _mine(accounts.new_token(runtime(), somebody(), _account(), wanted))
    except ServiceError as error:
        flash(told(error))
        return redirect(request.script_root + "/account", 303)


@blueprint.post("/tokens/<int(max=2000000000):number>/end")
@needs(Scope.READ)
def end_token(number: int) -> Response:
    """End one of one's own tokens."""
    own = {token.id for token in accounts.keys(runtime()).tokens(_account().id)}
    if number not in own:
        abort(404)
    accounts.end_token(runtime(), somebody(), number)
    return redirect(request.script_root + "/account", 303)


@blueprint.post("/searches")
@needs(Scope.READ)
def follow_search() -> Response:
    """Follow a search by mail, at one's own address."""
    every = request.form.get("every", "")
    if every not in list(Every):
        abort(400)
    query = request.form.get("query", "")[:_LONGEST_QUERY]
    try:
        made = following.follow_own(runtime(), _account(), query, current_language(), Every(every))
    except ServiceError as error:
        flash(told(error))
    else:
        if made.state is AlertState.WAITING:
            flash(_("A mail was sent to you: open its link, and the messages begin."))
        else:
            flash(_("You will be told what is new in this search."))
    return redirect(request.script_root + "/account#searches", 303)


@blueprint.post("/searches/<int(max=2000000000):number>/stop")
@needs(Scope.READ)
def stop_search(number: int) -> Response:
    """Stop following one of one's own searches."""
    if not following.stop_own(runtime(), _account(), number):
        abort(404)
    return redirect(request.script_root + "/account#searches", 303)


def _account() -> Account:
    number = somebody().account
    found = accounts.accounts(runtime()).by_id(number) if number is not None else None
    if found is None:  # the operator has none
        abort(404)
    return found


def _mine(fresh: str = "") -> str:
    me, parts = somebody(), runtime()
    found = accounts.accounts(parts).by_id(me.account) if me.account is not None else None
    names = role_names()
    return render_template(
        "account.html",
        section="account",
        me=me,
        account=found,
        roles=[
            (origin if origin != EVERY_ORIGIN else "", names[role])
            for origin, role in me.roles.items()
        ],
        tokens=accounts.keys(parts).tokens(found.id) if found else [],
        allowed={scope for scope in Scope if me.may_somewhere(scope)},
        scope_names=scope_names(),
        fresh=fresh,
        followed=[
            (one, words_of(parts, one, current_language()), search_url(parts, one))
            for one in (following.own_searches(parts, found) if found else [])
        ],
        rhythms=rhythms(),
        alert_states=alert_states(),
    )
