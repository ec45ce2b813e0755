"""Roles and what they allow.

A role is given for one origin (a hosted village has its own editors) or for all of the node.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

EVERY_ORIGIN: Final = ""
"""In the place of an origin's DID: all origins of the node, and the node itself."""


class Role(StrEnum):
    """What somebody is to an origin, from the least to the most."""

    READER = "reader"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    OWNER = "owner"


class Scope(StrEnum):
    """What somebody may do; a token has some of those of its account."""

    READ = "read"  # see drafts
    WRITE = "write"  # write drafts and submit them
    PUBLISH = "publish"  # publish, change and withdraw records
    MODERATE = "moderate"  # observations of citizens
    ADMINISTER = "administer"  # peers, accounts, settings


_ALLOWED: Final[Mapping[Role, frozenset[Scope]]] = {
    Role.READER: frozenset({Scope.READ}),
    Role.EDITOR: frozenset({Scope.READ, Scope.WRITE}),
    Role.REVIEWER: frozenset({Scope.READ, Scope.WRITE, Scope.PUBLISH, Scope.MODERATE}),
    Role.OWNER: frozenset(Scope),
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who acts: a person in a browser, a program with a token, or the operator.

    Attributes:
        account: local number of the account, None for the operator, who has none.
        login: e-mail address of the account, "operator" without one.
        name: as others are shown it.
        roles: by origin; `EVERY_ORIGIN` stands for all.
        scopes: what a token leaves of them.
        only: the one origin that a token is for, "" for all.
    """

    account: int | None
    login: str
    name: str
    roles: Mapping[str, Role] = field(default_factory=dict)
    scopes: frozenset[Scope] = frozenset(Scope)
    only: str = ""

    def may(self, scope: str, origin: str) -> bool:
        """Say whether something is allowed for an origin, by its DID."""
        if scope not in self.scopes or (self.only and origin != self.only):
            return False
        held = (self.roles.get(origin), self.roles.get(EVERY_ORIGIN))
        return any(scope in _ALLOWED[role] for role in held if role is not None)

    def may_somewhere(self, scope: str) -> bool:
        """Say whether something is allowed for any origin at all."""
        return scope in self.scopes and any(scope in _ALLOWED[role] for role in self.roles.values())


OPERATOR: Final = Holder(None, "operator", "operator", {EVERY_ORIGIN: Role.OWNER})
"""Whoever can run commands in the data folder is the node's owner already."""
