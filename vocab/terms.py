"""Names that the whole program shares: namespaces, envelope keys, record types and their paths."""

from typing import Final, TypeAlias

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, "JsonValue"]

NAMESPACE: Final = "https://w3id.org/lonja/ns#"
CONCEPTS: Final = "https://w3id.org/lonja/cs/"
CONTEXT_URL: Final = "https://w3id.org/lonja/context/v1"

ENVELOPE_KEYS: Final = ("origin", "seq", "version", "previous", "issued", "isVersionOf", "proof")
"""Keys that the node adds to an authoring document (with `id` and `modified`)."""

COLLECTIONS: Final[dict[str, str]] = {
    "Practice": "practices",
    "BestPractice": "practices",
    "Adaptation": "practices",
    "Organisation": "organisations",
    "Cluster": "clusters",
    "CitizenObservation": "observations",
    "Challenge": "challenges",
    "Proposal": "proposals",
    "CoCreationProcess": "co-creation",
    "TrainingResource": "training",
    "ProcurementModel": "procurement",
    "Recognition": "recognitions",
    "SelfAssessment": "self-assessments",
    "Membership": "memberships",
    "KeyRotation": "keys",
}
"""Path of the collection in which a record of a type lives. A tombstone lives where its
`formerType` lived."""

RECORD_TYPES: Final = (*COLLECTIONS, "Tombstone")
"""Types of all records that can be published."""

LOCAL_TYPES: Final = ("ConsentRecord",)
"""Types of records that never leave the node: no exit lets them through."""

TRUST_TYPES: Final = ("Membership", "KeyRotation")
"""Types by which nodes tell each other whom to trust: federated, but no content to be found."""

SIGNED_BY_THE_NODE: Final = ("Tombstone", *TRUST_TYPES)
"""Types that nobody writes in a form or through the API: the node signs them for its owners."""

PRACTICE_TYPES: Final = ("Practice", "BestPractice", "Adaptation")


def type_of(document: JsonObject) -> str:
    """Return the record's own type, the most specific one when `type` is a list, "" if none.

    An adaptation with results may carry both "BestPractice" and "Adaptation": the latter wins,
    because lineage decides where a record is shown.
    """
    declared = document.get("type")
    names = declared if isinstance(declared, list) else [declared]
    known = [name for name in names if isinstance(name, str)]
    for preferred in ("Adaptation", "BestPractice"):
        if preferred in known:
            return preferred
    return known[0] if known else ""


def collection_of(record_type: str) -> str | None:
    """Return the collection path of a record type ("practices"), None for an unknown type."""
    return COLLECTIONS.get(record_type)
