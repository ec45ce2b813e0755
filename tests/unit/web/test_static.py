"""Stylesheets, scripts and the files of others."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest

from tests.unit.web.towns import Town

pytestmark = pytest.mark.unit

STATIC = Path(__file__).parents[3] / "node" / "static"
VENDOR = STATIC / "vendor"


def test_files_of_others_are_unchanged_and_accounted_for() -> None:
    rows = re.findall(
        r"^\| (\S+) \| .+ \| .+ \| .+ \| `([0-9a-f]{64})` \|$",
        (VENDOR / "THIRD_PARTY.md").read_text("utf-8"),
        re.MULTILINE,
    )
    listed = dict(rows)
    held = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "THIRD_PARTY.md"
    }
    assert listed == held


def test_our_stylesheets_turn_with_the_script() -> None:
    physical = re.compile(
        r"(?:^|[\s;{])(?:left|right|(?:margin|padding|border)-(?:left|right)|text-align:\s*(?:left|right))\s*:"
    )
    for sheet in STATIC.glob("*.css"):
        assert not physical.search(sheet.read_text("utf-8")), sheet.name


def test_our_scripts_stay_small() -> None:
    for script in STATIC.glob("*.js"):
        lines = script.read_text("utf-8").splitlines()
        assert len(lines) <= 200, script.name
        assert not re.search(r"\beval\(|innerHTML|document\.write", "\n".join(lines)), script.name


def test_assets_are_kept_for_ever_under_their_hash(town: Town) -> None:
    page = town.page("/practices")
    urls = re.findall(r'(?:src|href|data-europe|data-world)="(/static/[^"]+)"', page)
    assert len(urls) >= 8
    for url in set(urls):
        answer = town.client.get(url.replace("&amp;", "&"))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    stale = town.client.get("/static/app.css?v=000000000000")
    assert "immutable" not in stale.headers["Cache-Control"]


def test_assets_come_compressed(town: Town) -> None:
    plain = town.client.get("/static/vendor/leaflet/leaflet.js")
    packed = town.client.get(
        "/static/vendor/leaflet/leaflet.js", headers={"Accept-Encoding": "gzip"}
    )
    assert gzip.decompress(packed.data) == plain.data
    again = town.client.get(
        "/static/vendor/leaflet/leaflet.js",
        headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["../app.py", "..%2fapp.py", "vendor", "vendor/THIRD_PARTY.md", "/etc/passwd", "x.css"]
)
def test_only_assets_are_served(town: Town, path: str) -> None:
    assert town.client.get(f"/static/{path}").status_code in (404, 308)
