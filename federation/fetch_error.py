"""Why a request was not made, or its answer not taken: rules and their sentences."""

from typing import Final

from federation.errors import FederationError


class FetchError(FederationError):
    """A request was not made, or its answer was not taken.

    Attributes:
        code: stable name of the rule.
        url: what was asked for.
        detail: technical detail in English.
        messages: sentence per language ("en", "es").
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
        english, spanish, fix_english, fix_spanish = SENTENCES[code]
        super().__init__(f"{url}: {english}" + (f" ({detail})" if detail else ""))
        self.code = code
        self.url = url
        self.detail = detail
        self.status = status
        self.retry_after = retry_after
        self.messages = {"en": english, "es": spanish}
        self.fixes = {"en": fix_english, "es": fix_spanish}


SENTENCES: Final[dict[str, tuple[str, str, str, str]]] = {
    # rule: English, Spanish, how to mend it in English, in Spanish
    "bad-address": (
        "This is no address that may be fetched: it must be https, without user name.",
        "No es una dirección que pueda consultarse: debe ser https y sin nombre de usuario.",
        "Use the public address of the node, such as https://node.example.",
        "Use la dirección pública del nodo, por ejemplo https://nodo.example.",
    ),
    "plain-http": (
        "Plain http is refused; the administrator can allow this host and port.",
        "Se rechaza http sin cifrar; quien administra puede permitirlo.",
        "Use https, or name host and port in LONJA_ALLOW_HOSTS for a trial.",
        "Use https, o ponga host y puerto en LONJA_ALLOW_HOSTS para una prueba.",
    ),
    "private-address": (
        "The name leads to a private address; the administrator can allow this host and port.",
        "El nombre lleva a una dirección privada; quien administra puede permitirla.",
        "Name host and port in LONJA_ALLOW_HOSTS if you trust that machine.",
        "Ponga host y puerto en LONJA_ALLOW_HOSTS si confía en esa máquina.",
    ),
    "unreachable": (
        "The node cannot be reached.",
        "No se puede contactar con el nodo.",
        "Look whether its address opens in a browser; the next run tries again.",
        "Mire si su dirección se abre en un navegador; la próxima vez se reintenta.",
    ),
    "redirect": (
        "The node answers with a redirect, which is not followed; use its own address.",
        "El nodo responde con una redirección, que no se sigue; use su propia dirección.",
        "Remove the peer and add it again under the address that it redirects to.",
        "Quite el par y añádalo de nuevo con la dirección a la que redirige.",
    ),
    "bad-status": (
        "The node answers with an error.",
        "El nodo responde con un error.",
        "Ask its operator if it lasts; the next run tries again.",
        "Si persiste, pregunte a quien lo opera; la próxima vez se reintenta.",
    ),
    "busy": (
        "The node asks to come back later.",
        "El nodo pide volver más tarde.",
        "Nothing needs to be done: the next run waits as long as it asks.",
        "No hay que hacer nada: la próxima vez se espera lo que pide.",
    ),
    "bad-type": (
        "The answer is of another kind than what was asked for.",
        "La respuesta es de otro tipo que el pedido.",
        "Check that a node of this kind runs at that address.",
        "Compruebe que en esa dirección funciona un nodo de este tipo.",
    ),
    "too-large": (
        "The answer is larger than allowed; the rest was not read.",
        "La respuesta es mayor de lo permitido; no se leyó el resto.",
        "Ask the operator of the node what it publishes.",
        "Pregunte a quien opera el nodo qué publica.",
    ),
    "too-slow": (
        "The answer took longer than allowed.",
        "La respuesta tardó más de lo permitido.",
        "The next run tries again; ask the operator of the node if it lasts.",
        "La próxima vez se reintenta; si persiste, pregunte a quien opera el nodo.",
    ),
    "broken-answer": (
        "The answer broke off or cannot be decompressed.",
        "La respuesta se cortó o no puede descomprimirse.",
        "The next run tries again; ask the operator of the node if it lasts.",
        "La próxima vez se reintenta; si persiste, pregunte a quien opera el nodo.",
    ),
}
"""Sentences per rule; every one may stand in a ledger."""
