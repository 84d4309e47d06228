"""Which rows of the five databases the checker reads: every query takes the id from which on it is asked for."""

from collections.abc import Mapping
from types import MappingProxyType

CASES = """
    SELECT id, state, call_id, registered_by, opened_at, resolved_at, closed_at, resolution, closed_by
    FROM repair_case WHERE id >= $1
"""
CALLS = "SELECT id, source_id, provider_call_id FROM call WHERE id >= $1"
STORY = "SELECT case_id, event_id FROM story WHERE event_id >= $1"
SAID = """
    SELECT event_id, type, subject, sequence, position, causation_id, body, sent_at FROM outbox WHERE event_id >= $1
"""
HEARD = "SELECT consumer, event_id FROM inbox WHERE event_id >= $1"
DEADLINES = """
    SELECT kind, left(name, -3), value::uuid FROM deadline, jsonb_each_text(data) AS about(name, value)
    WHERE name LIKE '%\\_id' AND value::uuid >= $1
"""
ORDERS = "SELECT id, case_id, round, state FROM work_order WHERE case_id >= $1"
VISITS = """
    SELECT id, technician_id, starts_at, ends_at FROM visit
    WHERE id >= $1 AND state IN ('agreed', 'prepared', 'departed', 'arrived', 'started')
"""
OFFERS = "SELECT id FROM offer WHERE state = 'pending' AND id >= $1"
CALLED_OFF = "SELECT case_id FROM known_case WHERE cancelled_at IS NOT NULL AND case_id >= $1"
ENDED = "SELECT case_id FROM known_case WHERE closed_at IS NOT NULL AND case_id >= $1"
REQUESTS = "SELECT id FROM parts_request WHERE id >= $1"
LINES = """
    SELECT request_id, part_code, asked, reserved, issued - returned - fitted - lost FROM request_line
    WHERE $1::uuid IS NOT NULL
"""
"""All of them at any time: what is reserved and out is held against them."""
STOCK = "SELECT part_code, on_hand, reserved, issued FROM stock WHERE $1::uuid IS NOT NULL"
MOVEMENTS = """
    SELECT part_code, sum(on_hand)::bigint, sum(reserved)::bigint, sum(issued)::bigint FROM stock_movement
    WHERE $1::uuid IS NOT NULL GROUP BY part_code
"""
DEPOSITS = "SELECT id, state FROM deposit WHERE id >= $1"
REVISITS = "SELECT order_id FROM revisit WHERE order_id >= $1"
SURVEYS = "SELECT order_id FROM survey WHERE order_id >= $1"
MESSAGES = """
    SELECT id, route, event_id, coalesce(staff_number, customer_id::text, role, 'the customer'), level, state
    FROM message WHERE event_id >= $1
"""
ESCALATIONS = "SELECT id, event_id, level FROM escalation WHERE event_id >= $1"
CHAIN = """
    SELECT link.position AS link_position, link.hash AS link_hash, entry.* FROM audit_link AS link
    LEFT JOIN audit_entry AS entry ON entry.id = link.entry_id
    WHERE link.hash IS NOT NULL AND $1::uuid = '00000000-0000-0000-0000-000000000000' ORDER BY link.position
"""
"""All of it or nothing: a part of a chain proves nothing."""
UNCHAINED = """
    SELECT entry.id FROM audit_entry AS entry LEFT JOIN audit_link AS link ON link.entry_id = entry.id
    WHERE link.hash IS NULL AND entry.id >= $1
"""
GUARDS = """
    SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger
    WHERE NOT tgisinternal AND tgenabled <> 'D' AND $1::uuid IS NOT NULL
    UNION ALL
    SELECT conrelid::regclass || '.' || conname FROM pg_constraint WHERE contype = 'x'
"""

OWNERS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "case": (("intake", "repair_case"),),
        "call": (("intake", "call"),),
        "customer": (("intake", "customer"),),
        "unit": (("intake", "unit"),),
        "quote": (("intake", "case_quote"),),
        "work_order": (("dispatch", "work_order"),),
        "offer": (("dispatch", "offer"),),
        "visit": (("dispatch", "visit"),),
        "item": (("dispatch", "item"),),
        "technician": (("dispatch", "technician"),),
        "clock": (("intake", "clock"), ("dispatch", "clock"), ("parts", "clock")),
        "part": (("parts", "part"),),
        "request": (("parts", "parts_request"),),
        "deposit": (("parts", "deposit"),),
        "claim_order": (("parts", "claim_order"),),
        "revisit": (("feedback", "revisit"),),
        "survey": (("feedback", "survey"),),
        "message": (("notifier", "message"),),
        "escalation": (("notifier", "escalation"),),
        "staff": (("notifier", "staff_member"),),
    }
)
"""What an id in a client's history, or in the data of a deadline, may name: the services and tables that have it."""


def owned(table: str) -> str:
    """The ids in a table of `OWNERS`."""
    return f'SELECT id FROM "{table}" WHERE id >= $1'  # noqa: S608  # a table named above
