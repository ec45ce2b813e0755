"""Searches that people with an account follow: by mail, to their own address, once confirmed."""

import smtplib
from datetime import timedelta
from typing import Final

from node.accounts.store import Account
from node.local.alerts import Alert, AlertState, Every, Wanted
from node.runtime import Runtime
from node.services.alerts import follow, followed, forget
from node.services.digest import words_of
from node.services.errors import ServiceError, UserError
from node.services.mail import new_mail, send_mail
from node.services.notify import MAIL
from node.services.sentences import SENTENCES

MOST: Final = 20
"""Searches that one account may follow."""
_UNCONFIRMED: Final = timedelta(days=7)
"""How long an address that nobody confirms is kept."""


def own_searches(runtime: Runtime, account: Account) -> list[Alert]:
    """Return the searches that an account follows, the oldest first."""
    return followed(runtime).of(account.login)


def follow_own(
    runtime: Runtime, account: Account, query: str, language: str, every: Every
) -> Alert:
    """Follow a search for somebody with an account.

    Nothing is sent to an address before whoever reads it has confirmed it: the first search of an
    account sends a mail with a link, and the others that are added until then wait for the same.

    Raises:
        ServiceError: the search cannot be understood, they are too many, or the mail with the
            link cannot be sent.
    """
    before = own_searches(runtime, account)
    if len(before) >= MOST:
        raise UserError("You follow %(count)s searches already; stop one first", count=MOST)
    confirmed = any(one.state is not AlertState.WAITING for one in before)
    wanted = Wanted(query, language, MAIL, account.login, every, owner=account.login)
    alert = follow(runtime, wanted, confirmed=confirmed)
    if any(one.wanted.query == alert.wanted.query for one in before):
        forget(runtime, alert.id)
        raise UserError("You follow this search already")
    if not before:
        _ask(runtime, alert)
    return alert


def _ask(runtime: Runtime, alert: Alert) -> None:
    settings, language = runtime.settings, alert.wanted.language
    values: dict[str, object] = {
        "node": settings.name or settings.base_url,
        "words": words_of(runtime, alert),
        "link": f"{settings.base_url}/alerts/{alert.token}/confirm",
        "days": _UNCONFIRMED.days,
    }
    mail = new_mail(
        settings, alert.wanted.target, SENTENCES.messages("alert-confirm", values)[language]
    )
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(SENTENCES.fixes("alert-confirm", values)[language] + "\n")
    try:
        send_mail(settings, mail)
    except (OSError, smtplib.SMTPException, ServiceError) as error:
        forget(runtime, alert.id)
        raise UserError("The mail with the link could not be sent; try again later") from error


def confirm(runtime: Runtime, token: str) -> bool:
    """Let digests begin to the address that a secret token was sent to; say whether one did.

    All that wait for the same address begin with it.
    """
    alert = followed(runtime).by_token(token)
    if alert is None:
        return False
    position = runtime.journal.position()
    same = [one for one in followed(runtime).list() if one.wanted.target == alert.wanted.target]
    began = [followed(runtime).confirm(one.token, position) for one in same if _waits(one)]
    return any(began)


def stop_own(runtime: Runtime, account: Account, number: int) -> bool:
    """Stop one of the searches of an account; say whether it was one of them."""
    own = any(one.id == number for one in own_searches(runtime, account))
    return own and forget(runtime, number)


def stop_all(runtime: Runtime, login: str) -> None:
    """Forget what an address follows, as when its account is removed."""
    for one in followed(runtime).of(login):
        forget(runtime, one.id)


def forget_unconfirmed(runtime: Runtime) -> None:
    """Forget addresses that nobody has confirmed in time."""
    latest = runtime.clock() - _UNCONFIRMED
    for one in followed(runtime).list():
        if _waits(one) and one.created < latest:
            forget(runtime, one.id)


def _waits(alert: Alert) -> bool:
    return alert.state is AlertState.WAITING
