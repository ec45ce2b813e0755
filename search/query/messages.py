"""What is said to people when their query was not taken literally."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from search.api import Diagnostic

_SENTENCES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "too-long": (
            "The query is very long: only its first {limit} characters were used.",
            "La consulta es muy larga: solo se ha usado su comienzo ({limit} letras).",
        ),
        "too-many-words": (
            "The query has many words: only the first {limit} were used.",
            "La consulta tiene muchas palabras: solo se han usado las primeras {limit}.",
        ),
        "too-deep": (
            "Some parentheses were ignored: they can be nested {limit} deep.",
            "Se han pasado por alto algunos paréntesis: pueden anidarse hasta {limit} niveles.",
        ),
        "unbalanced-quote": (
            "A quotation mark has no partner and was ignored.",
            "Unas comillas no tienen pareja y se han pasado por alto.",
        ),
        "unbalanced-parenthesis": (
            "A parenthesis has no partner and was ignored.",
            "Un paréntesis no tiene pareja y se ha pasado por alto.",
        ),
        "leading-wildcard": (
            "A word cannot begin with * or ?: “{text}” was searched as “{used}”.",
            "Una palabra no puede empezar por * o ?: «{text}» se ha buscado como «{used}».",
        ),
        "inner-wildcard": (
            "* works at the end of a word only: “{text}” was searched as “{used}”.",
            "* solo funciona al final de una palabra: «{text}» se ha buscado como «{used}».",
        ),
        "short-prefix": (
            "Write at least {limit} letters before *: “{text}” was searched as a whole word.",
            "Escriba al menos {limit} letras antes de *: «{text}» se ha buscado como palabra.",
        ),
        "dangling-operator": (
            "{text} has nothing to join and was ignored.",
            "{text} no tiene nada que unir y se ha pasado por alto.",
        ),
        "unknown-field": (
            "There is no field “{field}”; its words were searched everywhere.",
            "No existe el campo «{field}»; sus palabras se han buscado en todo el texto.",
        ),
        "unknown-value": (
            "“{text}” is no value of “{field}”; it was searched as a word.",
            "«{text}» no es un valor de «{field}»; se ha buscado como palabra.",
        ),
        "bad-date": (
            "“{text}” is no date; write 2024, 2024-05 or 2024-05-31.",
            "«{text}» no es una fecha; escriba 2024, 2024-05 o 2024-05-31.",
        ),
        "bad-number": (
            "“{text}” is no number of inhabitants; write population:>5000.",
            "«{text}» no es un número de habitantes; escriba population:>5000.",
        ),
        "bad-range": (
            "Ranges work for dates (modified:, start:) and population: only; the words were "
            "searched instead.",
            "Los intervalos solo valen para fechas (modified:, start:) y population:; se han "
            "buscado las palabras.",
        ),
        "most-words": (
            "No record has all of these words; those that have most of them are shown.",
            "Ningún registro tiene todas estas palabras; se muestran los que tienen más de ellas.",
        ),
        "unreadable": (
            "The query could not be read; its words were searched.",
            "No se ha podido leer la consulta; se han buscado sus palabras.",
        ),
    }
)


def diagnostic(code: str, **values: object) -> Diagnostic:
    """Return what was bent, in English and Spanish."""
    english, spanish = _SENTENCES[code]
    return Diagnostic(code, {"en": english.format(**values), "es": spanish.format(**values)})
