"""Contact data at rest: what is sealed opens for its own place only, with any key of the ring."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.security.blind_index import BlindIndex
from shared.security.encryption import KeyRing, SealBroken

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
RING = KeyRing.parse(f"old:{OLD}")
ROTATED = KeyRing.parse(f"new:{NEW}, old:{OLD}")
PLACE = "customer.phone/0192f0c1"


@given(st.text(max_size=200))
def test_what_is_sealed_opens_again(text: str) -> None:
    assert RING.open(RING.seal(text, context=PLACE), context=PLACE) == text


def test_a_sealed_value_does_not_show_its_text() -> None:
    sealed = RING.seal("13800138000", context=PLACE)
    raw = base64.urlsafe_b64decode(sealed.rpartition(".")[2])
    assert b"13800138000" not in raw
    assert RING.seal("13800138000", context=PLACE) != sealed


def test_a_value_copied_to_another_row_does_not_open() -> None:
    with pytest.raises(SealBroken):
        RING.open(RING.seal("13800138000", context=PLACE), context="customer.phone/other")


@given(st.integers(min_value=0, max_value=50), st.integers(min_value=1, max_value=255))
def test_a_changed_value_does_not_open(at: int, flip: int) -> None:
    version, key_id, encoded = RING.seal("Li Lei, 13800138000", context=PLACE).split(".")
    raw = bytearray(base64.urlsafe_b64decode(encoded))
    raw[at % len(raw)] ^= flip
    with pytest.raises(SealBroken):
        RING.open(f"{version}.{key_id}.{base64.urlsafe_b64encode(raw).decode()}", context=PLACE)


@pytest.mark.parametrize("sealed", ["", "v1", "v1.old", "v1.old.", "v1.old.AAAA", "v1.old.é", "v2.old.AAAA", "v1.x.AA"])
def test_what_was_never_sealed_does_not_open(sealed: str) -> None:
    with pytest.raises(SealBroken):
        RING.open(sealed, context=PLACE)


def test_a_new_key_in_front_opens_what_the_old_one_sealed_and_seals_it_anew() -> None:
    sealed = RING.seal("13800138000", context=PLACE)
    assert ROTATED.open(sealed, context=PLACE) == "13800138000"
    renewed = ROTATED.reseal(sealed, context=PLACE)
    assert ROTATED.is_current(renewed)
    assert not ROTATED.is_current(sealed)
    assert ROTATED.reseal(renewed, context=PLACE) == renewed
    assert KeyRing.parse(f"new:{NEW}").open(renewed, context=PLACE) == "13800138000"


@pytest.mark.parametrize(
    "text",
    ["", "a", "a:", "a:!!", f"a:{base64.b64encode(bytes(16)).decode()}", f"a:{OLD},a:{NEW}", f"a b:{OLD}", OLD],
)
def test_a_ring_that_is_none_is_refused_without_showing_a_key(text: str) -> None:
    with pytest.raises(ValueError, match=r"key|id") as refused:
        KeyRing.parse(text)
    assert OLD not in str(refused.value)


def test_keys_do_not_show_in_what_is_printed() -> None:
    assert repr(ROTATED) == "KeyRing(ids=['new', 'old'])"
    assert repr(BlindIndex.parse(OLD)) == "BlindIndex()"


def test_the_index_finds_equal_spellings_and_keeps_fields_apart() -> None:
    index = BlindIndex.parse(OLD)
    assert index.of("  LI  Lei ", field="name") == index.of("li lei", field="name")
    assert index.of("１３８", field="phone") == index.of("138", field="phone")
    assert index.of("138", field="phone") != index.of("138", field="name")
    assert index.of("138", field="phone") != BlindIndex.parse(NEW).of("138", field="phone")
