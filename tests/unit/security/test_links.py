"""Signed links: read by whoever signed them, for their purpose and their time, and by nobody else."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.security.blind_index import BlindIndex
from shared.security.links import TOKEN_LENGTH, LinkExpired, LinkForged, LinkSigner

SIGNER = LinkSigner(BlindIndex(bytes(32)), purpose="survey")
NOW = datetime(2040, 3, 5, 1, tzinfo=UTC)


@given(st.uuids(), st.integers(1, 10**9))
def test_a_link_is_good_until_before_its_last_second(subject: UUID, seconds: int) -> None:
    expires_at = NOW + timedelta(seconds=seconds)
    token = SIGNER.token(subject, expires_at=expires_at)
    assert len(token) == TOKEN_LENGTH
    assert SIGNER.read(token, now=expires_at - timedelta(microseconds=1)) == subject
    with pytest.raises(LinkExpired) as expired:
        SIGNER.read(token, now=expires_at)
    assert expired.value.subject == subject


@given(st.uuids(), st.integers(0, TOKEN_LENGTH - 1), st.sampled_from("ABab01-_=+/.中"))
def test_a_token_that_was_changed_anywhere_is_forged(subject: UUID, place: int, character: str) -> None:
    token = SIGNER.token(subject, expires_at=NOW + timedelta(days=1))
    changed = token[:place] + character + token[place + 1 :]
    if changed == token:
        return
    with pytest.raises(LinkForged):
        SIGNER.read(changed, now=NOW)


@given(st.text(max_size=80))
def test_any_text_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(LinkForged):
        SIGNER.read(text, now=NOW)


@pytest.mark.parametrize(
    "other",
    [LinkSigner(BlindIndex(bytes(32)), purpose="acknowledgement"), LinkSigner(BlindIndex(b"x" * 32), purpose="survey")],
    ids=["of another purpose", "of another installation"],
)
def test_a_link_of_somebody_else_is_forged(other: LinkSigner) -> None:
    token = other.token(UUID(int=7), expires_at=NOW + timedelta(days=1))
    with pytest.raises(LinkForged):
        SIGNER.read(token, now=NOW)
