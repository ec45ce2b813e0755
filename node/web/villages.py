"""The villages that a hub looks after: profiles, what fits each, packs for paper."""

from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from node.accounts.roles import Scope
from node.local.villages import Village
from node.services import labels, villages
from node.services.accounts import audit
from node.services.errors import ServiceError
from node.services.fit_words import factor_name, reason
from node.web import assets
from node.web.current import absolute, runtime
from node.web.desk import origin_name, readable
from node.web.i18n import current_language
from node.web.session import demand, may_somewhere, needs, somebody
from node.web.told import told

blueprint = Blueprint("villages", __name__, url_prefix="/desk/villages")

_ON_A_PAGE: Final = 10  # each is compared with all practices
_FITTING: Final = 3
_SHEETS: Final = 8
_GOOD: Final = 0.7


@blueprint.get("")
@needs(Scope.READ)
def listed() -> str:
    """All villages that one may see, ten on a page, with the practices that fit each best."""
    language, origins = current_language(), readable(somebody())
    held = villages.villages(runtime()).list(origins)
    pages = max(1, -(-len(held) // _ON_A_PAGE))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    shown = held[(page - 1) * _ON_A_PAGE : page * _ON_A_PAGE]
    return render_template(
        "villages.html",
        section="desk",
        rows=[villages.fitting(runtime(), one, language, _FITTING) for one in shown],
        total=len(held),
        page=page,
        pages=pages,
        candidates=villages.candidates(runtime(), origins, held),
        shared=villages.shared_needs(held, language),
        may_write=may_somewhere(Scope.WRITE),
        country_name=lambda code: labels.country_name(code, language),
        origin_name=origin_name,
    )


@blueprint.post("")
@needs(Scope.WRITE)
def keep() -> Response:
    """Keep the profile that the page "Fits my town" shows."""
    origin, query = request.form.get("origin", ""), request.form.get("query", "")
    me = demand(Scope.WRITE, origin)
    try:
        kept = villages.keep(runtime(), origin, request.form.get("name", ""), query)
    except ServiceError as error:
        flash(told(error))
        return redirect(f"{request.script_root}/fits?{_one_line(query)}", 303)
    audit(runtime()).note(me.login, "village-kept", kept.name)
    flash(_("The profile of %(name)s is kept on this node.", name=kept.name))
    return redirect(request.script_root + "/desk/villages", 303)


@blueprint.post("/<int(max=2000000000):number>/remove")
@needs(Scope.WRITE)
def remove(number: int) -> Response:
    """Forget a profile."""
    village = _village(number, Scope.WRITE)
    villages.villages(runtime()).remove(village.id)
    audit(runtime()).note(somebody().login, "village-forgotten", village.name)
    flash(_("The profile of %(name)s is forgotten.", name=village.name))
    return redirect(request.script_root + "/desk/villages", 303)


@blueprint.get("/<int(max=2000000000):number>/pack")
@needs(Scope.READ)
def pack(number: int) -> str | Response:
    """What fits a village, for paper; `file` gives one file that needs no line and no server."""
    village, language = _village(number, Scope.READ), current_language()
    alone = bool(request.args.get("file"))
    asset = assets.load("pack.css")
    page = render_template(
        "pack.html",
        village=village,
        asked=villages.profile(village.query),
        sheets=villages.pack(runtime(), village, language, _SHEETS),
        style=asset.bodies[""].decode() if alone and asset else "",
        address=absolute,
        factor_name=lambda name: factor_name(name, language),
        reason=lambda factor, match: reason(
            factor, match, villages.profile(village.query).town, language
        ),
        good=_GOOD,
        today=runtime().clock().date(),
    )
    if not alone:
        return page
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="pack-{village.id}.html"'
    return response


def _village(number: int, scope: Scope) -> Village:
    """Return a village; whoever may not see it is told that there is none."""
    found = villages.villages(runtime()).find(number)
    if found is None or found.origin not in readable(somebody()):
        abort(404)
    demand(scope, found.origin)
    return found


def _one_line(text: str) -> str:
    return "".join(char for char in text if char.isprintable())
