"""What is shown instead of a password: sessions of browsers, one-time links, tokens of programs.

Only SHA-256 digests are kept. The secrets have 256 random bits, so that no slow hash is needed.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Table, delete, insert, select, update

from federation.journal.store import Store
from federation.micros import from_micros, maybe_from_micros, to_micros
from node.accounts.roles import EVERY_ORIGIN, Scope
from node.local.tables import api_token, login_session, one_time_link

SESSION: Final = timedelta(hours=8)
IDLE: Final = timedelta(hours=2)
LINK: Final = timedelta(days=3)
LONGEST_TOKEN: Final = timedelta(days=366)
TOKEN_PREFIX: Final = "lonja_"  # noqa: S105  # so that a leaked one is recognised by scanners
_SEEN_EVERY: Final = timedelta(minutes=5)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in; the account is None for the operator."""

    id: int
    account: int | None


@dataclass(frozen=True, slots=True)
class Token:
    """What a program signs in with.

    Attributes:
        id: local number.
        account: whose it is.
        name: what its owner calls it.
        scopes: what it allows at most.
        origin: DID of the one origin it is for, "" for all.
        created: when it was made.
        until: when it ends.
        used: when it was last used, None for never; to five minutes.
    """

    id: int
    account: int
    name: str
    scopes: frozenset[Scope]
    origin: str
    created: datetime
    until: datetime
    used: datetime | None


class Keys:
    """The sessions, links and tokens of a node."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def begin_session(self, account: int | None) -> str:
        """Begin a session and return its secret, for the cookie."""
        now = self._now()
        values = {"account_id": account, "created": to_micros(now), "seen": to_micros(now)}
        return self._keep(login_session, "", until=now + SESSION, **values)

    def session(self, secret: str) -> Session | None:
        """Return a session that is still good; it ends when it is not used for a while."""
        now = self._now()
        with self._store.read() as connection:
            mine = login_session.c.digest == digest_of(secret)
            row = connection.execute(select(login_session).where(mine)).first()
        if row is None or from_micros(row.until) <= now or from_micros(row.seen) + IDLE <= now:
            return None
        if from_micros(row.seen) + _SEEN_EVERY <= now:
            with self._store.write() as connection:
                connection.execute(update(login_session).where(mine).values(seen=to_micros(now)))
        return Session(row.id, row.account_id)

    def end_session(self, secret: str) -> None:
        """End a session."""
        with self._store.write() as connection:
            mine = login_session.c.digest == digest_of(secret)
            connection.execute(delete(login_session).where(mine))

    def end_sessions(self, account: int) -> None:
        """End all sessions of an account and use up its links: its password or roles changed."""
        with self._store.write() as connection:
            for table in (login_session, one_time_link):
                connection.execute(delete(table).where(table.c.account_id == account))

    def new_link(self, account: int) -> str:
        """Return the secret of a link by which somebody chooses a password; older ones end."""
        with self._store.write() as connection:
            mine = one_time_link.c.account_id == account
            connection.execute(delete(one_time_link).where(mine))
        return self._keep(one_time_link, "", until=self._now() + LINK, account_id=account)

    def link(self, secret: str) -> int | None:
        """Return the account that a link is for, None when it is not good any more."""
        with self._store.read() as connection:
            mine = one_time_link.c.digest == digest_of(secret)
            row = connection.execute(select(one_time_link).where(mine)).first()
        good = row is not None and from_micros(row.until) > self._now()
        return int(row.account_id) if row is not None and good else None

    def new_token(
        self,
        account: int,
        name: str,
        scopes: Iterable[Scope],
        until: datetime,
        origin: str = EVERY_ORIGIN,
    ) -> str:
        """Make a token and return its secret, which is shown once."""
        values = {
            "account_id": account,
            "name": name,
            "scopes": " ".join(sorted(scopes)),
            "origin": origin,
            "created": to_micros(self._now()),
        }
        latest = self._now() + LONGEST_TOKEN
        return self._keep(api_token, TOKEN_PREFIX, until=min(until, latest), **values)

    def token(self, secret: str) -> Token | None:
        """Return a token that is still good, and note that it was used."""
        now = self._now()
        with self._store.read() as connection:
            mine = api_token.c.digest == digest_of(secret)
            row = connection.execute(select(api_token).where(mine)).first()
        if row is None or from_micros(row.until) <= now:
            return None
        if row.used is None or from_micros(row.used) + _SEEN_EVERY <= now:
            with self._store.write() as connection:
                connection.execute(update(api_token).where(mine).values(used=to_micros(now)))
        return _token(row)

    def tokens(self, account: int | None = None) -> list[Token]:
        """Return the tokens of an account, or of all."""
        query = select(api_token).order_by(api_token.c.id)
        if account is not None:
            query = query.where(api_token.c.account_id == account)
        with self._store.read() as connection:
            return [_token(row) for row in connection.execute(query)]

    def remove_token(self, number: int) -> None:
        """End a token."""
        with self._store.write() as connection:
            connection.execute(delete(api_token).where(api_token.c.id == number))

    def sweep(self) -> None:
        """Forget sessions and links that have ended."""
        now = to_micros(self._now())
        with self._store.write() as connection:
            for table in (login_session, one_time_link):
                connection.execute(delete(table).where(table.c.until <= now))

    def _keep(self, table: Table, prefix: str, *, until: datetime, **values: object) -> str:
        secret = prefix + secrets.token_urlsafe(32)
        kept = {**values, "digest": digest_of(secret), "until": to_micros(until)}
        with self._store.write() as connection:
            connection.execute(insert(table).values(**kept))
        return secret


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        account=row.account_id,
        name=row.name,
        scopes=frozenset(Scope(scope) for scope in row.scopes.split()),
        origin=row.origin,
        created=from_micros(row.created),
        until=from_micros(row.until),
        used=maybe_from_micros(row.used),
    )
