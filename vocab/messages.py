"""The sentences of findings: what is wrong and how to mend it, in English and Spanish.

Each rule has one entry. `{key}` and the other names in braces are filled in by the caller.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from vocab.findings import Finding, Severity

VIOLATION: Final = Severity.VIOLATION
WARNING: Final = Severity.WARNING
INFO: Final = Severity.INFO


@dataclass(frozen=True, slots=True)
class Sentence:
    """How one rule speaks.

    Attributes:
        en: what is wrong, in English.
        es: the same in Spanish.
        fix_en: how to mend it, in English; "" when the first sentence says enough.
        fix_es: the same in Spanish.
        severity: how much the rule weighs unless the caller says otherwise.
    """

    en: str
    es: str
    fix_en: str = ""
    fix_es: str = ""
    severity: Severity = VIOLATION


SENTENCES: Final[dict[str, Sentence]] = {
    # bytes
    "too-large": Sentence(
        "The record is larger than {limit} kB.",
        "La ficha ocupa más de {limit} kB.",
        "Shorten the texts; link long documents instead of copying them.",
        "Acorte los textos; enlace los documentos largos en vez de copiarlos.",
    ),
    "not-utf8": Sentence(
        "The file is not UTF-8 text.",
        "El archivo no es texto UTF-8.",
        "Save it again with the encoding UTF-8, without a byte order mark.",
        "Guárdelo de nuevo con la codificación UTF-8, sin marca de orden de bytes.",
    ),
    "not-json": Sentence(
        "This is not valid JSON: line {line}, column {column}.",
        "Esto no es JSON válido: línea {line}, columna {column}.",
        "Look at that place: often a comma, a quotation mark or a bracket is missing.",
        "Mire en ese lugar: a menudo falta una coma, una comilla o un corchete.",
    ),
    "not-object": Sentence(
        "A record is one JSON object between { and }.",
        "Una ficha es un solo objeto JSON entre { y }.",
        "Put one record in each file, or one in each line of a .jsonl file.",
        "Ponga una ficha en cada archivo, o una en cada línea de un archivo .jsonl.",
    ),
    "duplicate-key": Sentence(
        "“{key}” stands twice in the same object.",
        "«{key}» aparece dos veces en el mismo objeto.",
        "Keep one of the two.",
        "Deje uno de los dos.",
    ),
    "bad-number": Sentence(
        "{value} is not a number that every system can keep exactly.",
        "{value} no es un número que todos los sistemas puedan guardar con exactitud.",
        "Use a number between -9007199254740991 and 9007199254740991.",
        "Use un número entre -9007199254740991 y 9007199254740991.",
    ),
    "bad-text": Sentence(
        "A text holds half of a character (a lone surrogate).",
        "Un texto contiene medio carácter (un sustituto suelto).",
        "Write the character again.",
        "Escriba de nuevo el carácter.",
    ),
    "too-deep": Sentence(
        "The record is nested more than {limit} levels deep.",
        "La ficha tiene más de {limit} niveles anidados.",
    ),
    # keys and values
    "context": Sentence(
        "“@context” must be the address {url}, and stand only at the top.",
        "«@context» debe ser la dirección {url} y estar solo al principio.",
        'Write "@context": "{url}" as the first line, and no other context.',
        'Escriba "@context": "{url}" en la primera línea y ningún otro contexto.',
    ),
    "forbidden-key": Sentence(
        "“{key}” cannot be used: keys with “:” or “@” are not accepted.",
        "No se puede usar «{key}»: no se aceptan claves con «:» ni «@».",
        "Use one of the plain keys of the vocabulary, or leave it out.",
        "Use una de las claves simples del vocabulario o quítela.",
    ),
    "unknown-key": Sentence(
        "The vocabulary does not know “{key}”.",
        "El vocabulario no conoce «{key}».",
        "Check the spelling, or leave it out.",
        "Revise la ortografía o quítela.",
    ),
    "unknown-type": Sentence(
        "“{value}” is not a type of record that can be published.",
        "«{value}» no es un tipo de ficha que se pueda publicar.",
        "Use one of: {known}.",
        "Use uno de estos: {known}.",
    ),
    "no-person": Sentence(
        "Public records describe organisations, not persons.",
        "Las fichas públicas describen entidades, no personas.",
        "Name the organisation or its function instead of the person.",
        "Nombre la entidad o su función en lugar de la persona.",
    ),
    "misplaced-type": Sentence(
        "A whole “{value}” cannot stand in “{key}”.",
        "Dentro de «{key}» no puede ir un «{value}» entero.",
        "Publish it as a record of its own, or move it to its place, and give its address here.",
        "Publíquelo como ficha propia, o muévalo a su sitio, e indique aquí su dirección.",
    ),
    "bad-link": Sentence(
        "“{value}” is not a complete address for “{key}”.",
        "«{value}» no es una dirección completa para «{key}».",
        "Write it in full, beginning with {wanted}.",
        "Escríbala entera, empezando por {wanted}.",
    ),
    "foreign-subject": Sentence(
        "A part of the record has an address that is not under the record's own.",
        "Una parte de la ficha tiene una dirección que no cuelga de la de la ficha.",
        "Leave out “id” here: parts need no address.",
        "Quite «id» de aquí: las partes no necesitan dirección.",
    ),
    "unknown-concept": Sentence(
        "“{value}” is not in the list for “{key}”: it is misspelt or newer than this node.",
        "«{value}» no está en la lista de «{key}»: está mal escrito o es más nuevo que este nodo.",
        "Choose a value of the list.",
        "Elija un valor de la lista.",
        WARNING,
    ),
    "wrong-concept": Sentence(
        "“{key}” takes a short code from its list, and “{value}” is not one.",
        "«{key}» lleva un código corto de su lista, y «{value}» no lo es.",
        "Choose a value of the list.",
        "Elija un valor de la lista.",
    ),
    # what the schema and the shapes say
    "required": Sentence("“{key}” is missing.", "Falta «{key}»."),
    "recommended": Sentence(
        "“{key}” is missing; it is recommended.", "Falta «{key}»; se recomienda.", severity=WARNING
    ),
    "misplaced-key": Sentence(
        "“{key}” is not expected in this place.",
        "«{key}» no se espera en este lugar.",
        "Move it to the part of the record that it speaks of.",
        "Muévalo a la parte de la ficha de la que habla.",
        WARNING,
    ),
    "incomplete": Sentence("Something is missing here.", "Aquí falta algo."),
    "too-many": Sentence(
        "“{key}” holds more than {limit} values.",
        "«{key}» tiene más de {limit} valores.",
        "Keep the most important ones.",
        "Deje los más importantes.",
    ),
    "repeated": Sentence(
        "“{key}” holds the same value twice.",
        "«{key}» repite un mismo valor.",
        "Keep each value once.",
        "Deje cada valor una sola vez.",
    ),
    "bad-texts": Sentence(
        "“{key}” must give its text under the code of the language.",
        "«{key}» debe llevar su texto bajo el código del idioma.",
        'For example: "{key}": {"en": "…", "es": "…"}.',
        'Por ejemplo: "{key}": {"en": "…", "es": "…"}.',
    ),
    "bad-language": Sentence(
        "“{value}” is not a language code as records write it.",
        "«{value}» no es un código de idioma como lo escriben las fichas.",
        "Write for example en, es or pt-BR.",
        "Escriba por ejemplo en, es o pt-BR.",
    ),
    "empty-text": Sentence(
        "“{key}” is empty or holds characters that cannot be shown.",
        "«{key}» está vacío o contiene caracteres que no se pueden mostrar.",
        "Write something in it, or leave it out.",
        "Escriba algo en él, o quítelo.",
    ),
    "wrong-shape": Sentence("“{key}” must be {wanted_en}.", "«{key}» debe ser {wanted_es}."),
    "bad-date": Sentence(
        "“{value}” is not a date that “{key}” can hold.",
        "«{value}» no es una fecha que «{key}» pueda llevar.",
        "Write year, month and day, for example 2024-03-31.",
        "Escriba año, mes y día, por ejemplo 2024-03-31.",
    ),
    "bad-time": Sentence(
        "“{value}” is not a time that “{key}” can hold.",
        "«{value}» no es una hora que «{key}» pueda llevar.",
        "Write it in universal time, for example 2024-03-31T08:00:00Z.",
        "Escríbala en hora universal, por ejemplo 2024-03-31T08:00:00Z.",
    ),
    "bad-value": Sentence(
        "“{value}” is not a value that “{key}” can have.",
        "«{value}» no es un valor que «{key}» pueda tener.",
    ),
    "out-of-range": Sentence(
        "{value} is too small or too large for “{key}”.",
        "{value} es demasiado pequeño o demasiado grande para «{key}».",
    ),
    "too-long": Sentence(
        "“{key}” is longer than {limit} characters.",
        "«{key}» tiene más de {limit} caracteres.",
    ),
    # rules between keys
    "end-before-start": Sentence(
        "“{other}” is before “{key}”.", "«{other}» es anterior a «{key}»."
    ),
    "self-lineage": Sentence(
        "A practice cannot be adapted from itself.",
        "Una práctica no puede ser una adaptación de sí misma.",
    ),
    "mixed-types": Sentence(
        "One record cannot be {value} at once.",
        "Una ficha no puede ser {value} a la vez.",
        "Keep one of them, or publish two records.",
        "Deje uno de ellos, o publique dos fichas.",
    ),
    "version-address": Sentence(
        "The address of the version is not that of the record followed by /v/ and its number.",
        "La dirección de la versión no es la de la ficha seguida de /v/ y su número.",
    ),
}


def finding(
    rule: str,
    pointer: str,
    severity: Severity | None = None,
    mend: Mapping[str, str] | None = None,
    **values: object,
) -> Finding:
    """Return the finding of a rule with its sentences filled in.

    Args:
        rule: a name of `SENTENCES`.
        pointer: JSON Pointer of the field.
        severity: when it weighs differently here than usual.
        mend: a better way to mend it than the rule's own, per language.
        values: what the sentences name in braces.
    """
    sentence = SENTENCES[rule]
    fixes = mend or {"en": _fill(sentence.fix_en, values), "es": _fill(sentence.fix_es, values)}
    return Finding(
        rule=rule,
        pointer=pointer,
        severity=severity or sentence.severity,
        messages={"en": _fill(sentence.en, values), "es": _fill(sentence.es, values)},
        fixes={language: text for language, text in fixes.items() if text},
    )


def did_you_mean(value: str, known: Iterable[str]) -> dict[str, str] | None:
    """Return the advice to write the nearest known word, None when none is near."""
    near = difflib.get_close_matches(value, known, n=1, cutoff=0.75)
    if not near:
        return None
    return {"en": f"Did you mean “{near[0]}”?", "es": f"¿Quería decir «{near[0]}»?"}


def _fill(text: str, values: dict[str, object]) -> str:
    """Put values in; plain replacement, since texts hold braces and values anything at all."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", shorten(str(value)))
    return text


def shorten(text: str, limit: int = 120) -> str:
    """Return a text short enough for one line of a list."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
