"""A page for those who write programs: examples that work, and every operation."""

from typing import Final

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from node.services.publish import check_quickly
from node.services.submissions import read_document
from node.web.current import absolute, runtime
from node.web.limits import client, pace
from node.web.operations import OPERATIONS
from vocab.findings import Finding, violations

blueprint = Blueprint("developers", __name__)

CHECKS_A_MINUTE: Final = 60
_EXAMPLE: Final = """{
  "@context": "https://w3id.org/lonja/context/v1",
  "type": "Practice",
  "title": { "en": "A bench every two hundred metres" },
  "theme": ["public-space"],
  "license": "https://creativecommons.org/licenses/by/4.0/"
}"""


@blueprint.get("/api")
def old() -> Response:
    """Where the page was before."""
    return redirect(request.script_root + "/developers", 308)


@blueprint.get("/developers")
def developers() -> str:
    """The page."""
    return _page(_EXAMPLE, None)


@blueprint.post("/developers")
def check() -> str | tuple[str, int]:
    """Check a document that was pasted in."""
    document = request.form.get("document", "")
    if not pace().allows(f"check {client()}", CHECKS_A_MINUTE):
        return _page(document, None), 429
    submission = read_document(document.encode("utf-8", "replace"), "")
    return _page(document, check_quickly(submission, runtime().settings))


def _page(document: str, findings: tuple[Finding, ...] | None) -> str:
    groups = dict.fromkeys(one.group for one in OPERATIONS)
    return render_template(
        "developers.html",
        section="",
        canonical=absolute("/developers"),
        base=runtime().settings.base_url,
        operations=OPERATIONS,
        groups=[(name, [one for one in OPERATIONS if one.group == name]) for name in groups],
        document=document,
        findings=findings,
        valid=findings is not None and not violations(list(findings)),
    )
