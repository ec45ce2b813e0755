"""Records in the words of schema.org, for search engines (JSON-LD in the head of a page)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from vocab.language import pick
from vocab.terms import JsonObject
from vocab.views.reading import (
    dated,
    filled,
    labels,
    languages,
    lists,
    mail,
    number,
    parts,
    pick_text,
    plain,
    shown_type,
    titles,
    uri_of,
    web,
    webs,
    words,
)
from vocab.views.schema_org_parts import media, period, place, reference

_View = dict[str, Any]
_ORGANISATION_TYPES: Final[Mapping[str, str]] = {
    "government": "GovernmentOrganization",
    "academia": "EducationalOrganization",
}


def schema_org(document: JsonObject, language: str) -> JsonObject:
    """Return a record as schema.org JSON-LD, for the head of its page.

    A practice is a CreativeWork, an observation a Review, a training resource a
    LearningResource, a challenge a CreativeWork that is also a Demand; other contents are
    CreativeWorks, organisations and clusters are Organizations.

    Args:
        document: a record; a tombstone, a membership or a local record gives {}.
        language: preferred language of the texts.
    """
    record_type = shown_type(document)
    if not record_type:
        return {}
    if record_type in ("Organisation", "Cluster"):
        view = _organisation(document, language, record_type)
    else:
        view = _creative_work(document, language)
        view |= _OWN.get(record_type, _nothing)(document, language)
    return {"@context": "https://schema.org", **filled(view)}


def _creative_work(document: JsonObject, language: str) -> _View:
    name, name_language = pick(titles(document), [language])
    told = next(filter(None, (pick_text(document, key, language) for key in _DESCRIBED)), "")
    keywords = (word for held in lists(document.get("keyword")).values() for word in held)
    return {
        "@type": "CreativeWork",
        "@id": uri_of(document),
        "url": uri_of(document),
        "name": name,
        "abstract": pick_text(document, "summary", language),
        "description": told,
        "about": labels(document, language, "theme", "sdg", "commitment", "topic", "route"),
        "keywords": list(dict.fromkeys(keywords)),
        "audience": [
            {"@type": "Audience", "audienceType": label}
            for label in labels(document, language, "targetGroup", "learner", "helixSought")
        ],
        "publisher": reference(document.get("publisher")),
        "creator": reference(document.get("lead")),
        "contributor": [
            *({"@type": "Organization", "@id": uri} for uri in webs(document.get("partner"))),
            *(
                {"@type": "Organization", "name": held}
                for held in words(document.get("organisationName"))
            ),
        ],
        "spatialCoverage": place(document.get("place"), language),
        "temporalCoverage": period(document),
        "datePublished": dated(document.get("issued")),
        "dateModified": dated(document.get("modified")),
        "version": number(document.get("version")) or plain(document.get("version")),
        "inLanguage": languages(document) if "language" in document else name_language,
        "license": web(document.get("license")),
        "creditText": plain(document.get("credit")),
        "identifier": plain(document.get("identifier")),
        "sameAs": web(document.get("sameAs")),
        "isBasedOn": [
            *webs(document.get("adaptedFrom")),
            *webs(document.get("source")),
            *webs(document.get("answers")),
        ],
        "creativeWorkStatus": next(
            iter(labels(document, language, "maturity", "proposalStatus")), ""
        ),
        "encoding": [media(part, language) for part in parts(document.get("asset"))],
    }


_DESCRIBED: Final = ("description", "solution", "criteria")
"""Where the description of a record is looked for."""


def _review(document: JsonObject, language: str) -> _View:
    """Return what an observation is besides: a Review without author and rating, by design."""
    about = web(document.get("about"))
    return {
        "@type": "Review",
        "itemReviewed": {"@type": "CreativeWork", "@id": about} if about else None,
        "reviewBody": pick_text(document, "text", language),
        "reviewAspect": labels(document, language, "observation"),
        "dateCreated": dated(document.get("observed")),
        "inLanguage": languages(document),
        "comment": [_comment(part, language) for part in parts(document.get("response"))],
    }


def _comment(response: JsonObject, language: str) -> JsonObject:
    return filled(
        {
            "@type": "Comment",
            "text": pick_text(response, "description", language),
            "datePublished": dated(response.get("issued")),
            "creator": reference(response.get("publisher")),
        }
    )


def _challenge(document: JsonObject, language: str) -> _View:
    del language
    return {
        "additionalType": "https://schema.org/Demand",
        "temporalCoverage": period(document, "opens", "closes"),
        "expires": dated(document.get("closes")),
    }


def _training(document: JsonObject, language: str) -> _View:
    medium = {"@type": "MediaObject", "contentUrl": web(document.get("url"))}
    assets = [media(part, language) for part in parts(document.get("asset"))]
    return {
        "@type": "LearningResource",
        "teaches": labels(document, language, "topic"),
        "timeRequired": plain(document.get("duration")),
        "accessibilitySummary": pick_text(document, "accessibility", language),
        "encoding": [medium, *assets] if medium["contentUrl"] else assets,
    }


def _recognition(document: JsonObject, language: str) -> _View:
    del language
    return {
        "about": [{"@type": "Thing", "@id": uri} for uri in webs(document.get("recipient"))],
        "citation": webs(document.get("evidence")),
    }


def _assessment(document: JsonObject, language: str) -> _View:
    return {
        "about": [
            *({"@type": "Organization", "@id": uri} for uri in webs(document.get("assessed"))),
            *(
                label
                for part in parts(document.get("commitmentRating"))
                for label in labels(part, language, "commitment")
            ),
        ]
    }


def _nothing(document: JsonObject, language: str) -> _View:
    del document, language
    return {}


_OWN: Final[Mapping[str, Callable[[JsonObject, str], _View]]] = {
    "CitizenObservation": _review,
    "Challenge": _challenge,
    "TrainingResource": _training,
    "Recognition": _recognition,
    "SelfAssessment": _assessment,
}
"""What records of a type have that others have not."""


def _organisation(document: JsonObject, language: str, record_type: str) -> _View:
    sector = plain(document.get("helix")) if record_type == "Organisation" else ""
    email = "".join(mail(contact.get("email")) for contact in parts(document.get("contact"))[:1])
    return {
        "@type": _ORGANISATION_TYPES.get(sector, "Organization"),
        "@id": uri_of(document),
        "url": web(document.get("homepage")) or uri_of(document),
        "name": pick_text(document, "name", language),
        "description": pick_text(document, "description", language),
        "email": email.removeprefix("mailto:"),
        "location": place(document.get("place"), language),
        "memberOf": reference(document.get("memberOf")),
        "member": [{"@type": "Organization", "@id": uri} for uri in webs(document.get("member"))],
        "sameAs": web(document.get("sameAs")),
    }
