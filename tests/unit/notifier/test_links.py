"""The links in messages: ours are known again, and no other is."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from notifier.links import is_genuine, read_token, token_for
from shared.security.blind_index import BlindIndex

INDEX, OTHER_INDEX = BlindIndex(bytes(32)), BlindIndex(bytes([1] * 32))


@given(st.uuids(), st.text(min_size=1, max_size=40))
def test_a_link_is_known_again_for_its_holder_only(message_id: UUID, staff_number: str) -> None:
    token = read_token(token_for(message_id, staff_number=staff_number, index=INDEX))
    assert token is not None
    assert token.message_id == message_id
    assert is_genuine(token, staff_number=staff_number, index=INDEX)
    assert not is_genuine(token, staff_number=staff_number + "x", index=INDEX)
    assert not is_genuine(token, staff_number=staff_number, index=OTHER_INDEX)


@given(st.text(max_size=200))
def test_whatever_is_sent_for_a_link_is_read_or_is_none(written: str) -> None:
    token = read_token(written)
    assert token is None or not is_genuine(token, staff_number="S1", index=INDEX)
