"""Since when a site waits for its kit: policy says whether from the asking or from when the kit is complete."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.issuing import Needed, needed_at

INSTANTS = st.integers(0, 9).map(lambda hours: datetime(2040, 3, 5, tzinfo=UTC) + timedelta(hours=hours))


@pytest.mark.rule("R232")
@given(INSTANTS, INSTANTS, st.none() | INSTANTS)
def test_nobody_waits_on_site_before_he_has_begun_and_before_he_has_asked(
    started_at: datetime, requested_at: datetime, reserved_at: datetime | None
) -> None:
    def since(needed: Needed, *, begun: datetime | None = started_at) -> datetime | None:
        return needed_at(needed, started_at=begun, requested_at=requested_at, reserved_at=reserved_at)

    assert since(Needed.ASKED_FOR) == max(started_at, requested_at)
    assert since(Needed.COMPLETE) == (None if reserved_at is None else max(started_at, reserved_at))
    assert {since(needed, begun=None) for needed in Needed} == {None}
