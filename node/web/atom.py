"""Any search as a feed: /feed.atom with the parameters of the results page."""

import hashlib
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from node.services.atom import ENTRIES, PATH, atom
from node.services.find import find, in_words
from node.web.asked import ask
from node.web.current import runtime
from node.web.i18n import current_language
from node.web.negotiate import ATOM, conditional
from search.api import Sort

blueprint = Blueprint("atom", __name__)

_OWN: Final = ("limit", "cursor")


@blueprint.get(PATH)
def feed() -> Response:
    """The records of a search, the newest first; all practices without any parameter."""
    asked, refused = ask()
    if refused is not None:
        return refused
    size = asked.size if "limit" in request.args else ENTRIES
    # Mistakes are not forgiven: who follows words wants what has them, not what comes near.
    question = replace(
        asked,
        sort=Sort.NEWEST,
        page=1,
        size=size,
        facets=(),
        highlight=False,
        collapse=False,
        literal=True,
    )
    language = current_language()
    found = find(runtime(), question, language)
    node = runtime().settings.name or "Lonja"
    words = in_words(runtime(), question, language)
    body = atom(
        runtime(),
        found,
        language,
        title=f"{words} – {node}" if words else _("New practices – %(node)s", node=node),
        parameters={name: request.args[name] for name in _OWN if request.args.get(name)},
    )
    response = Response(body, content_type=f"{ATOM}; charset=utf-8")
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Content-Language"] = language
    response.vary.update(("Accept-Language", "Cookie"))
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return conditional(response)
