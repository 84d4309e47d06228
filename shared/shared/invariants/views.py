"""SQL of the invariants that every service has, and the pieces of which a service's migration makes its own.

A view has two columns: `about`, what the violation is about, and `says`, what is wrong with it. What is forgotten after
a while (events, and which events were heard) is left out of account by the ids of the events, which sort by their age.
"""

from collections.abc import Iterator, Mapping, Sequence

NOW = """(now() + coalesce((SELECT "offset" FROM test_clock), interval '0'))"""
"""The business's time, as a service reckons it."""
LATE = "interval '60 seconds'"
"""Until then queues and outboxes are empty again, whatever happened."""


def _forgotten_to(place: str) -> str:
    """After this event, all that were ever there are there. What is about it or an older one cannot be traced."""
    return f"""coalesce(
        (SELECT last_event_id FROM forgotten WHERE place = '{place}'), '00000000-0000-0000-0000-000000000000'
    )"""  # noqa: S608  # no input


UNHEARD_TO = _forgotten_to("inbox")
UNSAID_TO = _forgotten_to("outbox")

type Selects = tuple[str, ...]
"""SELECT statements of `about` and `says`."""

_OF_EVERY_SERVICE: Mapping[str, Selects] = {
    "i4": (
        f"""
        SELECT type || ' ' || event_id, 'comes of ' || causation_id || ', which was never heard' FROM outbox
        WHERE causation_id > {UNHEARD_TO}
        AND NOT EXISTS (SELECT FROM inbox WHERE inbox.event_id = outbox.causation_id)
        """,  # noqa: S608  # no input
    ),
    "i5": (
        """
        SELECT consumer || ' ' || event_id, 'was heard by a handler of other events than ' || type FROM inbox
        WHERE split_part(consumer, '.', 2) <> 'on_' || split_part(type, '.', 2)
        """,
    ),
    "i8": (
        f"""
        SELECT type || ' ' || event_id, 'lies in the outbox since ' || time FROM outbox
        WHERE sent_at IS NULL AND time < {NOW} - {LATE}
        """,  # noqa: S608  # no input
    ),
}


def invariant_views(own: Mapping[str, Selects]) -> Iterator[str]:
    """Statements for a migration: a view for each invariant, of what every service has and what is the service's own.

    `own` is by invariant (`i4`). A later migration that changes a table which a view reads drops the view before and
    creates it again.
    """
    for invariant in sorted({*_OF_EVERY_SERVICE, *own}, key=lambda name: int(name[1:])):
        selects = (*_OF_EVERY_SERVICE.get(invariant, ()), *own.get(invariant, ()))
        yield f"CREATE VIEW invariant_{invariant} (about, says) AS " + " UNION ALL ".join(selects)


def announced_is_there(tables: Mapping[str, str]) -> Selects:
    """I1: whatever events speak of is in its table; `tables` is by the kind of the events' subject."""
    return tuple(
        f"""
        SELECT subject, 'was announced and is not there' FROM outbox_subject
        WHERE split_part(subject, '/', 1) = '{kind}'
        AND NOT EXISTS (SELECT FROM {table} WHERE {table}.id::text = split_part(subject, '/', 2))
        """  # noqa: S608  # names of tables
        for kind, table in tables.items()
    )


def there_is_announced(tables: Mapping[str, str]) -> Selects:
    """I10: whatever is in the table was announced; `tables` is by the kind of the events' subject."""
    return tuple(
        f"""
        SELECT '{kind}/' || id, 'is there and was never announced' FROM {table}
        WHERE NOT EXISTS (SELECT FROM outbox_subject WHERE subject = '{kind}/' || id)
        """  # noqa: S608  # names of tables
        for kind, table in tables.items()
    )


def deadlines_about(tables: Mapping[str, str]) -> Selects:
    """I4: every deadline is about something that is there; `tables` is by the name in the deadline's data."""
    return tuple(
        f"""
        SELECT 'deadline ' || key, 'is about a {table} that there is not' FROM deadline
        WHERE data ? '{name}' AND NOT EXISTS (SELECT FROM {table} WHERE {table}.id::text = data ->> '{name}')
        """  # noqa: S608  # names of tables
        for name, table in tables.items()
    )


def caused_by_heard(table: str) -> Selects:
    """I4: every row of a table is about an event that was heard; its column is `event_id`."""
    return (
        f"""
        SELECT '{table} ' || id, 'is about ' || event_id || ', which was never heard' FROM {table}
        WHERE event_id > {UNHEARD_TO}
        AND NOT EXISTS (SELECT FROM inbox WHERE inbox.event_id = {table}.event_id)
        """,  # noqa: S608  # names of tables
    )


def kept_apart(indexes: Sequence[str]) -> Selects:
    """I2, I6, I11: the database itself refuses a second one, by these unique or excluding indexes."""
    wanted = ", ".join(f"('{index}')" for index in indexes)
    return (
        f"""
        SELECT 'index ' || name, 'is gone or not valid: nothing refuses a second one'
        FROM (VALUES {wanted}) AS wanted(name)
        WHERE NOT EXISTS (
            SELECT FROM pg_index
            WHERE indexrelid = to_regclass(name) AND indisvalid AND (indisunique OR indisexclusion)
        )
        """,  # noqa: S608  # names of indexes
    )
