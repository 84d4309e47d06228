"""Events that were said a while ago, by real time: their ids say so."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

REST = (1 << 80) - 1


def event_id_aged(age: timedelta) -> UUID:
    """The id of an event that was said so long ago."""
    milliseconds = int((datetime.now(UTC) - age).timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (uuid7().int & REST))
