"""Licences by the codes that people write for them."""

from collections.abc import Mapping
from typing import Final

_LICENCES: Final[Mapping[str, str]] = {
    "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "cc-by-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "cc-by-3.0": "https://creativecommons.org/licenses/by/3.0/",
    "cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "cc-by-sa-3.0": "https://creativecommons.org/licenses/by-sa/3.0/",
    "cc-by-nc-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "cc-by-nc-sa-4.0": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    "cc-by-nc-sa-3.0": "https://creativecommons.org/licenses/by-nc-sa/3.0/",
    "cc-by-nd-4.0": "https://creativecommons.org/licenses/by-nd/4.0/",
    "etalab-2.0": "https://spdx.org/licenses/etalab-2.0.html",
    "odc-by-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    "odbl-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "pddl-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
    "ogl-uk-3.0": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
"""SPDX identifiers in lower case, with the address of the licence."""


def licence_address(code: str) -> str:
    """Return the address of a licence by its SPDX identifier ("CC-BY-4.0"), "" if unknown.

    Capitals make no difference, nor whether words are joined by spaces or hyphens.
    """
    return _LICENCES.get("-".join(code.casefold().split()), "")
