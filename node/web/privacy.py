"""Privacy: the notice for everybody, and what the owners have to look after."""

from flask import Blueprint, render_template

from node.local.holdings import holdings
from node.services.erase import erasures, status
from node.services.erasure_words import answer_said
from node.services.notice import notice
from node.web.current import absolute, runtime
from node.web.i18n import current_language
from node.web.session import operator_only

blueprint = Blueprint("privacy", __name__)


@blueprint.get("/privacy")
def public() -> str:
    """What this node knows of its readers (nothing) and of people in records."""
    return render_template(
        "privacy.html", section="", canonical=absolute("/privacy"), notice=notice(runtime())
    )


@blueprint.get("/admin/privacy")
@operator_only
def overview() -> str:
    """What is kept of whom, in numbers, and what was erased."""
    return _page(())


@blueprint.post("/admin/privacy")
@operator_only
def ask_peers() -> str:
    """The same, with what the peers answer now: how far they have followed each erasure."""
    language = current_language()
    return _page(
        tuple(
            (one, tuple(answer_said(one, answer).message(language) for answer in one.answers))
            for one in status(runtime())
        )
    )


def _page(asked: tuple[tuple[object, tuple[str, ...]], ...]) -> str:
    return render_template(
        "admin_privacy.html",
        section="admin",
        held=holdings(runtime().store),
        notice=notice(runtime()),
        erased=erasures(runtime()),
        asked=asked,
    )
