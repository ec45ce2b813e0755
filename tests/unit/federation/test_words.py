"""Fingerprints that can be read out on the phone."""

from hypothesis import given
from hypothesis import strategies as st

from federation.identity import SigningKey, fingerprint
from federation.words import in_words, is_fingerprint_of

KEYS = st.binary(min_size=32, max_size=32).map(
    lambda raw: SigningKey.from_bytes(raw).public_multikey
)


@given(KEYS)
def test_words_and_digits_say_the_same_in_any_spelling(key: str) -> None:
    words = in_words(key)
    assert len(words.split()) == 8
    assert is_fingerprint_of(words.upper().replace(" ", "-"), key)
    assert is_fingerprint_of(fingerprint(key).replace(" ", ":"), key)


@given(KEYS, st.integers(0, 46), st.sampled_from("bdfghjklmnprstvzaiou"))
def test_one_letter_that_was_misheard_is_noticed(key: str, place: int, letter: str) -> None:
    words = in_words(key)
    heard = words[:place] + letter + words[place + 1 :]
    same = heard.replace(" ", "") == words.replace(" ", "")
    assert is_fingerprint_of(heard, key) == same


@given(KEYS, KEYS)
def test_two_keys_never_sound_alike(one: str, other: str) -> None:
    assert (in_words(one) == in_words(other)) == (one == other)


def test_nothing_is_no_fingerprint() -> None:
    assert not is_fingerprint_of("", SigningKey.generate().public_multikey)
