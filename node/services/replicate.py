"""Replicate: turn a practice found anywhere into the draft of an own adaptation."""

import orjson

from node.runtime import Runtime
from node.services.errors import UserError
from node.services.sentences import SENTENCES
from vocab.terms import CONTEXT_URL, PRACTICE_TYPES, JsonObject


def adaptation_draft(runtime: Runtime, uri: str) -> JsonObject:
    """Return an authoring document of type Adaptation that descends from the practice `uri`.

    What depends on the place is left for the author: the draft carries the theme and the target
    groups, the lineage, and empty fields for the place and for what was kept and changed.

    Raises:
        ServiceError: the record is not held here, or is no practice.
    """
    entry = runtime.journal.current(uri)
    if entry is None:
        raise UserError(
            "%(uri)s is not known here; find a practice with: lonja search WORDS", uri=uri
        )
    if entry.type not in PRACTICE_TYPES:
        raise UserError(
            "%(uri)s is a %(type)s; only a practice can be replicated", uri=uri, type=entry.type
        )
    source = orjson.loads(entry.body)
    language = runtime.settings.languages[0]
    titles = source.get("title") or {}
    title = titles.get(language) or next(iter(titles.values()), "")
    sentences = SENTENCES.messages("adaptation-of")
    draft: JsonObject = {
        "@context": CONTEXT_URL,
        "type": "Adaptation",
        "title": {language: sentences.get(language, sentences["en"]).replace("{title}", title)},
        "summary": {language: ""},
        "adaptedFrom": [uri],
        "place": {"type": "Place", "name": {language: ""}, "country": ""},
        "stage": "interested",
        "language": [language],
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "lead": runtime.settings.organisation_uri,
        "kept": {language: ""},
        "changed": {language: ""},
        "visibility": "public",
    }
    for key in ("theme", "targetGroup"):
        if key in source:
            draft[key] = source[key]
    return draft
