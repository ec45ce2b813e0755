"""Records in other people's words.

schema.org for search engines, CSV for spreadsheets, Dublin Core for libraries (OAI-PMH), DCAT for
data portals, GeoJSON for maps. A view is for reading only: the signed record is the document
itself, and no view can be turned back into it.
"""

from vocab.views.csv_row import CSV_COLUMNS, csv_row
from vocab.views.dcat import DCAT_FORMS, dcat, dcat_bytes, record_as_dcat
from vocab.views.geojson import geojson
from vocab.views.oai_dc import oai_dc
from vocab.views.schema_org import schema_org

__all__ = [
    "CSV_COLUMNS",
    "DCAT_FORMS",
    "csv_row",
    "dcat",
    "dcat_bytes",
    "geojson",
    "oai_dc",
    "record_as_dcat",
    "schema_org",
]
