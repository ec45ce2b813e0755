"""Why a request was not made, or its answer not taken: rules and their sentences."""

from typing import Final

from federation.errors import FederationError
from federation.refusals import SENTENCES


class FetchError(FederationError):
    """A request was not made, or its answer was not taken.

    Attributes:
        code: stable name of the rule.
        url: what was asked for.
        detail: technical detail in English.
        messages: sentence per language.
        fixes: how to mend it per language.
        status: of the answer, 0 when there was none.
        retry_after: seconds after which the other side asks to come back, None when it says none.
    """

    def __init__(
        self,
        code: str,
        url: str,
        detail: str = "",
        *,
        status: int = 0,
        retry_after: float | None = None,
    ) -> None:
        messages = SENTENCES.messages(code)
        super().__init__(f"{url}: {messages['en']}" + (f" ({detail})" if detail else ""))
        self.code = code
        self.url = url
        self.detail = detail
        self.status = status
        self.retry_after = retry_after
        self.messages = messages
        self.fixes = SENTENCES.fixes(code)


RULES: Final = frozenset(
    {
        "bad-address",
        "plain-http",
        "private-address",
        "unreachable",
        "redirect",
        "bad-status",
        "busy",
        "bad-type",
        "too-large",
        "too-slow",
        "broken-answer",
    }
)
"""Rules that a request or its answer can break."""
