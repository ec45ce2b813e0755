"""The structured parts of a record, with codes turned into words for the reader."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from node.services import labels
from node.services.coded import Coded, code_of, coded, label, labels_of
from node.services.participation import Phase, phases
from node.services.reading import Prose, Reader, Text
from node.services.text import host_of, one_line, safe_link

_MANY: Final = 60


@dataclass(frozen=True, slots=True)
class Link:
    """An address that may be followed, and what to call it."""

    href: str
    label: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happened; each part may be empty."""

    name: Text
    region: str
    country: str
    country_code: str
    population: int | None
    settlement: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """One measured result."""

    indicator: Text
    unit: str
    before: float | None
    after: float | None
    measured: date | None
    method: Text


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost in whole units of a currency; `kind` is "setup", "yearly" or what was written."""

    kind: str
    amount: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be there for it to work elsewhere."""

    kind: str
    essential: bool
    description: Text


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way."""

    title: Text
    description: Text


@dataclass(frozen=True, slots=True)
class Asset:
    """Material to reuse."""

    title: Text
    href: str
    media_type: str
    licence: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A mailbox or page of a function, never of a person."""

    name: str
    email: str
    page: str


@dataclass(frozen=True, slots=True)
class Details:
    """Everything of a record that is not running text."""

    themes: tuple[Coded, ...]
    goals: tuple[Coded, ...]
    groups: tuple[Coded, ...]
    sector: Coded | None
    place: Place | None
    keywords: tuple[Text, ...]
    cost_band: str
    costs: tuple[Cost, ...]
    funding: tuple[str, ...]
    staff: float | None
    setup_months: int | None
    start: date | None
    end: date | None
    maturity: Coded | None
    evidence: str
    stage: str
    results: tuple[Result, ...]
    steps: tuple[Step, ...]
    conditions: tuple[Condition, ...]
    phases: tuple[Phase, ...]
    initiated_by: str
    citizen_designed: bool | None
    platform: str
    assets: tuple[Asset, ...]
    mentoring: Prose
    mentoring_languages: tuple[str, ...]
    contact: Contact | None
    languages: tuple[str, ...]
    organisations: tuple[str, ...]
    links: tuple[Link, ...]

    @property
    def has_figures(self) -> bool:
        """Say whether any result comes with a number."""
        return any(one.before is not None or one.after is not None for one in self.results)


def details(record: Reader, language: str) -> Details:
    """Return the structured parts of a record, labelled in `language`."""
    co_creation, mentoring = record.one("coCreation"), record.one("mentoring")
    sector, maturity = record.string("helix"), record.string("maturity")
    return Details(
        themes=coded(record, "theme", "theme", language),
        goals=coded(record, "sdg", "sdg", language),
        groups=coded(record, "targetGroup", "target-group", language),
        sector=code_of("helix", sector, language) if sector else None,
        place=place(record.one("place"), language),
        keywords=tuple(word for word in record.words("keyword") if word)[:_MANY],
        cost_band=label("cost-band", record.string("costBand"), language),
        costs=tuple(_cost(item) for item in record.many("cost")),
        funding=labels_of(record, "funding", "funding", language),
        staff=record.number("staff"),
        setup_months=record.whole("setupMonths"),
        start=record.day("startDate"),
        end=record.day("endDate"),
        maturity=code_of("maturity", maturity, language) if maturity else None,
        evidence=label("evidence-level", record.string("evidenceLevel"), language),
        stage=label("adaptation-stage", record.string("stage"), language),
        results=tuple(_result(item) for item in record.many("result")),
        steps=_steps(record),
        conditions=tuple(_condition(item, language) for item in record.many("condition")),
        phases=phases(co_creation, language),
        initiated_by=label("helix", co_creation.string("initiatedBy"), language),
        citizen_designed=co_creation.flag("citizenDesigned"),
        platform=safe_link(co_creation.string("platform")),
        assets=tuple(_asset(item) for item in record.many("asset")),
        mentoring=mentoring.prose("description"),
        mentoring_languages=_language_names(mentoring, language),
        contact=_contact(record.one("contact")),
        languages=_language_names(record, language),
        organisations=tuple(one_line(name) for name in record.strings("organisationName"))[:_MANY],
        links=_links(record),
    )


def place(record: Reader, language: str) -> Place | None:
    """Return a place, None when nothing is said of it."""
    if not record.document:
        return None
    code = record.string("country")
    country = labels.country_name(code, language) if code else record.string("countryName")
    return Place(
        name=record.text("name"),
        region=record.text("region").text,
        country=country,
        country_code=code,
        population=record.whole("population"),
        settlement=label("settlement", record.string("settlement"), language),
        latitude=record.number("lat"),
        longitude=record.number("long"),
    )


def _language_names(record: Reader, language: str) -> tuple[str, ...]:
    codes = record.strings("language")
    return tuple(labels.language_name(one_line(code), language) for code in codes)


def _cost(record: Reader) -> Cost:
    return Cost(record.string("costKind"), record.whole("amount"), record.string("currency"))


def _result(record: Reader) -> Result:
    return Result(
        indicator=record.text("indicator"),
        unit=record.string("unit"),
        before=record.number("baseline"),
        after=record.number("value"),
        measured=record.day("measuredOn"),
        method=record.text("measureMethod"),
    )


def _steps(record: Reader) -> tuple[Step, ...]:
    found = record.many("step")
    ordered = sorted(found, key=lambda step: (step.whole("order") is None, step.whole("order")))
    return tuple(Step(step.text("title"), step.text("description")) for step in ordered)


def _condition(record: Reader, language: str) -> Condition:
    return Condition(
        kind=label("condition", record.string("conditionType"), language),
        essential=record.flag("essential") is True,
        description=record.text("description"),
    )


def _asset(record: Reader) -> Asset:
    licence = record.string("license")
    return Asset(
        title=record.text("title"),
        href=safe_link(record.string("url")),
        media_type=record.string("mediaType"),
        licence=labels.licence_name(licence) if licence else "",
    )


def _contact(record: Reader) -> Contact | None:
    if not record.document:
        return None
    email = safe_link(record.string("email"))
    return Contact(
        name=record.string("contactName"),
        email=email if email.startswith("mailto:") else "",
        page=safe_link(record.string("contactPage")),
    )


def _links(record: Reader) -> tuple[Link, ...]:
    """Return addresses outside the federation: home page and further reading."""
    addresses = (
        *record.strings("homepage"),
        *record.strings("landingPage"),
        *record.strings("seeAlso"),
        *record.strings("buildsOn"),
    )
    good = dict.fromkeys(link for link in map(safe_link, addresses) if link)
    return tuple(Link(link, host_of(link) or link) for link in list(good)[:_MANY])
