"""One record as a list of results shows it, read from what the index keeps of it."""

from dataclasses import dataclass
from datetime import datetime

from node.runtime import Runtime
from node.services import labels
from node.services.addresses import page_path
from node.services.coded import Coded, coded
from node.services.coded import label as named
from node.services.details import place
from node.services.reading import Reader, Text
from node.services.text import host_of
from search.api import Hit, Reason, Snippet, Through
from vocab.terms import JsonObject


@dataclass(frozen=True, slots=True)
class Card:
    """One record as a list shows it.

    Attributes:
        uri: record URI.
        path: path of its page on this node.
        score: how well it fits, comparable within one answer only.
        type: record type.
        type_name: what that is called.
        language: language code of the readers.
        title: title in the best language.
        summary: summary in the best language.
        themes: themes with labels.
        place: name of the place.
        country: name of the country.
        settlement: kind of place.
        cost: cost band.
        sectors: quadruple-helix sectors that take part.
        maturity: how far it is.
        stage: stage of an adaptation.
        languages: language codes of the record.
        origin: DID of the publishing node.
        host: its host.
        local: whether it is this node.
        modified: when this version was made, None when unknown.
        latitude: WGS 84 degrees, None when unknown.
        longitude: WGS 84 degrees, None when unknown.
        snippets: pieces of text with the matches, when asked for.
        through: other names by which it was found.
        reasons: what its score is made of, when asked for.
        relatives: records of its family that are listed here only.
    """

    uri: str
    path: str
    score: float
    type: str
    type_name: str
    language: str
    title: Text
    summary: Text
    themes: tuple[Coded, ...]
    place: str
    country: str
    settlement: str
    cost: str
    sectors: tuple[Coded, ...]
    maturity: Coded | None
    stage: Coded | None
    languages: tuple[str, ...]
    origin: str
    host: str
    local: bool
    modified: datetime | None
    latitude: float | None
    longitude: float | None
    snippets: tuple[Snippet, ...] = ()
    through: tuple[Through, ...] = ()
    reasons: tuple[Reason, ...] = ()
    relatives: tuple["Card", ...] = ()

    @property
    def title_match(self) -> Snippet | None:
        """Return the match in the title, if it is the title that is shown."""
        found = (one for one in self.snippets if one.field == "title")
        return next((one for one in found if one.text == self.title.text), None)

    @property
    def text_match(self) -> Snippet | None:
        """Return the best match outside the title, if possible in the readers' language.

        A summary that they can read says more to them than a match that they cannot.
        """
        found = [one for one in self.snippets if one.field != "title"]
        own = next((one for one in found if one.language == self.language), None)
        if own is not None or (self.summary and self.summary.language == self.language):
            return own
        return next(iter(found), None)


def card_of(runtime: Runtime, hit: Hit, language: str) -> Card:
    """Return a hit as a list shows it to readers of `language`."""
    card: JsonObject = dict(hit.card)  # type: ignore[arg-type]  # an engine gives JSON back
    own = Reader(card, (language,)).strings("language")
    record = Reader(card, (language, *own[:1]))
    where = place(record.one("place"), language)
    did, kind = record.string("origin"), record.string("type")
    base = runtime.settings.base_url
    return Card(
        uri=hit.uri,
        path=page_path(hit.uri, base),
        score=hit.score,
        type=kind,
        type_name=labels.type_name(kind, language),
        language=language,
        title=record.text("title") or Text(labels.type_name(kind, language), ""),
        summary=record.text("summary"),
        themes=coded(record, "themes", "theme", language),
        place=where.name.text if where else "",
        country=where.country if where else "",
        settlement=where.settlement if where else "",
        cost=named("cost-band", record.string("costBand"), language),
        sectors=coded(record, "sectors", "helix", language),
        maturity=next(iter(coded(record, "maturity", "maturity", language)), None),
        stage=next(iter(coded(record, "stage", "adaptation-stage", language)), None),
        languages=own,
        origin=did,
        host=host_of(hit.uri),
        local=did == runtime.identity.did,
        modified=record.moment("modified") or record.moment("issued"),
        latitude=record.number("lat"),
        longitude=record.number("lon"),
        snippets=tuple(hit.snippets),
        through=tuple(hit.through),
        reasons=tuple(hit.reasons),
        relatives=tuple(
            card_of(runtime, Hit(one.uri, 0.0, one.card), language) for one in hit.relatives
        ),
    )
