"""Accounts and their roles, as they are kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from federation.journal.store import Store
from federation.micros import from_micros, maybe_from_micros, to_micros
from node.accounts.roles import EVERY_ORIGIN, Role
from node.local.tables import account, account_role

FREE_FAILURES: Final = 5
"""Wrong passwords before an account is locked; each further one doubles the time."""
FIRST_LOCK: Final = timedelta(minutes=1)
LONGEST_LOCK: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works on this node.

    Attributes:
        id: local number.
        login: e-mail address, in lower case.
        name: as others on this node see it.
        language: of the pages, "" for that of the browser.
        has_password: whether one was chosen yet.
        external: issuer and subject at an identity provider, "" for none.
        suspended: whether signing in is refused.
        locked_until: after too many wrong passwords, None when not.
        created: when it was made.
        seen: when somebody last signed in, None for never.
        roles: by origin.
    """

    id: int
    login: str
    name: str
    language: str
    has_password: bool
    external: str
    suspended: bool
    locked_until: datetime | None
    created: datetime
    seen: datetime | None
    roles: Mapping[str, Role]


def folded(login: str) -> str:
    """Return a login as it is kept: e-mail addresses are compared without case."""
    return login.strip().lower()  # not casefold: "faß.de" and "fass.de" are two domains


class KnownLoginError(Exception):
    """There is an account of this login already."""


class Accounts:
    """The accounts of a node."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def list(self) -> list[Account]:
        """Return all accounts, by their login."""
        with self._store.read() as connection:
            rows = connection.execute(select(account).order_by(account.c.login)).all()
            return [_account(row, _roles(connection, row.id)) for row in rows]

    def count(self) -> int:
        """Return how many accounts there are."""
        with self._store.read() as connection:
            return int(connection.execute(select(func.count()).select_from(account)).scalar_one())

    def by_id(self, number: int) -> Account | None:
        """Return an account by its number."""
        return self._one(account.c.id == number)

    def by_login(self, login: str) -> Account | None:
        """Return an account by its e-mail address."""
        return self._one(account.c.login == folded(login))

    def by_external(self, external: str) -> Account | None:
        """Return an account by its identity elsewhere."""
        return self._one(account.c.external == external)

    def password_of(self, number: int) -> str:
        """Return the hash of an account's password, "" for none."""
        with self._store.read() as connection:
            query = select(account.c.password).where(account.c.id == number)
            return str(connection.execute(query).scalar() or "")

    def add(self, login: str, name: str, *, language: str = "", external: str = "") -> Account:
        """Make an account without a password and without a role.

        Raises:
            KnownLoginError: somebody has made one of this login, perhaps in this moment.
        """
        values = {
            "login": folded(login),
            "name": name,
            "language": language,
            "external": external or None,
            "created": to_micros(self._now()),
        }
        with self._store.write() as connection:
            same = account.c.login == values["login"]
            if connection.execute(select(account.c.id).where(same)).first() is not None:
                raise KnownLoginError(login)
            added = insert(account).values(**values).returning(account)
            return _account(connection.execute(added).one(), {})

    def change(self, number: int, **values: object) -> None:
        """Change name, language, external or suspended of an account."""
        with self._store.write() as connection:
            connection.execute(update(account).where(account.c.id == number).values(**values))

    def remove(self, number: int) -> None:
        """Remove an account with its sessions, links and tokens; what it wrote stays."""
        with self._store.write() as connection:
            connection.execute(delete(account).where(account.c.id == number))

    def give(self, number: int, role: Role | None, origin: str = EVERY_ORIGIN) -> None:
        """Give a role for an origin in the place of the one held; None takes it away."""
        mine = account_role.c.account_id == number, account_role.c.origin == origin
        with self._store.write() as connection:
            connection.execute(delete(account_role).where(*mine))
            if role is not None:
                values = {"account_id": number, "origin": origin, "role": str(role)}
                connection.execute(insert(account_role).values(**values))

    def set_password(self, number: int, kept: str) -> None:
        """Keep the hash of a password and unlock the account."""
        self.change(number, password=kept, failures=0, locked_until=None)

    def succeeded(self, number: int) -> None:
        """Note that somebody signed in."""
        self.change(number, failures=0, locked_until=None, seen=to_micros(self._now()))

    def failed(self, number: int) -> bool:
        """Note a wrong password; too many lock the account for a while that grows.

        Returns:
            Whether it is locked now.
        """
        mine = account.c.id == number
        with self._store.write() as connection:
            query = select(account.c.failures).where(mine)
            failures = int(connection.execute(query).scalar() or 0) + 1
            values: dict[str, object] = {"failures": failures}
            if failures >= FREE_FAILURES:
                doubled = FIRST_LOCK * 2 ** min(failures - FREE_FAILURES, 10)
                values["locked_until"] = to_micros(self._now() + min(doubled, LONGEST_LOCK))
            connection.execute(update(account).where(mine).values(**values))
        return "locked_until" in values

    def _one(self, condition: Any) -> Account | None:
        with self._store.read() as connection:
            row = connection.execute(select(account).where(condition)).first()
            return None if row is None else _account(row, _roles(connection, row.id))


def _roles(connection: Connection, number: int) -> dict[str, Role]:
    query = select(account_role).where(account_role.c.account_id == number)
    return {row.origin: Role(row.role) for row in connection.execute(query)}


def _account(row: Row[Any], roles: Mapping[str, Role]) -> Account:
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        language=row.language,
        has_password=bool(row.password),
        external=row.external or "",
        suspended=bool(row.suspended),
        locked_until=maybe_from_micros(row.locked_until),
        created=from_micros(row.created),
        seen=maybe_from_micros(row.seen),
        roles=roles,
    )
