"""The query language: Whoosh's syntax, read by Whoosh's parser, for every engine.

Words (all must occur), "phrases", AND, OR, NOT and -word, (groups), word*, field:word, field:(…),
theme:mobility, country:ES, modified:[2020 TO 2024], start:>2019. Anything at all may be typed:
what cannot be taken literally is bent, and a diagnostic says how.
"""

import logging
from functools import lru_cache
from typing import Any

from search.analysis.tokens import composed, words
from search.api import Diagnostic
from search.query.convert import Converter, both
from search.query.limits import MAX_WORDS, tamed
from search.query.messages import diagnostic
from search.query.tree import Everything, Node, Word
from search.whoosh_library import whoosh

log = logging.getLogger(__name__)


def parse(text: str) -> tuple[Node, list[Diagnostic]]:
    """Return the tree of a query and what was bent. Never raises, whatever the text."""
    tame, found = tamed(text)
    if not tame:
        return Everything(), found
    converter = Converter()
    try:
        node = converter.convert(_parser().parse(composed(tame), normalize=False))
    except Exception:  # a foreign parser is not trusted with what people may type
        log.debug("whoosh could not read a query", exc_info=True)
        plain = [Word(word) for word in words(tame)[:MAX_WORDS]]
        return both([*plain]) or Everything(), [*found, diagnostic("unreadable")]
    return node or Everything(), found + converter.diagnostics


@lru_cache(maxsize=1)
def _parser() -> Any:
    qparser, plugins = whoosh("qparser"), whoosh("qparser.plugins")
    operators = plugins.OperatorsPlugin(
        Not=r"(?:^|(?<=[\s()]))(?:NOT(?=\s)|-(?=[\w\"(]))", AndNot=None, AndMaybe=None, Require=None
    )
    return qparser.QueryParser(
        "",
        None,  # without a schema nothing is analysed: that is ours to do
        plugins=[
            plugins.FieldsPlugin(remove_unknown=False),
            plugins.WildcardPlugin(),
            plugins.PhrasePlugin(),
            plugins.RangePlugin(),
            plugins.GtLtPlugin(),
            plugins.GroupPlugin(),
            operators,
            plugins.EveryPlugin(),
        ],
    )
