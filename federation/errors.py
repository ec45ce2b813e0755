"""What can go wrong between nodes; each error has a stable code and a sentence for people."""


class FederationError(Exception):
    """Base of all errors of this package.

    Attributes:
        code: stable, hyphenated name of the broken rule; used in ledgers and translations.
        values: what the sentence needs (URI, sequence number, …).
    """

    code = "federation"

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.values = values


class ProofError(FederationError):
    """A proof is absent, malformed, by another key, or does not match the bytes."""

    code = "bad-proof"


class IdentityError(FederationError):
    """A DID, a DID document or a key cannot be used."""

    code = "bad-identity"


class JournalError(FederationError):
    """The journal cannot be opened, locked or written."""

    code = "journal"


class ChangedError(FederationError):
    """A record has another version than the one that its author saw."""

    code = "changed"


class HeadError(FederationError):
    """A feed is not signed by the key that was accepted for its node."""

    code = "bad-head"


class LeaseLostError(FederationError):
    """Another process has taken over the harvest of a peer, or a person has suspended the peer."""

    code = "lease-lost"


class PeerGoneError(FederationError):
    """The peer was removed, and its ledgers with it."""

    code = "peer-gone"
