"""Everything that dispatch begins with."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.audit import audit_guards
from shared.invariants.views import (
    Selects,
    announced_is_there,
    deadlines_about,
    invariant_views,
    kept_apart,
    there_is_announced,
)

revision: str = "0001"
down_revision: str | None = None

INVARIANTS: Mapping[str, Selects] = {
    "i1": announced_is_there({"work_order": "work_order"}),
    "i4": (
        *deadlines_about({"offer_id": "offer", "work_order_id": "work_order", "clock_id": "clock"}),
        """
        SELECT 'offer ' || id, 'is open and nothing ends it' FROM offer
        WHERE state = 'pending' AND NOT EXISTS (SELECT FROM deadline WHERE key = 'offer/' || id)
        """,
    ),
    "i6": kept_apart(
        [
            "inbox_pkey",
            "outbox_event_id_key",
            "outbox_subject_sequence_key",
            "work_order_case_id_round_key",
            "offer_pending_of_order",
            "offer_pending_of_technician",
            "visit_open_of_order",
        ]
    ),
    "i10": (
        *there_is_announced({"work_order": "work_order"}),
        """
        SELECT 'work order ' || number, 'is ' || state || ' although its case was cancelled' FROM work_order
        JOIN known_case USING (case_id)
        WHERE known_case.cancelled_at IS NOT NULL AND state NOT IN ('cancelled', 'completed', 'signed_off')
        """,
    ),
    "i11": (
        *kept_apart(["visit_no_technician_in_two_places"]),
        """
        SELECT 'technician ' || one.technician_id, 'is in visit ' || one.id || ' and in visit ' || other.id
        FROM visit AS one JOIN visit AS other ON other.technician_id = one.technician_id AND other.id > one.id
        AND tstzrange(other.starts_at, other.ends_at) && tstzrange(one.starts_at, one.ends_at)
        WHERE one.state IN ('agreed', 'prepared', 'departed', 'arrived', 'started')
        AND other.state IN ('agreed', 'prepared', 'departed', 'arrived', 'started')
        """,
    ),
}


def upgrade() -> None:  # noqa: PLR0915  # one statement for each table and index
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")  # a trusted one: the owner of the database may
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=200), nullable=False),
        sa.Column("actor_role", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=True),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("correlation_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_entry_at", "audit_entry", ["at"], unique=False)
    op.create_index("audit_entry_subject", "audit_entry", ["subject", "at"], unique=False)
    op.create_table(
        "clock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("allowed", sa.Interval(), nullable=True),
        sa.Column("calendar", sa.String(length=100), nullable=True),
        sa.Column("calendar_version", sa.String(length=100), nullable=True),
        sa.Column("pause_reasons", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("marks", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nulls(allowed, calendar_version, pause_reasons, marks) IN (0, 4)", name="clock_terms_check"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject_id", "name", name="clock_subject_id_name_key"),
    )
    op.create_index("clock_running", "clock", ["due_at"], unique=False, postgresql_where=sa.text("stopped_at IS NULL"))
    op.create_table(
        "deadline",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("correlation_id", sa.Uuid(), nullable=True),
        sa.Column("traceparent", sa.String(length=100), nullable=True),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000},
    )
    op.create_index("deadline_next_try", "deadline", ["next_try"], unique=False)
    op.create_table(
        "idempotent_answer",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request", sa.LargeBinary(length=32), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("idempotent_answer_expires_at", "idempotent_answer", ["expires_at"], unique=False)
    op.create_table(
        "forgotten",
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("last_event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_table(
        "known_case",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "erased_customer",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.Column("causation_id", sa.Uuid(), nullable=True),
        sa.Column("traceparent", sa.String(length=100), nullable=True),
        sa.Column("policy_version", sa.String(length=100), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sequence >= 1", name="outbox_sequence_check"),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("event_id"),
        sa.UniqueConstraint("subject", "sequence", name="outbox_subject_sequence_key"),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000},
    )
    op.create_index("outbox_correlation_id", "outbox", ["correlation_id"], unique=False)
    op.create_index("outbox_pending", "outbox", ["position"], unique=False, postgresql_where=sa.text("sent_at IS NULL"))
    op.create_table(
        "outbox_subject",
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000},
    )
    op.create_table(
        "rota",
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("technician_id", sa.Uuid(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("department"),
    )
    op.create_table(
        "technician",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("rota_position", sa.Integer(), nullable=False),
        sa.Column("zones", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("skills", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("staff_number"),
    )
    op.create_index("technician_rota", "technician", ["department", "rota_position", "id"], unique=False)
    op.create_index("technician_turn", "technician", ["rota_position", "id"], unique=False)
    op.create_index("technician_skills", "technician", ["skills"], unique=False, postgresql_using="gin")
    op.create_index("technician_zones", "technician", ["zones"], unique=False, postgresql_using="gin")
    op.create_table(
        "test_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offset", sa.Interval(), nullable=False),
        sa.CheckConstraint("id = 1", name="test_clock_one_row_check"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("away_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint("away_from < until", name="absence_period_check"),
        sa.ForeignKeyConstraint(
            ["technician_id"],
            ["technician.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("absence_technician_id", "absence", ["technician_id", "until"], unique=False)
    op.create_index("absence_until", "absence", ["until", "id"], unique=False)
    op.create_table(
        "audit_link",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["audit_entry.id"],
        ),
        sa.PrimaryKeyConstraint("entry_id"),
        sa.UniqueConstraint("position"),
    )
    op.create_index(
        "audit_link_unchained", "audit_link", ["entry_id"], unique=False, postgresql_where=sa.text("hash IS NULL")
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint("valid_from <= valid_until", name="certificate_period_check"),
        sa.ForeignKeyConstraint(
            ["technician_id"],
            ["technician.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "technician_id", "code", "valid_from", name="certificate_technician_id_code_valid_from_key"
        ),
    )
    op.create_index("certificate_valid_until", "certificate", ["valid_until", "id"], unique=False)
    op.create_table(
        "clock_announcement",
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.String(length=100), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clock_id"],
            ["clock.id"],
        ),
        sa.PrimaryKeyConstraint("clock_id", "mark"),
    )
    op.create_table(
        "clock_entry",
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("ref", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("policy_version", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('start', 'pause', 'resume', 'stop')", name="clock_entry_kind_check"),
        sa.ForeignKeyConstraint(
            ["clock_id"],
            ["clock.id"],
        ),
        sa.PrimaryKeyConstraint("clock_id", "kind", "ref", "at"),
    )
    op.create_table(
        "work_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("promise_id", sa.Uuid(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("skills", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("certificates", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("warranty", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("customer_label", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("product_family", sa.Text(), nullable=False),
        sa.Column("product_model", sa.Text(), nullable=False),
        sa.Column("problem_code", sa.Text(), nullable=False),
        sa.Column("parts", postgresql.JSONB(), nullable=False),
        sa.Column("required_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("fitted", postgresql.JSONB(), nullable=False),
        sa.Column("signed_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["technician_id"],
            ["technician.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "round", name="work_order_case_id_round_key"),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("promise_id"),
    )
    op.create_index("work_order_customer", "work_order", ["customer_id"], unique=False)
    op.create_index("work_order_opened_at", "work_order", ["opened_at", "id"], unique=False)
    op.create_index("work_order_required_by", "work_order", ["required_by"], unique=False)
    op.create_index("work_order_state", "work_order", ["state", "opened_at", "id"], unique=False)
    op.create_index("work_order_technician", "work_order", ["technician_id", "state"], unique=False)
    op.create_index(
        "work_order_waiting",
        "work_order",
        ["department", "priority", "opened_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "parts_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=True),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("short_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missing", postgresql.JSONB(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reserved_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unavailable_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unavailable_reason", sa.Text(), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issues", postgresql.JSONB(), nullable=False),
        sa.Column("returns", postgresql.JSONB(), nullable=False),
        sa.Column("deposit_required_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deposit_settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("parts_request_state", "parts_request", ["state", "requested_at"], unique=False)
    op.create_index("parts_request_work_order_id", "parts_request", ["work_order_id"], unique=False)
    op.create_table(
        "words",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("words_customer_id", "words", ["customer_id"], unique=False)
    op.create_index("words_work_order_id", "words", ["work_order_id", "said_at"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_as", sa.Text(), nullable=True),
        sa.Column("refusal_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["technician_id"],
            ["technician.id"],
        ),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("offer_offered_at", "offer", ["offered_at", "id"], unique=False)
    op.create_index(
        "offer_pending_of_order", "offer", ["work_order_id"], unique=True, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index(
        "offer_pending_of_technician",
        "offer",
        ["technician_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("offer_technician_id", "offer", ["technician_id", "offered_at"], unique=False)
    op.create_index("offer_work_order_id", "offer", ["work_order_id", "offered_at"], unique=False)
    op.create_table(
        "rota_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("after_position", sa.Integer(), nullable=True),
        sa.Column("technician_id", sa.Uuid(), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("passed_over", postgresql.JSONB(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("rota_log_work_order_id", "rota_log", ["work_order_id", "decided_at", "id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.Column("reschedule_reason", sa.Text(), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("departed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("unfinished_reason", sa.Text(), nullable=True),
        sa.Column("checks", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("usable_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warning", sa.Text(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("technician_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("state IN ('agreed', 'prepared', 'departed', 'arrived', 'started')"),
            using="gist",
            name="visit_no_technician_in_two_places",
        ),
        sa.CheckConstraint("starts_at < ends_at", name="visit_window_check"),
        sa.ForeignKeyConstraint(
            ["technician_id"],
            ["technician.id"],
        ),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "visit_busy_of_technician",
        "visit",
        ["technician_id"],
        unique=False,
        postgresql_where=sa.text(
            "state IN ('agreed', 'prepared', 'departed', 'arrived', 'started', 'completed', 'unfinished', 'taken_in')"
        ),
    )
    op.create_index(
        "visit_open_of_order",
        "visit",
        ["work_order_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('agreed', 'prepared', 'departed', 'arrived', 'started', 'back')"),
    )
    op.create_index("visit_starts_at", "visit", ["starts_at", "id"], unique=False)
    op.create_index("visit_technician_id", "visit", ["technician_id", "starts_at"], unique=False)
    op.create_index("visit_work_order_id", "visit", ["work_order_id"], unique=False)
    op.create_table(
        "hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("work_minutes", sa.Integer(), nullable=False),
        sa.Column("travel_minutes", sa.Integer(), nullable=False),
        sa.Column("expenses", postgresql.JSONB(), nullable=False),
        sa.Column("cost", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("work_minutes >= 0 AND travel_minutes >= 0 AND cost >= 0", name="hours_check"),
        sa.ForeignKeyConstraint(
            ["technician_id"],
            ["technician.id"],
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["visit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("hours_day", "hours", ["day", "technician_id"], unique=False)
    op.create_index("hours_work_order_id", "hours", ["work_order_id"], unique=False)
    op.create_table(
        "store_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_number", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("store_hours_day", "store_hours", ["day", "staff_number"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=False),
        sa.Column("repair_card_number", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("taken_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_by", sa.Text(), nullable=True),
        sa.Column("repaired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repaired_by", sa.Text(), nullable=True),
        sa.Column("work_minutes", sa.Integer(), nullable=False),
        sa.Column("fitted", postgresql.JSONB(), nullable=False),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inspected_by", sa.Text(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("units >= 1", name="item_units_check"),
        sa.ForeignKeyConstraint(
            ["technician_id"],
            ["technician.id"],
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["visit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("receipt_number"),
        sa.UniqueConstraint("repair_card_number"),
    )
    op.create_index("item_state", "item", ["state", "taken_in_at", "id"], unique=False)
    op.create_index("item_taken_in_at", "item", ["taken_in_at", "id"], unique=False)
    op.create_index("item_work_order_id", "item", ["work_order_id"], unique=False)

    for statement in audit_guards():
        op.execute(statement)
    for statement in invariant_views(INVARIANTS):
        op.execute(statement)
