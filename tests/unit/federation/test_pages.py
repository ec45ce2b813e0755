"""Reading a peer's pages: whatever stands in them, it is read or refused with a reason."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.harvest.pages import PageError, read_heads, read_page, read_root

pytestmark = pytest.mark.unit

ADDRESS = "https://city.example/feed"

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from([ADDRESS, f"{ADDRESS}/0", "tree:Relation"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text()
            | st.sampled_from(
                ["id", "node", "relation", "member", "entries", "receivedSeq", "position", "head"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


def stream(**keys: Any) -> bytes:
    return orjson.dumps({"id": f"{ADDRESS}#stream", "type": "EventStream", **keys})


@given(st.binary(max_size=300) | values.map(orjson.dumps))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    for read in (read_root, read_page):
        try:
            read(body)
        except PageError:
            continue
    assert isinstance(read_heads(body), list)


@given(values, values, values)
def test_no_values_break_the_reader(one: object, two: object, three: object) -> None:
    body = stream(member=one, entries=two, relation=three, position=one, head=two, heads=three)
    root = read_root(body)
    assert 0 <= root.position < 2**53
    assert all(isinstance(url, str) for url in root.pages)
    try:
        page = read_page(body)
    except PageError:
        return
    assert all(0 <= member.number < 2**53 for member in page.members)
    assert all(isinstance(member.version_uri, str) for member in page.members)


documents = st.lists(
    st.dictionaries(
        st.text(min_size=1), st.text() | st.integers(-(2**53), 2**53) | st.none(), max_size=5
    ),
    max_size=8,
)


@given(documents)
def test_members_come_out_as_they_went_in_and_in_order(members: list[dict[str, Any]]) -> None:
    page = read_page(stream(member=members, entries=[]))
    assert [one.document for one in page.members] == members
    assert {one.problem for one in page.members} <= {""}


@given(documents, st.integers(0, 7), st.text(min_size=1))
def test_a_member_that_says_something_twice_is_named_and_only_that(
    members: list[dict[str, Any]], place: int, key: str
) -> None:
    members = members or [{}]
    place %= len(members)
    written = [orjson.dumps(one) for one in members]
    name = orjson.dumps(key)
    inner = b'{"a":[{' + name + b":1," + name + b":2}]}"
    written[place] = b'{"twice":' + inner + b"}"
    page = read_page(b'{"member":[' + b",".join(written) + b"]}")
    assert [one.problem for one in page.members] == [
        "duplicate-key" if number == place else "" for number in range(len(members))
    ]


def test_pages_are_listed_once_and_in_their_order() -> None:
    relations = [{"node": f"{ADDRESS}/{number}"} for number in (0, 0, 2, 1, 1, 2)]
    root = read_root(stream(entries=[{"id": ADDRESS, "relation": relations}]))
    assert root.pages == [f"{ADDRESS}/{number}" for number in (0, 2, 1)]


def test_a_single_member_need_not_stand_in_a_list() -> None:
    assert len(read_page(stream(member={"id": "a"})).members) == 1


def test_numbers_belong_to_the_member_that_they_name() -> None:
    page = read_page(
        stream(
            member=[{"id": "a"}, {"id": "b"}, {"id": ["c"]}, {}],
            entries=[
                {"id": "b", "receivedSeq": 8},
                {"id": "a", "receivedSeq": 7},
                {"id": ["c"], "receivedSeq": 9},
                {"receivedSeq": 10},
            ],
        )
    )
    assert [one.number for one in page.members] == [7, 8, 0, 0]
    assert page.last_number == 8


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b'{"member": 7}',
        b"\xff\xfe{}",
        b'{"a": NaN}',
        b'{"member":[],"member":[{"id":"x","id":"x"}]}',
        b"[" * 100_000,
        b'{"member":[' + b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"]}",
    ],
    ids=range(11),
)
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(PageError):
        read_page(body)
