"""The rules by which members are refused, as sentences for people."""

from typing import Final

from federation.records import Refusal

_SENTENCES: Final[dict[str, tuple[str, str, str, str]]] = {
    # rule: English, Spanish, how to mend it in English, in Spanish
    "unknown-origin": (
        "Nobody this node trusts vouches for the origin of this record.",
        "Nadie en quien este nodo confíe responde del origen de esta ficha.",
        "Accept the origin as a peer, or let its hub sign its membership.",
        "Acepte el origen como par, o haga que su nodo cabecera firme su pertenencia.",
    ),
    "introduction-ended": (
        "The membership that introduced this origin has ended.",
        "La pertenencia que presentó a este origen ha terminado.",
        "Ask the hub to renew it, or accept the origin as a peer.",
        "Pida al nodo cabecera que la renueve, o acepte el origen como par.",
    ),
    "origin-quarantined": (
        "Two sources name different keys for this origin; nothing of it is accepted meanwhile.",
        "Dos fuentes dan claves distintas de este origen; entretanto no se acepta nada de él.",
        "Compare the fingerprint with its operator, then accept it as a peer.",
        "Compare la huella con quien lo opera y acéptelo como par.",
    ),
    "origin-frozen": (
        "This origin signed two different documents with one number; it is frozen.",
        "Este origen firmó dos documentos distintos con un mismo número; está congelado.",
        "Ask its operator whether a key was stolen or an old backup restored.",
        "Pregunte a quien lo opera si le robaron una clave o restauró una copia antigua.",
    ),
    "no-envelope": (
        "The document lacks the numbers and addresses that every signed version carries.",
        "Al documento le faltan los números y direcciones que lleva toda versión firmada.",
        "Its node should publish it again with a current program.",
        "Su nodo debería publicarla de nuevo con un programa actual.",
    ),
    "foreign-address": (
        "The record's address is not under the address of the origin that signs it.",
        "La dirección de la ficha no pertenece al origen que la firma.",
        "Only the node whose address it bears may publish it.",
        "Solo puede publicarla el nodo cuya dirección lleva.",
    ),
    "foreign-key": (
        "The document is signed with a key that does not belong to its origin.",
        "El documento está firmado con una clave que no es de su origen.",
        "If the origin changed its key, remove the peer and add it again.",
        "Si el origen cambió de clave, quite el par y añádalo de nuevo.",
    ),
    "bad-proof": (
        "The signature does not match: the document was changed after it was signed.",
        "La firma no coincide: el documento se modificó después de firmarse.",
        "Harvest it from its origin itself instead of from a relay.",
        "Recoléctela de su propio origen y no de un intermediario.",
    ),
    "not-canonical": (
        "The document cannot be written in the canonical form that signatures need.",
        "El documento no puede escribirse en la forma canónica que exigen las firmas.",
        "Its node should publish it again with a current program.",
        "Su nodo debería publicarla de nuevo con un programa actual.",
    ),
    "too-large": (
        "The document is larger than 256 kB.",
        "El documento ocupa más de 256 kB.",
        "Its node should link large texts instead of carrying them.",
        "Su nodo debería enlazar los textos largos en vez de incluirlos.",
    ),
    "not-json": (
        "The page is no JSON object of the expected form.",
        "La página no es un objeto JSON de la forma esperada.",
        "Its node should be asked what it publishes.",
        "Conviene preguntar a su nodo qué publica.",
    ),
    "foreign-page": (
        "The page is at another address than the peer that lists it.",
        "La página está en otra dirección que el par que la enumera.",
        "Nothing of it is read; ask the operator of the peer.",
        "No se lee nada de ella; pregunte a quien opera el par.",
    ),
    "endless-pages": (
        "The feed goes on for ever without anything new; reading was stopped.",
        "El canal continúa sin fin y sin nada nuevo; se dejó de leer.",
        "Ask the operator of the peer to mend its feed.",
        "Pida a quien opera el par que arregle su canal.",
    ),
    "too-many-refusals": (
        "Too many members were refused; the rest of the feed was not read.",
        "Se rechazaron demasiados miembros; no se leyó el resto del canal.",
        "Ask the operator of the peer, or suspend it.",
        "Pregunte a quien opera el par, o suspéndalo.",
    ),
    "bad-head": (
        "The feed is not signed by the key that was accepted for this peer.",
        "El canal no está firmado por la clave que se aceptó para este par.",
        "Ask its operator; if the key was changed, remove the peer and add it again.",
        "Pregunte a quien lo opera; si cambió la clave, quite el par y añádalo de nuevo.",
    ),
    "lease-held": (
        "Another process is harvesting this peer at the moment.",
        "Otro proceso está recolectando este par en este momento.",
        "Wait until it has finished.",
        "Espere a que termine.",
    ),
    "lease-lost": (
        "The run was ended: another process has taken over, or the peer was suspended.",
        "La recolección se terminó: la lleva otro proceso, o el par se suspendió.",
        "Nothing needs to be done: nothing that was read is lost.",
        "No hay que hacer nada: no se pierde nada de lo leído.",
    ),
    "not-accepted": (
        "The peer is not accepted, or was suspended; nothing is asked of it.",
        "El par no está aceptado o está suspendido; no se le pide nada.",
        "Compare its fingerprint with its operator, then accept it: lonja peer accept",
        "Compare la huella con quien lo opera y acéptelo: lonja peer accept",
    ),
    "peer-gone": (
        "The peer was removed while it was being harvested.",
        "El par se quitó mientras se recolectaba.",
        "What had come from it is kept; add it again if that was a mistake.",
        "Se conserva lo que llegó de él; añádalo de nuevo si fue un error.",
    ),
    "too-long": (
        "The run took longer than an hour and was ended; nothing that it read is lost.",
        "La recolección duró más de una hora y se terminó; no se pierde nada de lo leído.",
        "Harvest again: it goes on from where it stopped.",
        "Recolecte de nuevo: continúa donde se detuvo.",
    ),
    "internal": (
        "The program made a mistake; the log of this node tells more.",
        "El programa cometió un error; el registro de este nodo dice más.",
        "Report it to the maintainers, with the lines of the log.",
        "Comuníquelo a quienes mantienen el programa, con las líneas del registro.",
    ),
    "journal": (
        "The journal of this node could not be written.",
        "No se pudo escribir en el diario de este nodo.",
        "Look at the free space and the rights of the data folder: lonja doctor",
        "Mire el espacio libre y los permisos de la carpeta de datos: lonja doctor",
    ),
    "duplicate-key": (
        "A key stands twice in the document, so that two readers could understand it differently.",
        "Una clave aparece dos veces en el documento: dos lectores podrían entenderlo distinto.",
        "Its node should publish it again with a current program.",
        "Su nodo debería publicarla de nuevo con un programa actual.",
    ),
    "not-a-document": (
        "The member of the feed is no JSON object.",
        "El miembro del canal no es un objeto JSON.",
        "Its node should be asked what it publishes.",
        "Conviene preguntar a su nodo qué publica.",
    ),
    "broken-chain": (
        "The version does not continue the version that is held.",
        "La versión no continúa la versión que se conserva.",
        "Ask its operator whether an old backup was restored.",
        "Pregunte a quien lo opera si restauró una copia antigua.",
    ),
    "equivocation": (
        "The origin signed another document with this number before; the first one is kept.",
        "El origen firmó antes otro documento con este número; se conserva el primero.",
        "Ask its operator whether a key was stolen or an old backup restored.",
        "Pregunte a quien lo opera si le robaron una clave o restauró una copia antigua.",
    ),
    "erased": (
        "The origin has erased this document; it is not taken in again.",
        "El origen borró este documento; no vuelve a admitirse.",
        "Nothing needs to be done.",
        "No hay que hacer nada.",
    ),
}
"""Sentences per rule; tests demand that every rule a member can break has one."""

RULES: Final = frozenset(_SENTENCES)


def refusal(rule: str, version_uri: str, *, pointer: str = "", detail: str = "") -> Refusal:
    """Return a refused member under one of `RULES`."""
    en, es, fix_en, fix_es = _SENTENCES[rule]
    return Refusal(
        version_uri=version_uri,
        rule=rule,
        pointer=pointer,
        messages={"en": en, "es": es},
        fixes={"en": fix_en, "es": fix_es},
        detail=detail,
    )
