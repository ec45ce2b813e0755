"""The sample records, and the five nodes that publish them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from node.services.errors import ServiceError
from vocab.document import parse
from vocab.terms import JsonObject, JsonValue

FOLDER: Final = Path(__file__).parent / "records"
PLACEHOLDER: Final = "sample:"


@dataclass(frozen=True, slots=True)
class SampleNode:
    """One node of the demo.

    Attributes:
        key: name of its folder of records.
        name: the sample organisation that runs it.
        sector: its quadruple-helix sector.
        search: its search engine.
        hub: key of the hub whose member it is, "" for a hub.
    """

    key: str
    name: str
    sector: str
    hub: str
    search: str = "tantivy"


NODES: Final = (
    SampleNode("city", "Sample City Council", "government", hub=""),
    SampleNode("university", "Sample University", "academia", hub="city"),
    SampleNode("company", "Sample Energy Company", "business", hub="city"),
    SampleNode("rural-hub", "Sample Rural Hub", "government", hub=""),
    SampleNode("ngo", "Sample Neighbours' Association", "civil-society", "rural-hub", "whoosh"),
)
"""Two clusters, around the city and around the rural hub; only the hubs know each other."""


def records(node: str) -> Iterator[tuple[str, JsonObject]]:
    """Yield (slug, authoring document) of the sample records of a node, sorted by slug."""
    for file in sorted((FOLDER / node).glob("*.jsonld")):
        yield file.stem, parse(file.read_bytes(), record=f"{node}/{file.stem}")


def resolve(value: JsonValue, addresses: Mapping[str, str]) -> JsonValue:
    """Return a document in which "sample:node/slug" is replaced by the address of that record.

    Raises:
        ServiceError: a placeholder names a record that has no address yet.
    """
    if isinstance(value, dict):
        return {key: resolve(item, addresses) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, addresses) for item in value]
    if isinstance(value, str) and value.startswith(PLACEHOLDER):
        name = value.removeprefix(PLACEHOLDER)
        if name not in addresses:
            raise ServiceError(f"the sample names {name}, which is not there")
        return addresses[name]
    return value
