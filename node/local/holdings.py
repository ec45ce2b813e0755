"""How much the node holds of what concerns persons: numbers of rows, never what stands in them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, func, select

from federation.journal.store import Store
from node.local import tables
from node.local.observations import ObservationState

_WAITING = tables.observation.c.state == str(ObservationState.RECEIVED)
_WITHDRAWN = tables.observation.c.state == str(ObservationState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Holdings:
    """Numbers of what is kept on this node only.

    Attributes:
        accounts: people who work here.
        sessions: browsers that are signed in.
        tokens: programs that are let in.
        acts: lines of the audit log.
        drafts: records that are being written.
        texts: observations that nobody has looked at yet.
        consents: consent records, withdrawn ones among them.
        withdrawn: those that were withdrawn.
        mails: addresses that wait to be told of an answer.
        searches: searches that somebody follows.
        villages: profiles of places.
    """

    accounts: int
    sessions: int
    tokens: int
    acts: int
    drafts: int
    texts: int
    consents: int
    withdrawn: int
    mails: int
    searches: int
    villages: int


def holdings(store: Store) -> Holdings:
    """Count what the tables of the node hold."""
    with store.read() as connection:

        def count(table: Table, *conditions: ColumnElement[bool]) -> int:
            query = select(func.count()).select_from(table).where(*conditions)
            return int(connection.execute(query).scalar_one())

        return Holdings(
            accounts=count(tables.account),
            sessions=count(tables.login_session),
            tokens=count(tables.api_token),
            acts=count(tables.audit),
            drafts=count(tables.draft),
            texts=count(tables.observation, _WAITING),
            consents=count(tables.observation, tables.observation.c.consent != ""),
            withdrawn=count(tables.observation, _WITHDRAWN),
            mails=count(tables.observation, tables.observation.c.mail != ""),
            searches=count(tables.search_alert),
            villages=count(tables.village),
        )
