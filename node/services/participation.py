"""How people took part in a practice, phase by phase."""

from dataclasses import dataclass

from node.services.coded import Coded, code_of, label, labels_of
from node.services.reading import Reader
from vocab import concepts
from vocab.few import is_few


@dataclass(frozen=True, slots=True)
class Phase:
    """How people took part in one phase; `fewer` hides the size of very small groups."""

    phase: str
    level: Coded
    methods: tuple[str, ...]
    groups: tuple[str, ...]
    inclusion: tuple[str, ...]
    participants: int | None
    fewer: bool
    women_percent: int | None


def phases(co_creation: Reader, language: str) -> tuple[Phase, ...]:
    """Return the phases of a co-creation in their natural order."""
    order = {code: number for number, code in enumerate(concepts.codes("phase"))}
    found = co_creation.many("participation")
    return tuple(
        _phase(item, language)
        for item in sorted(found, key=lambda item: order.get(item.string("phase"), len(order)))
    )


def _phase(record: Reader, language: str) -> Phase:
    fewer = is_few(record.document)
    return Phase(
        phase=label("phase", record.string("phase"), language),
        level=code_of("participation-level", record.string("level"), language),
        methods=labels_of(record, "method", "method", language),
        groups=labels_of(record, "group", "target-group", language),
        inclusion=labels_of(record, "inclusion", "inclusion-measure", language),
        participants=None if fewer else record.whole("participants"),
        fewer=fewer,
        women_percent=None if fewer else record.whole("womenPercent"),
    )
