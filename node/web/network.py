"""The network as this node sees it: peers, publishers, and the ledger of every harvest."""

import csv
import io
from typing import Final

import orjson
from flask import Blueprint, Response, abort, render_template, request

from federation.identity import fingerprint
from federation.records import Peer, Run
from federation.words import in_words
from node.services.export import inert
from node.services.federate import suggested
from node.services.health import health_of
from node.services.hubs import known_clusters
from node.services.ledgers import RefusalJson, ledger_as_json
from node.services.provenance import origin_name
from node.services.question import read
from node.web.current import absolute, runtime
from node.web.i18n import PARAMETER, current_language
from node.web.negotiate import CSV, HTML, JSON, choose
from node.web.words import health_states, peer_states, run_states, standings

blueprint = Blueprint("network", __name__)

_RUNS: Final = 50
_REFUSALS: Final = 50
_ALL: Final = 1_000_000


@blueprint.get("/network")
def network() -> str:
    """Peers with their last harvest, and every publisher whose records are held."""
    parts = runtime()
    peers = [
        (peer, next(iter(parts.runs.list(peer.id, limit=1)), None)) for peer in parts.peers.list()
    ]
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
        clusters=known_clusters(parts, current_language()),
        fingerprint=fingerprint(parts.identity.key.public_multikey),
        words=in_words(parts.identity.key.public_multikey),
        suggestions=suggested(parts),
        feed_address=absolute("/feed"),
        peer_states=peer_states(),
        run_states=run_states(),
        standings=standings(),
    )


@blueprint.get("/join")
def join() -> str:
    """How a node, or a village without one, takes part through this node."""
    key = runtime().identity.key.public_multikey
    return render_template(
        "join.html",
        section="network",
        canonical=absolute("/join"),
        address=runtime().settings.base_url,
        words=in_words(key),
        digits=fingerprint(key),
    )


@blueprint.get("/network/peers/<int(max=2000000000):number>")
def peer(number: int) -> str:
    """How one peer is doing, and its harvests, newest first; for both sides to see."""
    found = _peer(number)
    return render_template(
        "peer.html",
        section="network",
        canonical=absolute(f"/network/peers/{number}"),
        peer=found,
        health=health_of(runtime(), found),
        health_states=health_states(),
        runs=runtime().runs.list(found.id, limit=_RUNS),
        run_states=run_states(),
    )


@blueprint.get("/network/peers/<int(max=2000000000):number>.json")
def peer_json(number: int) -> Response:
    """How one peer is doing, for programs: its operator may watch it from the other side."""
    found = _peer(number)
    language = current_language()
    about = {"url": found.url, "did": found.did, "name": found.name, "state": str(found.state)}
    runs = [ledger_as_json(run, language) for run in runtime().runs.list(found.id, limit=5)]
    body = {**about, **health_of(runtime(), found).as_json(language), "runs": runs}
    return _download(Response(orjson.dumps(body), content_type=JSON))


def _peer(number: int) -> Peer:
    found = next((item for item in runtime().peers.list() if item.id == number), None)
    if found is None:
        abort(404)
    return found


@blueprint.get("/network/runs/<int(max=2000000000):number>")
def ledger(number: int) -> Response | str:
    """The ledger of one harvest: its numbers, and each refused record with how to mend it."""
    if choose(request.accept_mimetypes, (JSON, HTML, CSV)) != HTML:
        wanted = choose(request.accept_mimetypes, (JSON, CSV)) or JSON
        return ledger_csv(number) if wanted == CSV else ledger_json(number)
    asked, _problems = read(request.args.to_dict(flat=False), extra=(PARAMETER,))
    start = (asked.page - 1) * _REFUSALS
    run = _run(number, start + _REFUSALS)
    here = f"{request.script_root}/network/runs/{number}"
    return render_template(
        "run.html",
        section="network",
        canonical=absolute(f"/network/runs/{number}"),
        run=run,
        refusals=run.refusals[start:],
        first_number=start + 1,
        previous_url=f"{here}?page={asked.page - 1}" if asked.page > 1 else "",
        next_url=f"{here}?page={asked.page + 1}" if start + _REFUSALS < run.refused else "",
        run_states=run_states(),
    )


@blueprint.get("/network/runs/<int(max=2000000000):number>.json")
def ledger_json(number: int) -> Response:
    """The whole ledger as JSON, every refusal included."""
    body = ledger_as_json(_run(number, _ALL), current_language())
    return _download(Response(orjson.dumps(body), content_type=JSON))


@blueprint.get("/network/runs/<int(max=2000000000):number>.csv")
def ledger_csv(number: int) -> Response:
    """The refusals of a ledger as CSV."""
    language = current_language()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    columns = list(RefusalJson.__annotations__)
    writer.writerow(columns)
    for refusal in ledger_as_json(_run(number, _ALL), language)["refusals"]:
        writer.writerow([inert(str(value)) for value in refusal.values()])
    response = Response(text.getvalue(), content_type=f"{CSV}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="harvest-{number}.csv"'
    return _download(response)


def _download(response: Response) -> Response:
    """Say that a running harvest still changes, and that sentences follow the reader's language."""
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Language"] = current_language()
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    return response


def _run(number: int, refusals: int) -> Run:
    run = runtime().runs.get(number, refusals=refusals)
    if run is None:
        abort(404)
    return run
