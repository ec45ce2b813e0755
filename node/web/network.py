"""The network as this node sees it: peers, publishers, and the ledger of every harvest."""

from typing import Final

from flask import Blueprint, abort, render_template

from federation.identity import fingerprint
from node.services.provenance import origin_name
from node.web.current import absolute, runtime
from node.web.words import peer_states, run_states, standings

blueprint = Blueprint("network", __name__)

_RUNS: Final = 50
_REFUSALS: Final = 50
_CSV_COLUMNS: Final = ("version_uri", "rule", "pointer", "message", "fix", "detail")


@blueprint.get("/network")
def network() -> str:
    """Peers with their last harvest, and every publisher whose records are held."""
    parts = runtime()
    peers = [(peer, parts.runs.latest(peer.id)) for peer in parts.peers.list()]
    origins = [
        (origin, origin_name(parts, origin.introduced_by) if origin.introduced_by else "")
        for origin in parts.journal.origins()
    ]
    return render_template(
        "network.html",
        section="network",
        canonical=absolute("/network"),
        peers=peers,
        origins=origins,
        fingerprint=fingerprint(parts.identity.key.public_multikey),
        feed_address=absolute("/feed"),
        peer_states=peer_states(),
        run_states=run_states(),
        standings=standings(),
    )


@blueprint.get("/network/peers/<int:number>")
def peer(number: int) -> str:
    """The harvests of one peer, newest first."""
    parts = runtime()
    found = next((item for item in parts.peers.list() if item.id == number), None)
    if found is None:
        abort(404)
    return render_template(
        "peer.html",
        section="network",
        canonical=absolute(f"/network/peers/{number}"),
        peer=found,
        runs=parts.runs.list(found.id, limit=_RUNS),
        run_states=run_states(),
    )
