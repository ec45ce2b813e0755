"""Two people write on one draft: nothing is lost, and what nobody touched is nobody's change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.forms.fields import fields_of
from node.forms.merge import merge, seen

pytestmark = pytest.mark.unit

FIELDS = fields_of("Practice")
KEYS = [one.key for one in FIELDS][:6]
BODIES = st.dictionaries(
    st.sampled_from(KEYS), st.text("ab", min_size=1, max_size=2) | st.integers(1, 3)
)


@given(BODIES, BODIES, BODIES)
def test_each_field_is_mine_or_theirs_and_a_clash_is_named(
    before: dict[str, object], mine: dict[str, object], theirs: dict[str, object]
) -> None:
    body, both = merge(FIELDS, seen(FIELDS, before), mine, theirs)  # type: ignore[arg-type]
    for key in KEYS:
        was, ours, held = (one.get(key) or None for one in (before, mine, theirs))
        assert (body.get(key) or None) in (ours, held)
        if ours == was:
            assert (body.get(key) or None) == held
        assert (key in both) == (ours not in (was, held) and held != was)


@pytest.mark.parametrize("shown", ["", "[]", "{", "x" * 100_000, '{"title": 3}'])
def test_a_form_that_does_not_say_what_it_showed_takes_nothing_for_untouched(shown: str) -> None:
    body, both = merge(FIELDS, shown, {"title": {"en": "B"}}, {"title": {"en": "A"}})
    assert body == {"title": {"en": "B"}}
    assert both == ("title",)
