"""Telling the operator: by mail and webhook, when a peer fails or recovers, and of every alert."""

import logging
import smtplib
from typing import Any, Final

import orjson

from federation.errors import FederationError
from federation.journal.notices import Event, Notice, Notices
from node.runtime import Runtime
from node.services.errors import ServiceError
from node.services.mail import new_mail, send_mail
from node.services.sentences import SENTENCES
from node.settings import Settings

log = logging.getLogger(__name__)

MAIL: Final = "mail"
WEBHOOK: Final = "webhook"


def channels(settings: Settings) -> tuple[str, ...]:
    """Return the ways by which the operator wants to be told."""
    mail = (MAIL,) if settings.notify_mail and settings.smtp else ()
    return (*mail, WEBHOOK) if settings.notify_webhook else mail


def tell(runtime: Runtime) -> int:
    """Queue what has happened and send what is due; return how many notices have arrived.

    A mail server or webhook that does not answer is tried again later and holds nothing up.
    """
    notices = Notices(runtime.store, runtime.clock)
    notices.gather(channels(runtime.settings))
    arrived = 0
    for one in notices.take():
        try:
            send(runtime, one)
        except (OSError, smtplib.SMTPException, FederationError, ServiceError) as error:
            log.warning("a notice could not be sent by %s: %s", one.channel, error)
        else:
            notices.sent(one.id)
            arrived += 1
    return arrived


def send_test(runtime: Runtime) -> tuple[str, ...]:
    """Send a test by every channel at once and return the channels.

    Raises:
        ServiceError: none is set, or one does not work.
    """
    wanted = channels(runtime.settings)
    if not wanted:
        raise ServiceError(
            "nothing is set: notify_mail with smtp, or notify_webhook, in lonja.toml"
        )
    event = Event("test", runtime.settings.base_url, runtime.clock(), {})
    for channel in wanted:
        try:
            send(runtime, Notice(0, channel, event))
        except (OSError, smtplib.SMTPException, FederationError) as error:
            raise ServiceError(f"{channel} does not work: {error}") from error
    return wanted


def send(runtime: Runtime, one: Notice) -> None:
    """Send one notice.

    Raises:
        OSError: the mail server cannot be reached.
        smtplib.SMTPException: it refuses the mail.
        FederationError: the webhook cannot be reached or does not take the notice.
    """
    if one.channel == MAIL:
        _mail(runtime.settings, one.event)
    elif runtime.settings.notify_webhook:
        body = orjson.dumps(_as_json(runtime.settings, one.event))
        runtime.fetcher.post(
            runtime.settings.notify_webhook, body, content_type="application/json", types=None
        )


def _as_json(settings: Settings, event: Event) -> dict[str, Any]:
    title, text = _words(settings, event)
    return {
        "event": event.kind,
        "node": settings.base_url,
        "about": event.subject,
        "at": event.at.isoformat(),
        "title": title,
        "message": text,
        "ledger": _ledger(settings, event),
    }


def _ledger(settings: Settings, event: Event) -> str:
    return f"{settings.base_url}/network/runs/{event.run}" if event.run else ""


def _words(settings: Settings, event: Event) -> tuple[str, str]:
    """Return title and text of an event in the node's own language."""
    language = settings.languages[0]
    values = {
        "node": settings.name or settings.base_url,
        "about": event.subject,
        "what": event.messages.get(language) or event.messages.get("en", ""),
    }
    rule = f"notice-{event.kind}"
    title = SENTENCES.messages(rule, values)[language]
    return title, SENTENCES.fixes(rule, values).get(language, "")


def _mail(settings: Settings, event: Event) -> None:
    title, text = _words(settings, event)
    mail = new_mail(settings, ", ".join(settings.notify_mail), title)
    mail.set_content("\n\n".join(part for part in (text, _ledger(settings, event)) if part))
    send_mail(settings, mail)
