"""Accounts: signing in, inviting, roles, tokens. Every change is written to the audit log."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from node.accounts.audit import Audit
from node.accounts.keys import LONGEST_TOKEN, Keys
from node.accounts.passwords import fits, hashed, is_outdated, problem_of
from node.accounts.roles import EVERY_ORIGIN, OPERATOR, Holder, Role, Scope
from node.accounts.store import Account, Accounts, KnownLoginError, folded
from node.runtime import Runtime
from node.services.errors import UserError
from node.services.following import stop_all

COMMAND: Final = Holder(None, "command", "command", {EVERY_ORIGIN: Role.OWNER})
"""Whoever runs a command in the data folder."""
_LOGIN: Final = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;]{1,250}")
_LONGEST_NAME: Final = 200


class Refused(StrEnum):
    """Why somebody is not let in."""

    WRONG = "wrong"  # login or password; which of them is not said
    LOCKED = "locked"  # too many wrong passwords
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun; `secret` is for the cookie."""

    account: Account
    secret: str


def accounts(runtime: Runtime) -> Accounts:
    """Return the accounts of a node."""
    return Accounts(runtime.store, runtime.clock)


def keys(runtime: Runtime) -> Keys:
    """Return the sessions, links and tokens of a node."""
    return Keys(runtime.store, runtime.clock)


def audit(runtime: Runtime) -> Audit:
    """Return the audit log of a node."""
    return Audit(runtime.store, runtime.clock)


def sign_in(runtime: Runtime, login: str, password: str) -> SignedIn | Refused:
    """Begin a session for whoever knows the password.

    A suspended or locked account is only named as such to who knows the password, except that a
    lock is told at once: its owner must know why the right password does not help.
    """
    held = accounts(runtime)
    found = held.by_login(login)
    if found is not None and found.locked_until and found.locked_until > runtime.clock():
        return Refused.LOCKED
    kept = held.password_of(found.id) if found is not None else ""
    if not fits(password, kept) or found is None:
        if found is not None and held.failed(found.id):
            audit(runtime).note(found.login, "locked", found.login)
        return Refused.WRONG
    if found.suspended:
        return Refused.SUSPENDED
    if is_outdated(kept):
        held.set_password(found.id, hashed(password))
    return begin(runtime, found)


def sign_in_external(runtime: Runtime, external: str) -> SignedIn | Refused:
    """Begin a session for an identity that an identity provider has vouched for."""
    found = accounts(runtime).by_external(external)
    if found is None:
        return Refused.WRONG
    return Refused.SUSPENDED if found.suspended else begin(runtime, found)


def begin(runtime: Runtime, found: Account) -> SignedIn:
    """Begin a session of somebody who has shown who they are."""
    held = keys(runtime)
    held.sweep()
    accounts(runtime).succeeded(found.id)
    audit(runtime).note(found.login, "signed-in", found.login)
    return SignedIn(found, held.begin_session(found.id))


def session_holder(runtime: Runtime, secret: str) -> Holder | None:
    """Return who a session belongs to, None when it has ended."""
    session = keys(runtime).session(secret) if secret else None
    if session is None:
        return None
    if session.account is None:
        return OPERATOR
    found = accounts(runtime).by_id(session.account)
    if found is None or found.suspended:
        return None
    return Holder(found.id, found.login, found.name, found.roles)


def token_holder(runtime: Runtime, presented: str) -> Holder | None:
    """Return who a token acts for, None when it is unknown or has ended."""
    token = keys(runtime).token(presented) if presented else None
    found = accounts(runtime).by_id(token.account) if token is not None else None
    if token is None or found is None or found.suspended:
        return None
    return Holder(found.id, found.login, found.name, found.roles, token.scopes, token.origin)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is to work on this node, and as what.

    Attributes:
        login: e-mail address.
        name: as others on this node see it, "" for the first part of the address.
        role: what they will be.
        origin: for which origin, by its DID; `EVERY_ORIGIN` for all of the node.
        language: of their pages, "" for that of the browser.
    """

    login: str
    name: str
    role: Role
    origin: str = EVERY_ORIGIN
    language: str = ""


def invite(runtime: Runtime, actor: Holder, wanted: Invitation) -> str:
    """Make an account and return the address at which its owner chooses a password.

    Raises:
        ServiceError: this is no e-mail address, or it has an account already.
    """
    return new_link(runtime, actor, add_account(runtime, actor, wanted))


def is_login(text: str) -> bool:
    """Say whether a text can be an e-mail address."""
    return _LOGIN.fullmatch(folded(text)) is not None


def add_account(runtime: Runtime, actor: Holder, wanted: Invitation) -> Account:
    """Make an account that has no password yet.

    Raises:
        ServiceError: this is no e-mail address, or it has an account already.
    """
    held, login = accounts(runtime), folded(wanted.login)
    if not is_login(login):
        raise UserError(
            "“%(text)s” is no e-mail address; write it as name@example.org", text=login[:80]
        )
    origin = _origin(runtime, wanted.origin)
    name = _name(wanted.name) or login.partition("@")[0]
    try:
        made = held.add(login, name, language=wanted.language)
    except KnownLoginError:
        raise UserError(
            "%(login)s has an account already; give it a role instead", login=login
        ) from None
    held.give(made.id, wanted.role, origin)
    audit(runtime).note(actor.login, "account-added", login, _said(wanted.role, origin))
    return replace(made, roles={origin: wanted.role})


def new_link(runtime: Runtime, actor: Holder, found: Account) -> str:
    """Return the address at which somebody chooses a (new) password; good once, for three days."""
    audit(runtime).note(actor.login, "password-link", found.login)
    secret = keys(runtime).new_link(found.id)
    return f"{runtime.settings.base_url}/account/password?link={secret}"


def link_account(runtime: Runtime, secret: str) -> Account | None:
    """Return the account of a link that is still good."""
    number = keys(runtime).link(secret) if secret else None
    found = accounts(runtime).by_id(number) if number is not None else None
    return None if found is None or found.suspended else found


def choose_password(runtime: Runtime, found: Account, password: str) -> str:
    """Set a password, end all other sessions, and return what is wrong with it, "" if nothing."""
    wrong = problem_of(password, found.login, found.name, runtime.settings.name)
    if not wrong:
        accounts(runtime).set_password(found.id, hashed(password))
        keys(runtime).end_sessions(found.id)
        audit(runtime).note(found.login, "password-chosen", found.login)
    return wrong


def give_role(
    runtime: Runtime, actor: Holder, found: Account, role: Role | None, origin: str = EVERY_ORIGIN
) -> None:
    """Give a role for an origin in the place of the one held; None takes it away.

    Raises:
        ServiceError: nobody would own the node any more, or the origin is not one of the node's.
    """
    if origin == EVERY_ORIGIN and role is not Role.OWNER:
        _keep_an_owner(runtime, found)
    accounts(runtime).give(found.id, role, _origin(runtime, origin))
    audit(runtime).note(actor.login, "role-given", found.login, _said(role, origin))


def suspend(runtime: Runtime, actor: Holder, found: Account, *, suspended: bool) -> None:
    """Let an account in no more, or again; its sessions end at once.

    Raises:
        ServiceError: nobody would own the node any more.
    """
    if suspended:
        _keep_an_owner(runtime, found)
    accounts(runtime).change(found.id, suspended=int(suspended))
    keys(runtime).end_sessions(found.id)
    audit(runtime).note(actor.login, "suspended" if suspended else "admitted", found.login)


def remove(runtime: Runtime, actor: Holder, found: Account) -> None:
    """Remove an account with its sessions, tokens and followed searches; drafts and records stay.

    Raises:
        ServiceError: nobody would own the node any more.
    """
    _keep_an_owner(runtime, found)
    accounts(runtime).remove(found.id)
    stop_all(runtime, found.login)
    audit(runtime).note(actor.login, "account-removed", found.login)


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token is to be: its name, scopes, days to live, and the one origin it is for."""

    name: str
    scopes: Sequence[str]
    days: int
    origin: str = EVERY_ORIGIN


def new_token(runtime: Runtime, actor: Holder, found: Account, wanted: NewToken) -> str:
    """Make a token for programs and return it; it is shown only now.

    Raises:
        ServiceError: a scope does not exist or is not the account's, or the days are not 1 to 366.
    """
    try:
        scopes = sorted({Scope(scope) for scope in wanted.scopes})
    except ValueError as error:
        raise UserError(
            "a scope does not exist; choose among %(known)s", known=", ".join(Scope)
        ) from error
    holder = Holder(found.id, found.login, found.name, found.roles)
    beyond = [scope for scope in scopes if not _may(holder, scope, wanted.origin)]
    if beyond or not scopes:
        raise UserError(
            "a token of %(login)s cannot have these scopes: %(scopes)s",
            login=found.login,
            scopes=", ".join(beyond) or "–",
        )
    if not 1 <= wanted.days <= LONGEST_TOKEN.days:  # nothing forgotten lives for ever
        raise UserError(
            "a token lives from 1 to %(most)s days, not %(days)s",
            most=LONGEST_TOKEN.days,
            days=wanted.days,
        )
    until = runtime.clock() + timedelta(days=wanted.days)
    origin, name = _origin(runtime, wanted.origin), _name(wanted.name) or "token"
    secret = keys(runtime).new_token(found.id, name, scopes, until, origin)
    said = f"{name}: {' '.join(scopes)} until {_day(until)}"
    audit(runtime).note(actor.login, "token-made", found.login, said)
    return secret


def end_token(runtime: Runtime, actor: Holder, number: int) -> None:
    """End a token; one that has ended already is left alone."""
    token = next((one for one in keys(runtime).tokens() if one.id == number), None)
    if token is not None:
        keys(runtime).remove_token(number)
        audit(runtime).note(actor.login, "token-ended", token.name)


def _may(holder: Holder, scope: Scope, origin: str) -> bool:
    return holder.may(scope, origin) if origin else holder.may_somewhere(scope)


def _keep_an_owner(runtime: Runtime, leaving: Account) -> None:
    """Refuse to lock everybody out: a node without accounts is the operator's alone.

    Raises:
        ServiceError: it is the last owner, and others have accounts.
    """
    others = [one for one in accounts(runtime).list() if one.id != leaving.id]
    owns = leaving.roles.get(EVERY_ORIGIN) is Role.OWNER
    if owns and others and not any(_is_owner(one) for one in others):
        raise UserError(
            "%(login)s is the last owner; make somebody else an owner first", login=leaving.login
        )


def _is_owner(one: Account) -> bool:
    return one.roles.get(EVERY_ORIGIN) is Role.OWNER and not one.suspended


def _origin(runtime: Runtime, origin: str) -> str:
    if origin and origin not in local_origins(runtime):
        raise UserError(
            "%(origin)s is no origin of this node; see: lonja origin list", origin=origin
        )
    return origin


def local_origins(runtime: Runtime) -> list[str]:
    """Return the DIDs for which this node signs, its own first."""
    own = runtime.identity.did
    found = [one.did for one in runtime.journal.origins() if one.standing == "local"]
    return [own, *(did for did in found if did != own)]


def _name(name: str) -> str:
    return " ".join(name.split())[:_LONGEST_NAME]


def _said(role: Role | None, origin: str) -> str:
    return f"{role or 'no role'} for {origin or 'the whole node'}"


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d")
