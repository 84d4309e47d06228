"""Everything that parts begins with."""

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
    "i1": announced_is_there(
        {
            "parts_request": "parts_request",
            "deposit": "deposit",
            "action_item": "action_item",
            "supplier_case": "supplier_case",
            "tool_loan": "tool_loan",
            "store_work": "store_work",
        }
    ),
    "i4": (
        *deadlines_about(
            {
                "request_id": "parts_request",
                "deposit_id": "deposit",
                "action_item_id": "action_item",
                "loan_id": "tool_loan",
                "clock_id": "clock",
            }
        ),
        """
        SELECT 'parts request ' || id, 'is ' || state || ' and still keeps ' || part_code FROM request_line
        JOIN parts_request ON parts_request.id = request_id
        WHERE reserved > 0 AND state IN ('settled', 'released', 'expired', 'unavailable')
        """,
    ),
    "i6": kept_apart(
        [
            "inbox_pkey",
            "outbox_event_id_key",
            "outbox_subject_sequence_key",
            "request_line_pkey",
            "stock_movement_receipt",
            "claim_order_request_id_key",
            "deposit_claim_order_id_key",
            "deposit_entry_deposit_id_kind_key",
            "payment_provider_dedup_key_key",
            "misorder_claim_order_id_part_code_person_key",
            "clock_subject_id_name_key",
            "clock_announcement_pkey",
            "return_shipment_item_id",
            "tool_loan_open",
        ]
    ),
    "i10": (
        *there_is_announced({"deposit": "deposit"}),
        """
        SELECT 'stock of ' || part_code, 'is not the sum of its movements' FROM stock
        FULL JOIN (
            SELECT part_code, sum(on_hand) AS on_hand, sum(reserved) AS reserved, sum(issued) AS issued
            FROM stock_movement GROUP BY part_code
        ) AS moved USING (part_code)
        WHERE (coalesce(stock.on_hand, 0), coalesce(stock.reserved, 0), coalesce(stock.issued, 0))
            <> (coalesce(moved.on_hand, 0), coalesce(moved.reserved, 0), coalesce(moved.issued, 0))
        """,
        """
        SELECT part_code || ' at ' || location, 'is not the sum of its movements' FROM shelf
        FULL JOIN (
            SELECT part_code, location, sum(on_hand) AS on_hand, count(*) AS movements
            FROM stock_movement WHERE location IS NOT NULL GROUP BY part_code, location
        ) AS moved USING (part_code, location)
        WHERE (coalesce(shelf.on_hand, 0), coalesce(shelf.movements, 0))
            <> (coalesce(moved.on_hand, 0), coalesce(moved.movements, 0))
        """,
        """
        SELECT part_code || ' at ' || location, 'has other serial numbers than pieces' FROM shelf
        FULL JOIN (
            SELECT part_code, location, count(*) AS named FROM serial_number
            WHERE location IS NOT NULL GROUP BY part_code, location
        ) AS lying USING (part_code, location)
        LEFT JOIN part USING (part_code)
        WHERE coalesce(named, 0) > coalesce(on_hand, 0) OR (is_serial AND coalesce(named, 0) < coalesce(on_hand, 0))
        """,
        """
        SELECT part_code || ' of ' || department, 'is not worth what moved' FROM stock_account
        FULL JOIN (
            SELECT part_code, department, sum(on_hand) AS pieces, sum(value) AS value
            FROM stock_movement WHERE department IS NOT NULL GROUP BY part_code, department
        ) AS moved USING (part_code, department)
        WHERE (coalesce(stock_account.pieces, 0), coalesce(stock_account.value, 0))
            <> (coalesce(moved.pieces, 0), coalesce(moved.value, 0))
        """,
        """
        SELECT 'stock of ' || part_code, 'is reserved or out for nobody' FROM stock
        FULL JOIN (
            SELECT part_code, sum(reserved) AS reserved, sum(issued - returned - fitted - lost) AS issued
            FROM request_line GROUP BY part_code
        ) AS kept USING (part_code)
        WHERE (coalesce(stock.reserved, 0), coalesce(stock.issued, 0))
            <> (coalesce(kept.reserved, 0), coalesce(kept.issued, 0))
        """,
        """
        SELECT 'deposit ' || id, 'was taken and is ' || state FROM deposit
        WHERE (paid_at IS NOT NULL) <> (state IN ('held', 'refunded', 'forfeited'))
        """,
        """
        SELECT 'deposit ' || id, 'is ' || state || ', and its entries add up to something else' FROM deposit
        LEFT JOIN (
            SELECT deposit_id,
                sum(CASE kind WHEN 'paid' THEN amount ELSE 0 END) AS paid,
                sum(CASE kind WHEN 'refunded' THEN amount ELSE 0 END) AS refunded,
                sum(CASE kind WHEN 'forfeited' THEN amount ELSE 0 END) AS forfeited
            FROM deposit_entry GROUP BY deposit_id
        ) AS entered ON deposit_id = deposit.id
        WHERE (coalesce(paid, 0), coalesce(refunded, 0), coalesce(forfeited, 0)) <> (
            CASE WHEN state IN ('held', 'refunded', 'forfeited') THEN amount ELSE 0 END,
            CASE WHEN state = 'refunded' THEN amount ELSE 0 END,
            CASE WHEN state = 'forfeited' THEN amount ELSE 0 END
        )
        """,
        """
        SELECT 'payment ' || payment.id, 'is taken, and the ledger has no such deposit' FROM payment
        LEFT JOIN deposit_entry AS entered
            ON entered.deposit_id = payment.deposit_id AND kind = 'paid' AND entered.amount = payment.amount
        WHERE payment.state = 'taken' AND (entered.id IS NULL OR payment.currency <> 'CNY')
        """,
        """
        SELECT line.part_code || ' of purchase order ' || line.order_id, 'came otherwise than the ledger says'
        FROM purchase_line AS line JOIN purchase_order AS placed ON placed.id = line.order_id
        LEFT JOIN (
            SELECT split_part(reference, '/', 2) AS order_id, part_code, sum(on_hand) AS pieces
            FROM stock_movement WHERE kind = 'receipt' AND reference LIKE 'purchase_order/%' GROUP BY 1, 2
        ) AS came ON came.order_id = line.order_id::text AND came.part_code = line.part_code
        WHERE placed.destination = 'store' AND line.received <> coalesce(came.pieces, 0)
        """,
    ),
}

GUARD = "CREATE TRIGGER {trigger} ON {table} FOR EACH {each} EXECUTE FUNCTION ledger_is_append_only()"
LEDGER_GUARDS = (
    """
    CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    *(
        GUARD.format(trigger=trigger, table=table, each=each)
        for table in ("stock_movement", "deposit_entry")
        for trigger, each in (
            ("append_only BEFORE UPDATE OR DELETE", "ROW"),
            ("no_truncate BEFORE TRUNCATE", "STATEMENT"),
        )
    ),
)
"""PostgreSQL itself refuses to change or remove a line of the ledgers of stock (R324) and of deposits (R321)."""


def upgrade() -> None:
    """Everything that parts keeps, in the order in which it refers to one another."""
    for create in (
        _create_deliveries,
        _create_catalogue,
        _create_places,
        _create_requests,
        _create_stock,
        _create_claims,
        _create_money,
        _create_old_parts,
        _create_papers,
        _create_clocks,
        _create_returns,
        _create_serials,
        _create_purchasing,
        _create_supplier_cases,
        _create_return_shipments,
        _create_tools,
    ):
        create()
    for statement in (*audit_guards(), *LEDGER_GUARDS, *invariant_views(INVARIANTS)):
        op.execute(statement)


def _create_deliveries() -> None:
    """What every service keeps: messages, deadlines, answers, the audit log, who was erased."""
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
        "erased_customer",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
    )
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
        "test_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offset", sa.Interval(), nullable=False),
        sa.CheckConstraint("id = 1", name="test_clock_one_row_check"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "audit_link",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"]),
        sa.PrimaryKeyConstraint("entry_id"),
        sa.UniqueConstraint("position"),
    )
    op.create_index(
        "audit_link_unchained", "audit_link", ["entry_id"], unique=False, postgresql_where=sa.text("hash IS NULL")
    )


def _create_catalogue() -> None:
    """Parts that there are."""
    op.create_table(
        "part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("purchase_price", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("price_source", sa.Text(), nullable=False),
        sa.Column("priced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alternatives", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_serial", sa.Boolean(), nullable=False),
        sa.Column("is_consumable", sa.Boolean(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("unit_price >= 0 AND minimum >= 0 AND purchase_price >= 0", name="part_not_negative_check"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("part_code"),
    )
    op.create_index("part_created_at", "part", ["created_at", "id"], unique=False)


def _create_requests() -> None:
    """Work orders as far as they are known, and what they ask for."""
    op.create_table(
        "known_work_order",
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fitted_from_site", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("work_order_id"),
    )
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("work_order_number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(cleared_at IS NULL) = (reason IS NULL)", name="discrepancy_cleared_check"),
        sa.ForeignKeyConstraint(["work_order_id"], ["known_work_order.work_order_id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("work_order_id"),
    )
    op.create_index("discrepancy_found_at", "discrepancy", ["found_at", "id"], unique=False)
    op.create_table(
        "parts_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("work_order_number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("warranty", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("prepared_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["work_order_id"], ["known_work_order.work_order_id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("parts_request_case_id", "parts_request", ["case_id"], unique=False)
    op.create_index("parts_request_requested_at", "parts_request", ["requested_at", "id"], unique=False)
    op.create_index("parts_request_state", "parts_request", ["state", "requested_at", "id"], unique=False)
    op.create_index("parts_request_work_order_id", "parts_request", ["work_order_id"], unique=False)
    op.create_table(
        "request_line",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("fitted", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.CheckConstraint("asked > 0 AND least(reserved, fitted, returned, lost) >= 0", name="request_line_check"),
        sa.CheckConstraint("reserved + issued <= asked", name="request_line_asked_check"),
        sa.CheckConstraint("returned + fitted + lost <= issued", name="request_line_issued_check"),
        sa.ForeignKeyConstraint(["request_id"], ["parts_request.id"]),
        sa.PrimaryKeyConstraint("request_id", "part_code"),
    )
    op.create_index("request_line_part_code", "request_line", ["part_code"], unique=False)


def _create_stock() -> None:
    """Pieces, the ledger of their movements, and the papers of the counter."""
    op.create_table(
        "stock",
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("0 <= reserved AND reserved <= on_hand AND 0 <= issued", name="stock_not_negative_check"),
        sa.ForeignKeyConstraint(["part_code"], ["part.part_code"]),
        sa.PrimaryKeyConstraint("part_code"),
    )
    op.create_table(
        "stock_movement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("value", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("purchase_request_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind, sign(on_hand), sign(reserved), sign(issued)) IN (('receipt', 1, 0, 0), ('reserve', 0, 1, 0),"
            " ('release', 0, -1, 0), ('issue', -1, -1, 1), ('return', 1, 0, -1), ('consume', 0, 0, -1),"
            " ('loss', 0, 0, -1),"
            " ('vendor_return', -1, 0, 0),"
            " ('adjustment', 1, 0, 0), ('adjustment', -1, 0, 0), ('transfer', 1, 0, 0), ('transfer', -1, 0, 0),"
            " ('site', 1, 0, 0), ('site', -1, 0, 0),"
            " ('internal', -1, 0, 0))",
            name="stock_movement_kind_check",
        ),
        sa.CheckConstraint(
            "(on_hand = 0 OR kind = 'site') = (location IS NULL) AND (on_hand = 0) = (department IS NULL)"
            " AND (on_hand <> 0 OR value = 0)",
            name="stock_movement_place_check",
        ),
        sa.CheckConstraint("(kind = 'site') = (purchase_request_id IS NOT NULL)", name="stock_movement_site_check"),
        sa.ForeignKeyConstraint(["location"], ["location.code"]),
        sa.ForeignKeyConstraint(["part_code"], ["part.part_code"]),
        sa.ForeignKeyConstraint(["request_id"], ["parts_request.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("stock_movement_at", "stock_movement", ["at", "id"], unique=False)
    op.create_index("stock_movement_location", "stock_movement", ["location", "at", "id"], unique=False)
    op.create_index("stock_movement_part_code", "stock_movement", ["part_code", "at", "id"], unique=False)
    op.create_index(
        "stock_movement_receipt",
        "stock_movement",
        ["part_code", "reference"],
        unique=True,
        postgresql_where=sa.text("kind = 'receipt'"),
    )
    op.create_index(
        "stock_movement_purchase_request_id",
        "stock_movement",
        ["purchase_request_id"],
        unique=False,
        postgresql_where=sa.text("purchase_request_id IS NOT NULL"),
    )
    op.create_index("stock_movement_request_id", "stock_movement", ["request_id"], unique=False)
    op.create_table(
        "store_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("issued_to", sa.Text(), nullable=True),
        sa.Column("presented", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["parts_request.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("store_note_request_id", "store_note", ["request_id", "posted_at", "id"], unique=False)


def _create_claims() -> None:
    """What is ordered for a customer, who signed it, and his deposit."""
    op.create_table(
        "claim_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("signatures_needed", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipts", sa.Integer(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'placed' OR expected_at IS NOT NULL", name="claim_order_expected_check"),
        sa.CheckConstraint("amount >= 0", name="claim_order_amount_check"),
        sa.ForeignKeyConstraint(["request_id"], ["parts_request.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id"),
    )
    op.create_index(
        "claim_order_expected_at",
        "claim_order",
        ["expected_at"],
        unique=False,
        postgresql_where=sa.text("state = 'placed'"),
    )
    op.create_index("claim_order_opened_at", "claim_order", ["opened_at", "id"], unique=False)
    op.create_index("claim_order_state", "claim_order", ["state", "opened_at", "id"], unique=False)
    op.create_table(
        "claim_signature",
        sa.Column("claim_order_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_order_id"], ["claim_order.id"]),
        sa.PrimaryKeyConstraint("claim_order_id", "role"),
    )
    op.create_table(
        "deposit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_order_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("required_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("handed_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_back_by", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(paid_at IS NOT NULL) = (state IN ('held', 'refunded', 'forfeited'))", name="deposit_taken_check"
        ),
        sa.CheckConstraint(
            "(handed_back_at IS NULL OR state = 'refunded') AND (handed_back_at IS NULL) = (handed_back_by IS NULL)"
            " AND (handed_back_at IS NULL) = (reference IS NULL)",
            name="deposit_handed_back_check",
        ),
        sa.CheckConstraint("amount > 0", name="deposit_amount_check"),
        sa.ForeignKeyConstraint(["claim_order_id"], ["claim_order.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("claim_order_id"),
    )
    op.create_index("deposit_required_at", "deposit", ["required_at", "id"], unique=False)
    op.create_index("deposit_state", "deposit", ["state", "required_at", "id"], unique=False)


def _create_money() -> None:
    """The ledger of deposits, and what payment providers reported."""
    op.create_table(
        "deposit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0 AND kind IN ('paid', 'refunded', 'forfeited')", name="deposit_entry_check"),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("deposit_id", "kind", name="deposit_entry_deposit_id_kind_key"),
    )
    op.create_index("deposit_entry_at", "deposit_entry", ["at", "id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("dedup_key", sa.LargeBinary(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("deposit_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("refused_as", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(settled_at IS NOT NULL OR state NOT IN ('returned', 'nothing_due')) AND (settled_at IS NULL"
            " OR state IN ('returned', 'nothing_due') OR (state = 'taken' AND withdrawn_at IS NOT NULL))"
            " AND (settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (reference IS NULL)",
            name="payment_settled_check",
        ),
        sa.CheckConstraint("state <> 'refused' OR refused_as IS NOT NULL", name="payment_refused_check"),
        sa.CheckConstraint(
            "state NOT IN ('taken', 'returned') OR (amount > 0 AND currency IS NOT NULL)", name="payment_amount_check"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider", "dedup_key", name="payment_provider_dedup_key_key"),
    )
    op.create_index("payment_deposit_id", "payment", ["deposit_id"], unique=False)
    op.create_index("payment_received_at", "payment", ["received_at", "id"], unique=False)
    op.create_index("payment_state", "payment", ["state", "received_at", "id"], unique=False)
    op.create_index(
        "payment_withdrawn",
        "payment",
        ["received_at", "id"],
        unique=False,
        postgresql_where=sa.text("withdrawn_at IS NOT NULL AND settled_at IS NULL"),
    )


def _create_old_parts() -> None:
    """Removed parts that came back (R296)."""
    op.create_table(
        "old_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("serials", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_as", sa.Text(), nullable=True),
        sa.Column("cleared_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(cleared_at IS NULL) = (cleared_as IS NULL)", name="old_part_cleared_check"),
        sa.CheckConstraint("quantity > 0", name="old_part_quantity_check"),
        sa.ForeignKeyConstraint(["request_id"], ["parts_request.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("old_part_received_at", "old_part", ["received_at", "id"], unique=False)
    op.create_index("old_part_request_id", "old_part", ["request_id"], unique=False)


def _create_places() -> None:
    """Where stock lies, and whose account it stands in."""
    op.create_table(
        "location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("staff_number", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'van') = (staff_number IS NOT NULL)", name="location_van_check"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("location_created_at", "location", ["created_at", "id"], unique=False)
    op.create_table(
        "shelf",
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("movements", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name="shelf_not_negative_check"),
        sa.ForeignKeyConstraint(["location"], ["location.code"]),
        sa.ForeignKeyConstraint(["part_code"], ["part.part_code"]),
        sa.PrimaryKeyConstraint("part_code", "location"),
    )
    op.create_index("shelf_location", "shelf", ["location", "part_code"], unique=False)
    op.create_table(
        "stock_account",
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("layers", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("pieces >= 0 AND value >= 0 AND (pieces > 0 OR value = 0)", name="stock_account_check"),
        sa.ForeignKeyConstraint(["part_code"], ["part.part_code"]),
        sa.PrimaryKeyConstraint("part_code", "department"),
    )
    op.create_table(
        "part_price",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["part_code"], ["part.part_code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("part_price_part_code", "part_price", ["part_code", "since", "id"], unique=False)


def _create_papers() -> None:
    """What is counted, what the house draws for itself, the time that the store takes, items, and reports."""
    op.create_table(
        "stock_take",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="stock_take_closed_check"),
        sa.CheckConstraint("(state = 'posted') = (reason IS NOT NULL)", name="stock_take_reason_check"),
        sa.ForeignKeyConstraint(["location"], ["location.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "stock_take_open", "stock_take", ["location"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("stock_take_opened_at", "stock_take", ["opened_at", "id"], unique=False)
    op.create_table(
        "stock_count",
        sa.Column("take_id", sa.Uuid(), nullable=False),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        sa.Column("movements", sa.BigInteger(), nullable=False),
        sa.Column("serials", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_by", sa.Text(), nullable=False),
        sa.CheckConstraint("counted >= 0", name="stock_count_check"),
        sa.ForeignKeyConstraint(["part_code"], ["part.part_code"]),
        sa.ForeignKeyConstraint(["take_id"], ["stock_take.id"]),
        sa.PrimaryKeyConstraint("take_id", "part_code"),
    )
    op.create_table(
        "internal_requisition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("charged_to", sa.Text(), nullable=False),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("cost", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="internal_requisition_check"),
        sa.ForeignKeyConstraint(["location"], ["location.code"]),
        sa.ForeignKeyConstraint(["part_code"], ["part.part_code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("internal_requisition_drawn_at", "internal_requisition", ["drawn_at", "id"], unique=False)
    op.create_index(
        "internal_requisition_limit", "internal_requisition", ["part_code", "department", "drawn_at"], unique=False
    )
    op.create_table(
        "store_work",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_number", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.CheckConstraint("minutes > 0", name="store_work_check"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("store_work_entered_at", "store_work", ["entered_at", "id"], unique=False)
    op.create_table(
        "known_item",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=False),
        sa.Column("taken_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("item_id"),
    )
    op.create_index("known_item_work_order_id", "known_item", ["work_order_id"], unique=False)
    op.create_table(
        "published_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "month", name="published_report_month_key"),
    )
    op.create_index("published_report_published_at", "published_report", ["published_at", "id"], unique=False)


def _create_clocks() -> None:
    """How long parts are waited for, and what happened meanwhile (R468, R232)."""
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


def _create_returns() -> None:
    """Quotations and mis-orders, goods that come back and goods that go back to vendors."""
    op.create_table(
        "quotation",
        sa.Column("claim_order_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_by", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["claim_order_id"], ["claim_order.id"]),
        sa.PrimaryKeyConstraint("claim_order_id"),
    )
    op.create_table(
        "misorder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_order_id", sa.Uuid(), nullable=False),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("charge", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["claim_order_id"], ["claim_order.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "claim_order_id", "part_code", "person", name="misorder_claim_order_id_part_code_person_key"
        ),
    )
    op.create_index("misorder_at", "misorder", ["at", "id"], unique=False)
    op.create_table(
        "goods_return",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("left_with", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("borne_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="goods_return_quantity_check"),
        sa.ForeignKeyConstraint(["part_code"], ["part.part_code"]),
        sa.ForeignKeyConstraint(["request_id"], ["parts_request.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("goods_return_asked_at", "goods_return", ["asked_at", "id"], unique=False)
    op.create_index("goods_return_left_with", "goods_return", ["left_with"], unique=False)
    op.create_table(
        "vendor_return",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="vendor_return_quantity_check"),
        sa.ForeignKeyConstraint(["part_code"], ["part.part_code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("vendor_return_at", "vendor_return", ["at", "id"], unique=False)


def _create_serials() -> None:
    """Pieces that are known by their serial number."""
    op.create_table(
        "serial_number",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("away", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(location IS NULL) = (away IS NOT NULL)", name="serial_number_somewhere_check"),
        sa.CheckConstraint(
            "(request_id IS NULL) = (away IS DISTINCT FROM 'drawn')", name="serial_number_drawn_for_somebody_check"
        ),
        sa.ForeignKeyConstraint(
            ["location"],
            ["location.code"],
        ),
        sa.ForeignKeyConstraint(
            ["part_code"],
            ["part.part_code"],
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["parts_request.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("part_code", "serial", name="serial_number_key"),
    )
    op.create_index(
        "serial_number_location",
        "serial_number",
        ["location", "part_code"],
        unique=False,
        postgresql_where=sa.text("location IS NOT NULL"),
    )
    op.create_index("serial_number_received_at", "serial_number", ["received_at", "id"], unique=False)
    op.create_index(
        "serial_number_request_id",
        "serial_number",
        ["request_id"],
        unique=False,
        postgresql_where=sa.text("request_id IS NOT NULL"),
    )


def _create_purchasing() -> None:
    """Suppliers, what is asked of purchasing, what is ordered, and who is urged."""
    op.create_table(
        "supplier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("supplies", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("supplier_created_at", "supplier", ["created_at", "id"], unique=False)
    op.create_table(
        "part_source",
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["part_code"],
            ["part.part_code"],
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["supplier.id"],
        ),
        sa.PrimaryKeyConstraint("part_code", "supplier_id"),
    )
    op.create_index("part_source_supplier_id", "part_source", ["supplier_id"], unique=False)
    op.create_table(
        "purchase_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("quotes", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("tracking_number", sa.Text(), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_version", sa.Integer(), nullable=True),
        sa.Column("receipts", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(closed_at IS NULL) = (state = 'placed')", name="purchase_order_closed_check"),
        sa.CheckConstraint("(kind = 'order') = (supplier_id IS NOT NULL)", name="purchase_order_supplier_check"),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["supplier.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "purchase_order_expected_at",
        "purchase_order",
        ["expected_at"],
        unique=False,
        postgresql_where=sa.text("state = 'placed'"),
    )
    op.create_index("purchase_order_placed_at", "purchase_order", ["placed_at", "id"], unique=False)
    op.create_table(
        "purchase_line",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("ordered", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.CheckConstraint("ordered > 0 AND 0 <= received AND received <= ordered", name="purchase_line_check"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["purchase_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["part_code"],
            ["part.part_code"],
        ),
        sa.PrimaryKeyConstraint("order_id", "part_code"),
    )
    op.create_index("purchase_line_part_code", "purchase_line", ["part_code"], unique=False)
    op.create_table(
        "purchase_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("work_order_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("arranged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arranged_by", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(arranged_at IS NULL) = (state = 'open')", name="purchase_request_arranged_check"),
        sa.CheckConstraint("destination <> 'site' OR case_id IS NOT NULL", name="purchase_request_site_check"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["purchase_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("purchase_request_asked_at", "purchase_request", ["asked_at", "id"], unique=False)
    op.create_index("purchase_request_order_id", "purchase_request", ["order_id"], unique=False)
    op.create_index(
        "purchase_request_wanted_at",
        "purchase_request",
        ["wanted_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_foreign_key(
        "stock_movement_purchase_request_id_fkey",
        "stock_movement",
        "purchase_request",
        ["purchase_request_id"],
        ["id"],
    )
    op.create_table(
        "action_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("num_nonnulls(order_id, case_id) >= 1", name="action_item_about_check"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["purchase_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "action_item_due_at", "action_item", ["due_at"], unique=False, postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_index("action_item_opened_at", "action_item", ["opened_at", "id"], unique=False)


def _create_supplier_cases() -> None:
    """Problems of bought-in parts that their suppliers solve."""
    op.create_table(
        "known_case",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("known_case_customer_id", "known_case", ["customer_id"], unique=False)
    op.create_table(
        "supplier_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=True),
        sa.Column("part_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("solve_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("costs", postgresql.JSONB(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_site_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(solved_at IS NOT NULL) = (state IN ('solved', 'settled'))", name="supplier_case_solved_check"
        ),
        sa.CheckConstraint("quantity > 0", name="supplier_case_quantity_check"),
        sa.ForeignKeyConstraint(
            ["part_code"],
            ["part.part_code"],
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["supplier.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("supplier_case_case_id", "supplier_case", ["case_id"], unique=False)
    op.create_index("supplier_case_raised_at", "supplier_case", ["raised_at", "id"], unique=False)
    op.create_index("supplier_case_supplier_id", "supplier_case", ["supplier_id", "raised_at"], unique=False)
    op.create_table(
        "supplier_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_case_id", sa.Uuid(), nullable=False),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("course", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_case_id"],
            ["supplier_case.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "supplier_report_supplier_case_id", "supplier_report", ["supplier_case_id", "reported_at"], unique=False
    )


def _create_return_shipments() -> None:
    """Parts that go to the factory and back."""
    op.create_table(
        "return_shipment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("factory", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=True),
        sa.Column("project_manager", sa.Text(), nullable=False),
        sa.Column("commercial_by", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("arrival_expected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("return_expected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("returned_at IS NULL OR arrived_at IS NOT NULL", name="return_shipment_order_check"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("return_shipment_case_id", "return_shipment", ["case_id"], unique=False)
    op.create_index(
        "return_shipment_item_id",
        "return_shipment",
        ["item_id"],
        unique=True,
        postgresql_where=sa.text("returned_at IS NULL"),
    )
    op.create_index("return_shipment_sent_at", "return_shipment", ["sent_at", "id"], unique=False)


def _create_tools() -> None:
    """Special tools, who has them, and which were bought in the field."""
    op.create_table(
        "tool",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("price >= 0", name="tool_price_check"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("tool_created_at", "tool", ["created_at", "id"], unique=False)
    op.create_table(
        "tool_loan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tool_id", sa.Uuid(), nullable=False),
        sa.Column("tool_code", sa.Text(), nullable=False),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lent_by", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owed", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("compensated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'compensated') = (compensated_at IS NOT NULL)", name="tool_loan_compensated_check"
        ),
        sa.CheckConstraint("(state = 'lent') = (num_nulls(returned_at, lost_at) = 2)", name="tool_loan_ended_check"),
        sa.ForeignKeyConstraint(
            ["tool_id"],
            ["tool.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("tool_loan_borrower", "tool_loan", ["borrower", "lent_at"], unique=False)
    op.create_index("tool_loan_lent_at", "tool_loan", ["lent_at", "id"], unique=False)
    op.create_index("tool_loan_open", "tool_loan", ["tool_id"], unique=True, postgresql_where=sa.text("state = 'lent'"))
    op.create_index(
        "tool_loan_work_order_id",
        "tool_loan",
        ["work_order_id"],
        unique=False,
        postgresql_where=sa.text("state = 'lent'"),
    )
    op.create_table(
        "tool_purchase",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bought_by", sa.Text(), nullable=False),
        sa.Column("bought_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("tool_id", sa.Uuid(), nullable=True),
        sa.Column("booked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booked_in_by", sa.Text(), nullable=True),
        sa.Column("reimbursed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reimbursed_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(tool_id IS NULL) = (booked_in_at IS NULL)", name="tool_purchase_booked_check"),
        sa.CheckConstraint("reimbursed_at IS NULL OR booked_in_at IS NOT NULL", name="tool_purchase_reimbursed_check"),
        sa.ForeignKeyConstraint(
            ["tool_id"],
            ["tool.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tool_id"),
    )
    op.create_index("tool_purchase_recorded_at", "tool_purchase", ["recorded_at", "id"], unique=False)
