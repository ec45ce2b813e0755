"""Following a search: keep it, and tell by mail or webhook what is new in it."""

import logging
import re
import smtplib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

import orjson

from federation.errors import FederationError
from federation.journal.notices import Event, Notices
from node.local.alerts import Alert, Alerts, AlertState, Wanted
from node.runtime import Runtime
from node.services.digest import Digest, as_json, as_mail, compose
from node.services.errors import ServiceError, UserError
from node.services.federate import is_allowed
from node.services.mail import send_mail
from node.services.notify import MAIL, WEBHOOK, channels
from node.services.question import CLUSTER, Question, read
from search.api import CHOICES
from search.facets import SCHEMES
from vocab.concepts import codes
from vocab.language import LANGUAGES

log = logging.getLogger(__name__)

_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
)
_MAX_ADDRESS: Final = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets
_MAX_URL: Final = 700
_PAUSE: Final = timedelta(minutes=1)
_NAMES: Final = frozenset(
    {"q", "scope", "sort", "bbox", "near", "like", "literal", "lang", CLUSTER, *CHOICES}
)
_BROKEN: Final = (OSError, smtplib.SMTPException, FederationError, ServiceError)


def followed(runtime: Runtime) -> Alerts:
    """Return the searches that are followed at this node."""
    return Alerts(runtime.store, runtime.clock)


def follow(runtime: Runtime, wanted: Wanted, *, confirmed: bool = True) -> Alert:
    """Keep a search and tell from now on what is new in it.

    Args:
        runtime: of the node.
        wanted: what is followed; its query as it stands in an address.
        confirmed: False when the address has still to be confirmed by its token.

    Raises:
        ServiceError: the search, the address or the language cannot be understood, or no mail
            server is set.
    """
    if wanted.language not in LANGUAGES:
        raise ServiceError(f"no digests in '{wanted.language}'; choose {', '.join(LANGUAGES)}")
    question, problems = read(parse_qs(wanted.query), extra=("lang",))
    if problems:
        said = problems[0].messages
        raise ServiceError(said.get(wanted.language) or said["en"])
    _check_codes(question)
    _check_target(runtime, wanted)
    kept = replace(question, sort=None, page=1, literal=False).query()
    position = runtime.journal.position()
    return followed(runtime).add(replace(wanted, query=kept), position, confirmed=confirmed)


def parameters_of(text: str) -> dict[str, list[str]]:
    """Return what somebody typed or pasted as parameters of a search.

    The address of a results page, its part after the question mark, or just words.
    """
    typed = text.strip()
    path, mark, tail = typed.partition("?")
    if mark and (not path or path.startswith("/") or _is_web(path)):
        return parse_qs(tail.partition("#")[0])
    name = typed.partition("=")[0]
    if name in _NAMES and typed != name:
        return parse_qs(typed)
    return {"q": [typed]} if typed else {}


def _check_codes(question: Question) -> None:
    """Refuse a code that does not exist: nobody would notice that no digest ever comes."""
    for facet, scheme in SCHEMES.items():
        known = codes(scheme)
        for code in question.filters.get(facet, ()):
            if code not in known:
                some = ", ".join(sorted(known))
                raise UserError(
                    "“%(code)s” is no %(name)s; choose from %(known)s",
                    code=code[:60],
                    name=facet,
                    known=some,
                )


def _check_target(runtime: Runtime, wanted: Wanted) -> None:
    target = wanted.target
    if wanted.channel == MAIL:
        if len(target) > _MAX_ADDRESS or not _ADDRESS.fullmatch(target):
            raise UserError(
                "“%(text)s” is no e-mail address; write it as name@example.org", text=target[:60]
            )
        if not runtime.settings.smtp:
            raise UserError(
                "no mail server is set: write smtp = 'mail.example.org:587' into lonja.toml"
            )
    elif len(target) > _MAX_URL or not _is_web(target):
        raise UserError(
            "“%(text)s” is no web address; write it as https://example.org/…", text=target[:60]
        )
    elif not is_allowed(target, runtime.settings):
        raise UserError(
            "a webhook must be https, or its host:port stand in allow_hosts in lonja.toml"
        )


def _is_web(url: str) -> bool:
    """Say whether a text is an absolute web address, without a user name."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    plain = url.isprintable() and " " not in url
    return good and plain and parts.username is None and parts.password is None


def preview(runtime: Runtime, alert: Alert) -> Digest:
    """Return what would be sent now; nothing is changed."""
    return compose(runtime, alert, alert.until or runtime.engine.position())


def send_due(runtime: Runtime, stopping: Callable[[], bool] = lambda: False) -> int:
    """Look at every search whose time has come and return how many digests were sent.

    A mail server or webhook that does not answer is tried again later and holds nothing up but
    its own digest.
    """
    sent = 0
    alerts = followed(runtime)
    while not stopping():
        claimed = alerts.claim_due()
        if claimed is None:
            break
        alert, lease = claimed
        try:
            sent += _handle(runtime, alert, lease) is not None
        except _BROKEN as error:
            # Neither the address nor what is followed belongs into a log.
            log.warning("alert %d could not be delivered: %s", alert.id, type(error).__name__)
            _note_failure(runtime, alert, lease)
        except Exception:  # one that cannot be made must not hold up all others
            log.exception("alert %d could not be made", alert.id)
            _note_failure(runtime, alert, lease)
    return sent


def send_now(runtime: Runtime, alert: Alert) -> Digest | None:
    """Send what is new in one search, due or not, and return it; None when nothing is.

    A paused one that is delivered goes on by itself.

    Raises:
        ServiceError: it waits for its confirmation, a worker is at it, or it cannot be delivered.
    """
    if alert.state is AlertState.WAITING:
        raise UserError("alert %(number)s waits until its address is confirmed", number=alert.id)
    claimed = followed(runtime).claim(alert.id)
    if claimed is None:
        raise UserError(
            "alert %(number)s is being sent right now; look again in a minute", number=alert.id
        )
    try:
        return _handle(runtime, *claimed)
    except _BROKEN as error:
        _note_failure(runtime, *claimed)
        raise UserError(
            "alert %(number)s could not be delivered: %(said)s", number=alert.id, said=error
        ) from error
    except BaseException:
        _note_failure(runtime, *claimed)
        raise


def _handle(runtime: Runtime, alert: Alert, lease: str) -> Digest | None:
    """Send what is new, and only then write down that it was told."""
    alerts = followed(runtime)
    reached = runtime.engine.position()
    until = alert.until or reached
    behind = reached <= alert.position < runtime.journal.position()
    if reached < until or behind:  # the index is being built anew, or has not come so far
        alerts.postpone(alert, lease, _PAUSE)
        return None
    digest = compose(runtime, alert, until)
    if not digest.total:
        alerts.done(alert, lease, until, sent=False)
        return None
    if not alerts.begin(alert, lease, until):
        return None
    _deliver(runtime, digest)
    alerts.done(alert, lease, until, sent=True)
    return digest


def _deliver(runtime: Runtime, digest: Digest) -> None:
    wanted = digest.alert.wanted
    if wanted.channel == WEBHOOK:
        body = orjson.dumps(as_json(runtime, digest))
        runtime.fetcher.post(wanted.target, body, content_type="application/json", types=None)
    else:
        send_mail(runtime.settings, as_mail(runtime, digest))


def _note_failure(runtime: Runtime, alert: Alert, lease: str) -> None:
    """Try again later; tell the operator once it is given up, without naming the address."""
    if followed(runtime).failed(alert, lease):
        event = Event("search-paused", str(alert.id), runtime.clock(), {})
        Notices(runtime.store, runtime.clock).queue(event, channels(runtime.settings))


def stopped_by(runtime: Runtime, token: str) -> bool:
    """Forget the search that a secret token belongs to; say whether there was one."""
    alert = followed(runtime).by_token(token)
    return alert is not None and forget(runtime, alert.id)


def forget(runtime: Runtime, number: int) -> bool:
    """Stop following a search and take its address out of the files; say whether there was one."""
    removed = followed(runtime).remove(number)
    runtime.store.checkpoint()  # until then older images of it stand in the write-ahead log
    return removed
