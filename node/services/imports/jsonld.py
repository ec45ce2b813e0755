"""Read a file of foreign JSON-LD: schema.org pages and DCAT catalogues as listed practices."""

from collections.abc import Iterator

from node.services.imports.countries import country_code
from node.services.imports.rows import Converted
from node.services.publish import Submission
from vocab.foreign import drafts
from vocab.licences import licence_address


def read_jsonld(data: bytes, name: str) -> Iterator[Converted | Submission]:
    """Yield the things of a file as documents, or as a submission that says what is wrong."""
    for draft in drafts(data, name=name, country=country_code, licence=_licence):
        if draft.document is None:
            yield Submission(draft.label, None, draft.findings)
        else:
            yield Converted(draft.label, draft.document, list(draft.findings))


def _licence(code: str) -> str | None:
    return licence_address(code) or None
