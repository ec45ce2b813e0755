"""Is the node alive, and is it fit for work? For supervisors and operators."""

import logging
import shutil
from collections.abc import Callable, Mapping
from typing import Final

import orjson
from flask import Blueprint, Response

from node.runtime import Runtime
from node.services.worker_state import heartbeat_age
from node.web.current import runtime

blueprint = Blueprint("health", __name__)
log = logging.getLogger(__name__)

WORKER_SECONDS: Final = 60.0
FREE_BYTES: Final = 50_000_000
_UNAVAILABLE: Final = 503


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers; nothing else is looked at."""
    return _answer({"status": "ok"}, 200)


@blueprint.get("/readyz")
def ready() -> Response:
    """Journal and index can be read, the worker is heard of, the disk has room."""
    parts = runtime()
    checks: dict[str, object] = {}
    well = True
    for name, check in _CHECKS.items():
        good, said = _tried(check, parts)
        checks[name] = {"ok": good, **said}
        well = well and good
    body = {"status": "ok" if well else "failing", "checks": checks}
    return _answer(body, 200 if well else _UNAVAILABLE)


def _answer(body: Mapping[str, object], status: int) -> Response:
    response = Response(orjson.dumps(body), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _tried(
    check: "Callable[[Runtime], tuple[bool, dict[str, object]]]", parts: Runtime
) -> tuple[bool, dict[str, object]]:
    try:
        return check(parts)
    except Exception as error:  # whatever fails is what this page reports
        log.warning("a readiness check failed", exc_info=error)
        return False, {"error": type(error).__name__}


def _journal(parts: Runtime) -> tuple[bool, dict[str, object]]:
    return True, {"position": parts.journal.position()}


def _index(parts: Runtime) -> tuple[bool, dict[str, object]]:
    position = parts.engine.position()
    return True, {"position": position, "behind": max(0, parts.journal.position() - position)}


def _worker(parts: Runtime) -> tuple[bool, dict[str, object]]:
    age = heartbeat_age(parts.settings, parts.clock())
    if age is None:
        return False, {"heard": None}
    return age < WORKER_SECONDS, {"heard": round(age, 1)}


def _disk(parts: Runtime) -> tuple[bool, dict[str, object]]:
    free = shutil.disk_usage(parts.settings.data).free
    return free > FREE_BYTES, {"free_bytes": free}


_CHECKS: Final[dict[str, Callable[[Runtime], tuple[bool, dict[str, object]]]]] = {
    "journal": _journal,
    "index": _index,
    "worker": _worker,
    "disk": _disk,
}
