"""One record of each public type for the tests of the views, and ways to spoil a record."""

import copy
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import strategies as st

Record = dict[str, Any]

BASE: Final = "https://lugo.example"
CC_BY: Final = "https://creativecommons.org/licenses/by/4.0/"
ORGANISATION: Final = f"{BASE}/organisations/01j9aa"


def record(record_type: str, **keys: Any) -> Record:
    """Return a full entry of a type with some keys of its own."""
    uri = f"{BASE}/records/{record_type.lower()}"
    return {
        "@context": "https://w3id.org/lonja/context/v1",
        "id": f"{uri}/v/2",
        "isVersionOf": uri,
        "type": record_type,
        "origin": "did:web:lugo.example",
        "seq": 7,
        "version": 2,
        "issued": "2026-11-23T08:00:00Z",
        "publisher": ORGANISATION,
        "license": CC_BY,
        **keys,
    }


PLACE: Final[Record] = {
    "type": "Place",
    "name": {"es": "Vallalta", "en": "High Valley"},
    "country": "ES",
    "region": "Galicia",
    "nuts": "ES112",
    "population": 4120,
    "settlement": "village",
    "lat": 43.01,
    "long": -7.55,
}
FULL_PRACTICE: Final = record(
    "BestPractice",
    title={"es": "Autobús a demanda", "en": "On-demand bus"},
    summary={"en": "Bookable buses for five villages."},
    description={"en": "The long story."},
    problem={"en": "Fixed lines ran empty."},
    solution={"en": "Stops are served when booked."},
    keyword={"es": ["transporte rural"], "en": ["rural bus", "booking"]},
    theme=["mobility", "health-care"],
    sdg=["11"],
    commitment=["B1"],
    targetGroup=["older-people"],
    language=["es", "en"],
    lead=f"{BASE}/organisations/lead",
    partner=[f"{BASE}/organisations/partner"],
    organisationName=["Asociación de vecinos"],
    contact={
        "contactName": "Mobility desk",
        "email": "mailto:mobility@lugo.example",
        "contactPage": f"{BASE}/contact",
    },
    place=PLACE,
    startDate="2023-09-01",
    endDate="2024-09-01",
    modified="2026-12-01T08:00:00.5+01:00",
    maturity="operational",
    identifier="catalogue:7",
    credit="Catalogue of cases, CC BY 4.0",
    source="https://catalogue.example/case/7",
    sameAs="https://doi.example/10.1/7",
    landingPage=f"{BASE}/bus",
    seeAlso=["https://catalogue.example/case/7/report"],
    adaptedFrom=["https://other.example/practices/1"],
    openData=f"{BASE}/data/bookings",
    procurementModel=f"{BASE}/records/procurementmodel",
    asset=[
        {
            "type": "Asset",
            "title": {"es": "Pliego"},
            "url": f"{BASE}/files/pliego.pdf",
            "mediaType": "application/pdf",
            "license": "https://licence.example/asset",
        }
    ],
)

RECORDS: Final[tuple[Record, ...]] = (
    FULL_PRACTICE,
    record("Practice", title={"und": "Listed"}, language=["gl"], place={"countryName": "Espagne"}),
    record("Adaptation", title={"pt": "Táxi"}, adaptedFrom=[FULL_PRACTICE["isVersionOf"]]),
    record(
        "Organisation",
        name={"es": "Ayuntamiento"},
        helix="government",
        place=PLACE,
        homepage="https://vallalta.example/",
        memberOf=f"{BASE}/records/cluster",
        contact={"email": "mailto:innova@lugo.example"},
    ),
    record("Cluster", name={"en": "Minho-Douro"}, hub=ORGANISATION, member=[ORGANISATION]),
    record(
        "CitizenObservation",
        about=FULL_PRACTICE["isVersionOf"],
        observation="malfunction",
        text={"es": "Los sábados nadie coge el teléfono."},
        rating=3,
        observed="2026-03",
        targetGroup=["older-people"],
        response={
            "type": "Response",
            "responseStatus": "acted-on",
            "description": {"es": "Ya atiende."},
            "issued": "2026-04-02T09:00:00Z",
            "publisher": ORGANISATION,
        },
    ),
    record(
        "Challenge",
        title={"en": "Home at night"},
        description={"en": "No way home after ten."},
        theme=["mobility"],
        helixSought=["business"],
        opens="2026-05-01",
        closes="2026-07-31",
        place=PLACE,
    ),
    record(
        "Proposal",
        title={"en": "Night taxi club"},
        answers=f"{BASE}/records/challenge",
        proposalStatus="selected",
        implementedAs=FULL_PRACTICE["isVersionOf"],
    ),
    record(
        "CoCreationProcess",
        description={"en": "Three evenings."},
        platform="https://participa.example/",
        participation=[{"type": "ParticipationPhase", "phase": "framing"}],
    ),
    record(
        "TrainingResource",
        title={"en": "Engaging with respect"},
        learner=["city-officials"],
        topic=["engagement-ethics"],
        duration="PT90M",
        url=f"{BASE}/files/ethics.html",
        accessibility={"en": "Captions."},
    ),
    record(
        "ProcurementModel",
        title={"en": "Passenger panel"},
        route="competitive-dialogue",
        asset=[{"type": "Asset", "url": f"{BASE}/files/panel.pdf"}],
    ),
    record(
        "Recognition",
        title={"en": "Replicated practice"},
        recipient=FULL_PRACTICE["isVersionOf"],
        criteria={"en": "One adaptation."},
        evidence=["https://amarante.example/a"],
    ),
    record(
        "SelfAssessment",
        assessed=ORGANISATION,
        commitmentRating=[{"type": "CommitmentRating", "commitment": ["B3"], "degree": 3}],
    ),
)

SILENT: Final[tuple[Record, ...]] = (
    record("Tombstone", formerType="BestPractice", title={"en": "x"}, place=PLACE),
    record("Membership", memberDid="did:web:a.example", title={"en": "x"}, place=PLACE),
    record("ConsentRecord", title={"en": "x"}, place=PLACE),
    {**FULL_PRACTICE, "type": ["BestPractice", "ConsentRecord"]},
    {**FULL_PRACTICE, "type": ["Tombstone", "BestPractice"]},
    {**FULL_PRACTICE, "type": "Unheard"},
    {**FULL_PRACTICE, "type": [["BestPractice"]]},
    {key: value for key, value in FULL_PRACTICE.items() if key != "type"},
    {},
)
"""What no view but a row of a table may speak of."""

VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -5, 1.5, 1e300, 2**53 - 1, 2**63, 10**400, float("nan"), float("inf")),
    *("", "  ", "x", "=1+1", "a\x00b\ud800c\ufffe", "\u202ehttps://a.example/", "<b>&]]>"),
    *("javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:x", "//a.example/", "/relative"),
    *("http://", "https://[x]/", "https://a.example/%zz", "https://a.example/ b", "http:a"),
    *("https://user@a.example/", 'https://a.example/"><x', "https://a.example/ok", "urn:x:1"),
    *("mailto:a@b.example?bcc=c@d.example", "mailto:a@b.example", "https://a.example/\n"),
    *("energy", "unknown-code", "../../x", "a b", "11", "es", "pt-BR", "ES112", "12", "und"),
    *("2024-02-29", "2023-02-30", "2024-02-29T24:00:00Z", "2026-01-01T00:00:00+99:99"),
    *("2026-01-01T00:00:00Z", "application/pdf", "application/../x", "BestPractice", "Cluster"),
    *([], ["a"], [None, 3, "energy"], [["a"]], ["BestPractice", "Adaptation"]),
    *({}, {"en": "x"}, {"en": 3}, {"en": ["a", 1, None]}, {"@none": "x"}, {"<x>": "y"}),
    *({"id": "javascript:x"}, {"id": "https://z.example/"}, {"@id": "x", "@value": "y"}),
    *({"lat": "north", "long": 3}, {"lat": 91, "long": 1}, {"lat": True, "long": False}),
    {"lat": 10**400, "long": 1},
)
"""Anything that somebody could put anywhere."""

_ANYTHING: Final = st.sampled_from(VALUES) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def spoilt(draw: st.DrawFn) -> Record:
    """Draw a record in which some values are anything at all."""
    document: Record = copy.deepcopy(draw(st.sampled_from((*RECORDS, *SILENT))))
    for _ in range(draw(st.integers(1, 4))):
        places = list(_places(document))
        if not places:
            break
        *outer, last = draw(st.sampled_from(places))
        owner: Any = document
        for step in outer:
            owner = owner[step]
        owner[last] = copy.deepcopy(draw(_ANYTHING))
    return document


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for step, item in inner:
        yield from _places(item, (*path, step))


def strings(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value but the keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
