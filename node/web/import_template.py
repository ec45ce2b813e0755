"""The table to begin from: every column that the import knows, and a row that shows how."""

import csv
import io
from typing import Final

from flask_babel import gettext as _

from node.services.imports.table import LEAVE_OUT
from vocab import concepts

_CODED: Final = {
    "themes": ("theme", ("mobility", "health-care")),
    "target_groups": ("target-group", ("older-people", "rural-residents")),
    "methods": ("method", ("co-design-workshop",)),
    "settlement": ("settlement", ("village",)),
    "maturity": ("maturity", ("operational",)),
    "evidence_level": ("evidence-level", ("monitored",)),
    "cost_band": ("cost-band", ("c2",)),
    "funding": ("funding", ("own-budget", "national-regional")),
    "competence": ("competence", ("local",)),
    "sdg": ("sdg", ("11",)),
}
"""Columns of concepts, with the scheme and the codes of the example; it shows their names."""


def template_csv(language: str) -> str:
    """Return the table as CSV with a byte order mark, which spreadsheet programs open as it is.

    Its second line is an example in the reader's language; something in its first cell keeps it
    from being imported.
    """
    row = _example(language)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows((row.keys(), row.values()))
    return "\ufeff" + out.getvalue()


def _example(language: str) -> dict[str, str]:
    coded = {
        column: " | ".join(concepts.label(scheme, code, language) for code in codes)
        for column, (scheme, codes) in _CODED.items()
    }
    return {
        LEAVE_OUT: _("EXAMPLE – delete this row, or replace all of it"),
        "language": language,
        "title": _("Bus on demand between villages"),
        "summary": _("A bus that is booked by phone and stops where somebody waits."),
        "problem": _("Fixed lines ran empty, and many could not reach the health centre."),
        "solution": _("Shared taxis follow a timetable and serve only the stops that are booked."),
        "body": "",
        "themes": coded["themes"],
        "target_groups": coded["target_groups"],
        "methods": coded["methods"],
        "keywords": _("rural bus | booking by phone"),
        "sdg": coded["sdg"],
        "place": "Vallalta",
        "region": "",
        "country": "ES",
        "population": "4120",
        "settlement": coded["settlement"],
        "lat": "43.01",
        "lon": "-7.55",
        "start": "2024-03-01",
        "end": "",
        "maturity": coded["maturity"],
        "result": _("Trips to the health centre a month"),
        "result_before": "92",
        "result_after": "187",
        "result_unit": "",
        "result_measured": "2025-03-01",
        "result_method": _("Counted by the drivers for one year before and after"),
        "evidence_level": coded["evidence_level"],
        "lesson": _("Ask people which trips they did not make."),
        "difficulty": _("Booking by app reached nobody; the telephone did."),
        "steps": _("Ask which trips are missing | Choose the stops | Run it for three months"),
        "cost_setup": "38000",
        "cost_yearly": "52000",
        "currency": "EUR",
        "cost_band": coded["cost_band"],
        "funding": coded["funding"],
        "staff": "0.5",
        "setup_months": "6",
        "core_element": _("Booking by phone stays possible."),
        "adaptable": _("The number of stops and the hours"),
        "legal_basis": "",
        "competence": coded["competence"],
        "continuity": "",
        "mentoring": _("We answer calls, and visitors are welcome."),
        "lead": "https://vallalta.example/organisations/council",
        "organisations": "Concello de Vallalta",
        "contact": _("Mobility office"),
        "contact_email": "mobility@vallalta.example",
        "contact_page": "",
        "links": "",
        "licence": "CC-BY-4.0",
        "url": "",
        "source": "Concello de Vallalta",
        "source_id": "1",
        "credit": "",
    }
