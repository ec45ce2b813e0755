"""The one way out: whoever gives something away, or shows it, reads the journal through this gate.

Pages, API, search index, feed, push, bundles and dumps have no other source than the reader of the
journal, and the reader lets out only what passes here. So no exit can forget to ask.
"""

import orjson

from federation.records import Entry, EntryState
from vocab.outward import PUBLIC_TYPES, withheld


def may_leave(entry: Entry, *, own: bool) -> bool:
    """Say whether an entry may be read by what gives it away.

    Args:
        entry: as it is kept. An erased or refused one has nothing left to hold back: its exits
            look at its state.
        own: whether this node signs for its origin.
    """
    if entry.state is not EntryState.HELD:
        return True
    try:
        document = orjson.loads(entry.body)
    except ValueError:
        return False  # damaged on the disk; `lonja verify` names it
    return (
        entry.type in PUBLIC_TYPES
        and isinstance(document, dict)
        and not withheld(document, own=own)
    )
