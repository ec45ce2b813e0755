"""The first run: from what somebody says of their organisation to a node with an owner."""

from dataclasses import dataclass, replace

import orjson

from federation.errors import FederationError
from node.accounts.passwords import problem_of
from node.accounts.roles import Role
from node.gazetteer.lookup import places, settlement_guess
from node.runtime import Runtime, running
from node.services import accounts, join
from node.services.accounts import COMMAND, Invitation
from node.services.create import create_node
from node.services.errors import ServiceError, UserError
from node.services.publish import MINTED_KEYS, Submission, publish_one
from node.settings import Settings, check_base_url
from vocab.terms import JsonObject


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the first-run page asks.

    Attributes:
        name: of the organisation.
        sector: its quadruple-helix sector, "" when not said.
        base_url: public address, "" for a trial on this machine.
        town: name of the place, "" when not said.
        country: its ISO 3166-1 alpha-2 code.
        languages: of the pages, the default first.
        hub: address of a hub to join, "" for none.
        login: e-mail address of the owner.
        person: their name.
        password: that they chose.
    """

    name: str
    sector: str
    base_url: str
    town: str
    country: str
    languages: tuple[str, ...]
    hub: str
    login: str
    person: str
    password: str


@dataclass(frozen=True, slots=True)
class FirstRun:
    """What came of it.

    Attributes:
        settings: of the new node.
        session: secret of the owner's session.
        hub_problem: why the hub could not be asked, "" when it was or none was named.
    """

    settings: Settings
    session: str
    hub_problem: str


def first_run(settings: Settings, wishes: Wishes) -> FirstRun:
    """Make the node that somebody described, with its owner's account.

    Raises:
        ServiceError: something cannot be used; nothing is made then.
        SettingsError: the public address cannot be used.
    """
    wanted = replace(
        settings,
        name=" ".join(wishes.name.split()),
        sector=wishes.sector,
        languages=wishes.languages or settings.languages,
        base_url=check_base_url(wishes.base_url) if wishes.base_url else _own_address(settings),
    )
    _check(wanted, wishes)
    made = create_node(wanted)
    with running(made) as runtime:
        person = Invitation(wishes.login, wishes.person, Role.OWNER, language=made.languages[0])
        account = accounts.add_account(runtime, COMMAND, person)
        accounts.choose_password(runtime, account, wishes.password)
        session = accounts.begin(runtime, account).secret
        if wishes.town:
            _say_where(runtime, wishes)
        problem = _ask(runtime, wishes.hub) if wishes.hub else ""
    return FirstRun(made, session, problem)


def _own_address(settings: Settings) -> str:
    """Return the address that the settings name; a trial is where it listens."""
    if not settings.trial:
        return settings.base_url
    return f"http://127.0.0.1:{settings.listen[1]}"


def _check(wanted: Settings, wishes: Wishes) -> None:
    if not wanted.name:
        raise UserError("name the organisation")
    if not accounts.is_login(wishes.login):
        raise UserError(
            "“%(text)s” is no e-mail address; write it as name@example.org", text=wishes.login[:80]
        )
    if problem_of(wishes.password, wishes.login, wishes.person, wanted.name):
        raise UserError("choose a password of at least 12 characters that is not your name")


def _say_where(runtime: Runtime, wishes: Wishes) -> None:
    """Publish the organisation again with its place, and what the gazetteer knows of that."""
    uri = runtime.settings.organisation_uri
    held = runtime.journal.current(uri)
    if held is None:
        return
    document: JsonObject = orjson.loads(held.body)
    body = {key: value for key, value in document.items() if key not in MINTED_KEYS}
    place: JsonObject = {"name": {runtime.settings.languages[0]: wishes.town}}
    if wishes.country:
        place["country"] = wishes.country
    for town in places(wishes.town, wishes.country, 1):
        place |= {"country": town.country, "lat": town.latitude, "long": town.longitude}
        if town.population:
            place["population"] = town.population
            place["settlement"] = settlement_guess(town.population)
    publish_one(runtime, Submission("organisation", {**body, "id": uri, "place": place}))


def _ask(runtime: Runtime, hub: str) -> str:
    """Ask a hub to take the node in; a hub that is away can be asked again later."""
    try:
        join.ask(runtime, hub)
    except (ServiceError, FederationError) as error:
        return str(error)
    return ""
