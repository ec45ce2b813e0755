"""The digest of a followed search: what is new in it, as a mail or as JSON."""

from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

from federation.journal.changed import changed_uris
from node.local.alerts import Alert
from node.runtime import Runtime
from node.services.among import among
from node.services.cards import Card, card_of
from node.services.find import hit_json, in_words
from node.services.mail import new_mail
from node.services.question import Question, read
from node.services.sentences import SENTENCES
from search.api import Sort
from vocab.terms import JsonObject

MOST: Final = 50
"""Records in one digest."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What is new in a followed search.

    Attributes:
        alert: the search.
        until: position of the journal up to which it tells.
        total: how many records are new or changed, and match.
        cards: the newest of them.
        words: what is followed, in a few words.
        search: address of the results, the newest first.
        stop: address that ends the digests.
    """

    alert: Alert
    until: int
    total: int
    cards: tuple[Card, ...]
    words: str
    search: str
    stop: str

    @property
    def number(self) -> str:
        """Return what names this digest: the same when it has to be sent once more."""
        return f"{self.alert.id}-{self.alert.position}-{self.until}"

    @property
    def more(self) -> int:
        """Return how many records there are besides those that are listed."""
        return self.total - len(self.cards)


def question_of(query: str) -> Question:
    """Return the question of a kept search; what is no longer understood in it is left out.

    Its words are taken as they stand: a search that forgives mistakes would bring something else
    as long as nothing matches.
    """
    question, _problems = read(parse_qs(query))
    return replace(question, sort=Sort.NEWEST, page=1, cursor="", literal=True)


def compose(runtime: Runtime, alert: Alert, until: int) -> Digest:
    """Return what came into a search after the alert's position and up to another.

    What was withdrawn or erased since is not in it, nor what has changed once more after `until`:
    that comes with the next digest.
    """
    language, question = alert.wanted.language, question_of(alert.wanted.query)
    changed = changed_uris(runtime.store, alert.position, until)
    found = among(runtime, question, changed, language, MOST)
    return Digest(
        alert=alert,
        until=until,
        total=found.total,
        cards=tuple(card_of(runtime, hit, language) for hit in found.hits),
        words=words_of(runtime, alert),
        search=search_url(runtime, alert),
        stop=stop_url(runtime, alert),
    )


def words_of(runtime: Runtime, alert: Alert, language: str = "") -> str:
    """Return what is followed in a few words, in the language of the digests or another."""
    tongue = language or alert.wanted.language
    said = in_words(runtime, question_of(alert.wanted.query), tongue)
    return said or _say("alert-all", tongue)


def search_url(runtime: Runtime, alert: Alert) -> str:
    """Return the address of the results of a followed search."""
    settings, language = runtime.settings, alert.wanted.language
    tail = f"&lang={language}" if language in settings.languages else ""
    return f"{settings.base_url}/practices?{question_of(alert.wanted.query).query()}{tail}"


def stop_url(runtime: Runtime, alert: Alert) -> str:
    """Return the address at which whoever gets the digests can end them."""
    return f"{runtime.settings.base_url}/alerts/{alert.token}/stop"


def as_mail(runtime: Runtime, digest: Digest) -> EmailMessage:
    """Return a digest as a mail that can be stopped with one click (RFC 2369, RFC 8058)."""
    settings, wanted = runtime.settings, digest.alert.wanted
    node = settings.name or settings.base_url
    values = {"node": node, "count": digest.total, "words": digest.words}
    mail = new_mail(settings, wanted.target, _say("alert-digest", wanted.language, values))
    host = urlsplit(settings.base_url).hostname or "localhost"
    mail["Date"] = format_datetime(runtime.clock())
    mail["Message-ID"] = f"<alert-{digest.number}@{host}>"
    mail["List-Id"] = f"<alert-{digest.alert.id}.{host}>"
    mail["List-Unsubscribe"] = f"<{digest.stop}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(as_text(runtime, digest))
    return mail


def as_text(runtime: Runtime, digest: Digest) -> str:
    """Return a digest as plain text."""
    language, base = digest.alert.wanted.language, runtime.settings.base_url
    values = {"words": digest.words}
    parts = [SENTENCES.fixes("alert-digest", values)[language]]
    parts += [_record(number, card, base) for number, card in enumerate(digest.cards, 1)]
    if digest.more:
        parts.append(_say("alert-more", language, {"count": digest.more}))
    parts.append(f"{_say('alert-search', language)}\n{digest.search}")
    parts.append(f"{_say('alert-stop', language)}\n{digest.stop}")
    return "\n\n".join(parts) + "\n"


def _record(number: int, card: Card, base: str) -> str:
    where = ", ".join(part for part in (card.place, card.country) if part)
    lines = (card.title.text or card.type_name, where, card.summary.text, base + card.path)
    return f"{number}. " + "\n   ".join(line for line in lines if line)


def as_json(runtime: Runtime, digest: Digest) -> JsonObject:
    """Return a digest as a webhook gets it; the records are those of `/api/v1/search`."""
    base = runtime.settings.base_url
    return {
        "event": "search-alert",
        "node": base,
        "alert": digest.alert.id,
        "digest": digest.number,
        "at": runtime.clock().isoformat(timespec="seconds"),
        "language": digest.alert.wanted.language,
        "query": digest.alert.wanted.query,
        "search": digest.search,
        "total": digest.total,
        "more": digest.more,
        "records": [hit_json(card, base) for card in digest.cards],
        "stop": digest.stop,
    }


def _say(rule: str, language: str, values: dict[str, object] | None = None) -> str:
    return SENTENCES.messages(rule, values)[language]
