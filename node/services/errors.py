"""Errors of the use cases: one readable line with the way out."""


class ServiceError(Exception):
    """A use case cannot be carried out; the message says why and what to do."""
