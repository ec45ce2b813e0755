"""The way to an OpenID provider and back."""

import logging
from typing import Final

from flask import Blueprint, abort, redirect, request
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from node.services import provider
from node.services.accounts import Refused
from node.services.provider import Asked, ProviderError
from node.web.account import ATTEMPTS_A_MINUTE, door_page, refusal
from node.web.current import runtime
from node.web.limits import client, pace
from node.web.session import enter, local_path

blueprint = Blueprint("provider", __name__, url_prefix="/account/provider")

_KEPT: Final = "provider"
_log = logging.getLogger(__name__)


@blueprint.get("")
def ask() -> Response | tuple[str, int]:
    """Lead to the provider."""
    next_path = local_path(request.args.get("next", "/"))
    _demand()
    try:
        asked, address = provider.ask(runtime())
    except ProviderError as error:
        return _told(error, next_path)
    cookie[_KEPT] = [asked.state, asked.nonce, asked.verifier, next_path]
    answer = redirect(address, 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/back")
def back() -> Response | tuple[str, int]:
    """Take what the provider answers; each question is answered once."""
    _demand()
    kept = cookie.pop(_KEPT, None)
    if not (isinstance(kept, list) and len(kept) == 4 and all(isinstance(x, str) for x in kept)):
        return door_page("/", said=_("That took too long. Try again.")), 403
    state, nonce, verifier, next_path = kept
    try:
        done = provider.take(runtime(), Asked(state, nonce, verifier), request.args.to_dict())
    except ProviderError as error:
        return _told(error, next_path)
    if done is Refused.WRONG:
        said = _("Nobody has invited you yet. Ask an owner of this node for an account.")
        return door_page(next_path, said=said), 403
    if isinstance(done, Refused):
        return door_page(next_path, said=refusal(done)), 403
    enter(done.secret)
    return redirect(next_path, 303)


def _demand() -> None:
    if not provider.provider_name(runtime()):
        abort(404)
    if not pace().allows(f"enter {client()}", ATTEMPTS_A_MINUTE):
        abort(429)


def _told(error: ProviderError, next_path: str) -> tuple[str, int]:
    """Say that it did not work; what exactly, the operator finds in the log."""
    _log.warning("signing in with the provider failed: %s", error)
    said = _("Signing in with %(name)s did not work.", name=provider.provider_name(runtime()))
    return door_page(next_path, said=said), 403
