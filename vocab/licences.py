"""Licences by the codes that people write for them."""

import re
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


_OPEN: Final = re.compile(
    r"https?://(?:www\.)?(?:"
    r"creativecommons\.org/(?:licenses/by(?:-sa)?/|publicdomain/(?:zero|mark)/)"
    r"|spdx\.org/licenses/(?:cc-by(?:-sa)?-\d|cc0-|etalab-|odbl-|odc-by-|pddl-|ogl-|eupl-|mit\b|"
    r"apache-|bsd-|mpl-|a?gpl-|lgpl-)"
    r"|opendatacommons\.org/licenses/|opensource\.org/licen[cs]es?/|gnu\.org/licenses/"
    r"|nationalarchives\.gov\.uk/doc/open-government-licence/"
    r"|etalab\.gouv\.fr/licence-ouverte|joinup\.ec\.europa\.eu/.*eupl"
    r")",
    re.IGNORECASE,
)


def is_open(address: str) -> bool:
    """Say whether a licence lets anybody use, change and share, also for money.

    By its address; one that is not known here does not count as open.
    """
    return _OPEN.match(address) is not None
