"""Our stylesheets, scripts and map data: read once, addressed by content, cached for ever."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

import zstandard
from flask import Blueprint, Flask, Response, abort, request

from node.web.compression import accepted_coding
from node.web.negotiate import conditional

_FOLDER: Final = Path(__file__).parent.parent / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_HASH_LENGTH: Final = 12
_SHEETS: Final = (
    *("ground", "frame", "forms", "home", "results", "record", "network", "small", "print"),
    *("operator", "fits", "desk", "overview", "family", "challenges"),
)
"""The parts of app.css, in this order: a later rule wins."""

blueprint = Blueprint("assets", __name__)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file that browsers load.

    Attributes:
        content_type: value of the Content-Type header.
        etag: start of the SHA-256 of the file.
        bodies: bytes per content coding; "" holds the file as it is.
    """

    content_type: str
    etag: str
    bodies: Mapping[str, bytes]


@lru_cache(maxsize=1)
def _files() -> Mapping[str, tuple[Path, ...]]:
    """Return what each asset is made of, by its path."""
    found: dict[str, tuple[Path, ...]] = {
        path.relative_to(_FOLDER).as_posix(): (path,)
        for path in _FOLDER.rglob("*")
        if path.suffix in _TYPES
    }
    found["app.css"] = tuple(_FOLDER / "css" / f"{name}.css" for name in _SHEETS)
    return MappingProxyType(found)


@lru_cache(maxsize=64)
def load(name: str) -> Asset | None:
    """Return the asset with a path below node/static, None when there is none."""
    paths = _files().get(name)
    if paths is None:
        return None
    content = b"\n".join(path.read_bytes() for path in paths)
    return Asset(
        content_type=_TYPES[paths[0].suffix],
        etag=hashlib.sha256(content).hexdigest()[:_HASH_LENGTH],
        bodies=MappingProxyType(
            {
                "": content,
                "gzip": gzip.compress(content, 9, mtime=0),
                "zstd": zstandard.ZstdCompressor(level=19).compress(content),
            }
        ),
    )


@lru_cache(maxsize=1)
def version() -> str:
    """Return a text that changes when a stylesheet, script or template of the pages changes."""
    digest = hashlib.sha256()
    templates = _FOLDER.parent / "templates"
    translations = _FOLDER.parent / "translations"
    own = [
        path
        for name, paths in sorted(_files().items())
        for path in paths
        if not name.startswith("vendor/")
    ]
    for path in [*own, *sorted(templates.rglob("*.*")), *sorted(translations.rglob("*.po"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_HASH_LENGTH]


@blueprint.get("/static/<path:name>")
def serve(name: str) -> Response:
    """Answer with an asset; an address that carries its hash may be kept for ever."""
    asset = load(name)
    if asset is None:
        abort(404)
    coding = accepted_coding()
    response = Response(asset.bodies[coding], content_type=asset.content_type)
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Vary"] = "Accept-Encoding"
    fixed = request.args.get("v") == asset.etag
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if fixed else "public, max-age=300"
    )
    response.set_etag(f"{asset.etag}{'-' if coding else ''}{coding}")
    return conditional(response)


def asset_url(name: str) -> str:
    """Return the address of an asset with its hash in it.

    Written by hand: Flask's `url_for` fails where the Host header is nonsense, error pages too.
    """
    asset = load(name)
    if asset is None:
        raise LookupError(name)
    return f"{request.script_root}/static/{quote(name)}?v={asset.etag}"


def init_app(app: Flask) -> None:
    """Serve the assets and offer `asset_url` to templates."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset_url"] = asset_url
