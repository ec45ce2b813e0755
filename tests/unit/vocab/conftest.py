"""Records that the tests of the vocabulary start from."""

from typing import Any

import pytest


def _envelope(collection: str, record_type: str) -> dict[str, Any]:
    uri = f"https://lugo.example/{collection}/01j9zk"
    return {
        "@context": "https://w3id.org/lonja/context/v1",
        "id": f"{uri}/v/1",
        "isVersionOf": uri,
        "type": record_type,
        "origin": "did:web:lugo.example",
        "seq": 1,
        "version": 1,
        "issued": "2026-11-23T08:00:00Z",
    }


@pytest.fixture
def practice() -> dict[str, Any]:
    """The least that a practice must say."""
    return {
        **_envelope("practices", "Practice"),
        "title": {"es": "Autobús a demanda"},
        "publisher": "https://lugo.example/organisations/01j9aa",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }


@pytest.fixture
def imported(practice: dict[str, Any]) -> dict[str, Any]:
    """A record listed from a catalogue, with that catalogue's gaps."""
    return {
        **practice,
        "source": "https://catalogue.example/case/7",
        "identifier": "catalogue:7",
        "credit": "Catalogue of cases, CC BY 4.0",
        "startDate": "2021-05-01",
        "keyword": {"es": ["transporte rural"]},
        "organisationName": ["Asociación de vecinos"],
        "place": {"type": "Place", "name": {"es": "Vallalta"}, "countryName": "Espagne"},
        "originalLanguage": "gl",
        "importNote": "text lower-cased by the source",
        "seeAlso": ["https://catalogue.example/case/7/report"],
    }


@pytest.fixture
def best(practice: dict[str, Any]) -> dict[str, Any]:
    """A best practice with what is required, and a part of most kinds."""
    return {
        **practice,
        "type": "BestPractice",
        "summary": {"en": "Bookable buses for five villages."},
        "problem": {"en": "Fixed lines ran empty."},
        "solution": {"en": "Stops are served when booked."},
        "theme": ["mobility"],
        "place": {
            "type": "Place",
            "name": {"es": "Vallalta"},
            "country": "ES",
            "population": 4120,
            "settlement": "village",
            "lat": 43.01,
            "long": -7.55,
        },
        "lead": "https://lugo.example/organisations/01j9aa",
        "result": [
            {"type": "Result", "indicator": {"en": "Trips"}, "baseline": 92, "value": 187.5}
        ],
        "evidenceLevel": "monitored",
        "maturity": "operational",
        "startDate": "2023-09-01",
        "endDate": "2024-09-01",
        "contact": {"email": "mailto:mobility@lugo.example"},
        "cost": [{"type": "Cost", "costKind": "setup", "amount": 38000, "currency": "EUR"}],
        "coCreation": {
            "type": "CoCreationProcess",
            "participation": [{"phase": "design", "level": "involve", "womenPercent": 52}],
        },
        "privacy": {
            "type": "PrivacyProfile",
            "personalData": True,
            "legalGround": "dpv:Consent",
            "notice": "https://lugo.example/privacy",
        },
    }


@pytest.fixture
def organisation() -> dict[str, Any]:
    """The organisation of a node, as `init` publishes it without a sector."""
    return {**_envelope("organisations", "Organisation"), "name": {"es": "Ayuntamiento"}}


@pytest.fixture
def membership() -> dict[str, Any]:
    """A hub's word for the key of a member."""
    return {
        **_envelope("memberships", "Membership"),
        "memberDid": "did:web:amarante.example",
        "memberKey": "z6Mk" + "r" * 44,
        "memberRole": "member",
        "until": "2027-11-23T08:00:00Z",
    }


@pytest.fixture
def tombstone() -> dict[str, Any]:
    """A withdrawn record whose first entry is to be erased."""
    return {
        **_envelope("practices", "Tombstone"),
        "formerType": "BestPractice",
        "reason": {"en": "withdrawn by its publisher"},
        "erases": [1],
    }
