"""Column types that rows of every service use, so that a row reads like what it holds."""

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A moment, UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True


class Texts(TypeDecorator[list[str]]):
    """Short texts in their order."""

    impl = ARRAY(Text)
    cache_ok = True


class Json(TypeDecorator[object]):
    """A JSON document that nobody searches in."""

    impl = JSONB
    cache_ok = True
