"""One authoring document of every type but practices, as complete as its shape would have it."""

from typing import Any, Final

from vocab.terms import CONTEXT_URL

BY: Final = "https://creativecommons.org/licenses/by/4.0/"
PRACTICE: Final = "https://lugo.example/practices/01j9zk"
COUNCIL: Final = "https://lugo.example/organisations/01j9aa"


def _document(record_type: str, **fields: Any) -> dict[str, Any]:
    own = {"@context": CONTEXT_URL, "type": record_type, "publisher": COUNCIL, "license": BY}
    return {**own, **fields}


DOCUMENTS: Final[dict[str, dict[str, Any]]] = {
    "CitizenObservation": _document(
        "CitizenObservation",
        about=PRACTICE,
        observation="malfunction",
        text={"es": "Los domingos nadie contesta al teléfono de reservas."},
        observed="2026-03",
        targetGroup=["older-people"],
        response={
            "type": "Response",
            "responseStatus": "acted-on",
            "description": {"es": "Desde mayo contesta también los domingos."},
            "issued": "2026-05-02T09:00:00Z",
            "publisher": COUNCIL,
            "resultedIn": f"{PRACTICE}/v/2",
        },
    ),
    "Challenge": _document(
        "Challenge",
        title={"pt": "Voltar a casa à noite", "en": "Getting home at night"},
        description={"en": "After ten no bus leaves the industrial estate."},
        theme=["mobility", "safety-resilience"],
        targetGroup=["youth"],
        helixSought=["business", "civil-society"],
        opens="2026-05-01",
        closes="2026-07-31",
        place={"type": "Place", "name": {"pt": "Amarante"}, "country": "PT"},
        language=["pt", "en"],
    ),
    "Proposal": _document(
        "Proposal",
        title={"en": "A club that shares taxis"},
        description={"en": "Neighbours share booked taxis from three meeting points."},
        answers="https://lugo.example/challenges/01j9ch",
        designedBy=["civil-society"],
        citizenDesigned=True,
        supporters=143,
        proposalStatus="selected",
        reason={"en": "Lowest cost for each trip."},
    ),
    "CoCreationProcess": _document(
        "CoCreationProcess",
        title={"en": "Three evenings about the night"},
        initiatedBy="government",
        platform="https://participate.lugo.example/",
        description={"en": "Night workers acted out their way home."},
        participation=[
            {
                "type": "ParticipationPhase",
                "phase": "framing",
                "level": "involve",
                "method": ["arts-based"],
                "participants": 45,
                "womenPercent": 49,
                "inclusion": ["childcare"],
            }
        ],
    ),
    "TrainingResource": _document(
        "TrainingResource",
        title={"en": "Engaging with respect", "es": "Participar con respeto"},
        summary={"en": "Ninety minutes with three role plays."},
        learner=["city-officials"],
        topic=["engagement-ethics"],
        duration="PT90M",
        url="https://lugo.example/files/ethics.html",
        accessibility={"en": "Captions and a transcript."},
        language=["es", "en"],
    ),
    "ProcurementModel": _document(
        "ProcurementModel",
        title={"en": "A contract with a passenger panel"},
        summary={"en": "Passengers set the service levels and score the operator."},
        route="competitive-dialogue",
        accountable=COUNCIL,
        essentialService=True,
        participation=[
            {
                "type": "ParticipationPhase",
                "phase": "specification",
                "level": "involve",
                "inclusion": ["expenses"],
            }
        ],
        asset=[
            {
                "type": "Asset",
                "title": {"es": "Pliego"},
                "url": "https://lugo.example/files/tender.pdf",
                "license": BY,
            }
        ],
    ),
    "Recognition": _document(
        "Recognition",
        title={"en": "Repeated practice of the year"},
        recipient=PRACTICE,
        criteria={"en": "One adaptation in another country with published results."},
        evidence=["https://amarante.example/practices/01j9ad"],
        incentive=["public-recognition"],
    ),
    "SelfAssessment": _document(
        "SelfAssessment",
        assessed=COUNCIL,
        nextReview="2027-01-31",
        reviewedBy="https://amarante.example/organisations/01j9bb",
        commitmentRating=[
            {
                "type": "CommitmentRating",
                "commitment": ["B3"],
                "degree": 3,
                "evidence": [PRACTICE],
                "description": {"en": "Every project begins with residents."},
            }
        ],
    ),
}
