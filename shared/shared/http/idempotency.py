"""The same request again gets the same answer: Idempotency-Key (I12).

The key is claimed first in the transaction of the request and the answer is stored last in it, so that an effect and
its answer are durable together. Answers of refused requests are not stored: they changed nothing, and the key is free.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    TextClause,
    bindparam,
    delete,
    select,
    text,
    update,
)

from shared.actor import Actor
from shared.http.problems import Gone, KeyReused
from shared.many_rows import inserting
from shared.messaging.closing import Piece
from shared.messaging.unit_of_work import UnitOfWork
from shared.security.blind_index import BlindIndex
from shared.security.encryption import KeyRing

KEPT = timedelta(days=7)
FORGOTTEN_AT_ONCE = 1000
OPENED_AT_ONCE = 500
DESTROYED = ""
"""What stands in the place of an answer that was destroyed."""


def answer_table(metadata: MetaData) -> Table:
    """Declare `idempotent_answer` on the service's own `metadata`; its migrations create it.

    `key` and `request` are keyed digests, `answer` is encrypted: neither key, request nor answer is readable.
    """
    table = Table(
        "idempotent_answer",
        metadata,
        Column("key", LargeBinary(32), primary_key=True),
        Column("request", LargeBinary(32), nullable=False),
        Column("answer", Text, nullable=False),
        Column("expires_at", DateTime(timezone=True), nullable=False),
    )
    Index("idempotent_answer_expires_at", table.c.expires_at)
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer as it is stored and given again."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def to_text(self) -> str:
        """As it is sealed."""
        body = base64.b64encode(self.body).decode()
        return json.dumps({"status": self.status, "headers": dict(self.headers), "body": body})

    @classmethod
    def from_text(cls, text: str) -> "Answer":
        """What `to_text` wrote."""
        stored = json.loads(text)
        return cls(status=stored["status"], headers=stored["headers"], body=base64.b64decode(stored["body"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A key, as its owner's request claims it; both are digests."""

    key: bytes
    request: bytes

    @property
    def lock(self) -> int:
        """The advisory lock that stands for the key while its request runs."""
        return int.from_bytes(self.key[:8], signed=True)


class AnsweredBefore(Exception):
    """The key has its answer: give `answer` again."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


class StillAnswering(Exception):
    """Another request with this key is in its transaction now."""


class Answers:
    """Stored answers of one service."""

    def __init__(self, table: Table, *, keys: KeyRing, index: BlindIndex) -> None:
        self._table = table
        self._keys = keys
        self._index = index
        self._claiming = _claiming(table)  # built once, as every request needs them
        self._finding = _finding(table)
        self._storing = _storing(table)

    def claim_of(self, key: str, *, actor: Actor, method: str, target: str, body: bytes) -> Claim:
        """What `actor`'s request with this key claims; keys of different callers never meet."""
        owner = f"{actor.kind}\n{actor.id}\n{key}"
        request = f"{method}\n{target}\n".encode() + body
        return Claim(
            key=self._index.digest(owner.encode("utf-8", "surrogatepass"), field="idempotency.key"),
            request=self._index.digest(request, field="idempotency.request"),
        )

    async def claim(self, claim: Claim, *, work: UnitOfWork) -> None:
        """Take the key for this transaction; it is free again when the transaction ends.

        Raises AnsweredBefore with the stored answer, StillAnswering while another transaction has the key, KeyReused
        where the key belongs to a different request, and Gone where the answer was destroyed.
        """
        row = {"key": claim.key, "request": claim.request, "expires_at": work.now + KEPT}
        claimed = (await work.session.execute(self._claiming, {**row, "lock": claim.lock})).one()
        if not claimed.is_ours:
            raise StillAnswering
        if claimed.is_new:
            return
        stored = (await work.session.execute(self._finding, {"asked": claim.key, "now": work.now})).one_or_none()
        if stored is None:
            return
        if stored.request != claim.request:
            raise KeyReused(
                "this Idempotency-Key came with another request before",
                expected="a new key for a new request, or exactly the first request again",
            )
        if stored.answer == DESTROYED:
            raise Gone(
                "this request was carried out, and its answer was destroyed with the data of an erased customer",
                expected="nothing: it is not carried out again under this key",
            )
        raise AnsweredBefore(Answer.from_text(self._keys.open(stored.answer, context=_context(claim.key))))

    def store(self, claim: Claim, *, answer: Answer, work: UnitOfWork) -> None:
        """Keep the answer for seven days of the service's time, in the same transaction as its effect."""
        row = {
            "key": claim.key,
            "request": claim.request,
            "answer": self._keys.seal(answer.to_text(), context=_context(claim.key)),
            "expires_at": work.now + KEPT,
        }
        work.leave(row, by=self._storing)

    async def destroy(self, mentioned: str, *, work: UnitOfWork) -> int:
        """Destroy every stored answer whose body mentions an id; returns how many there were.

        Their keys stay taken: the same request again is told that its answer is gone, and is not carried out twice.
        """
        key, answer = self._table.c.key, self._table.c.answer
        batch = select(key, answer).where(answer != DESTROYED).order_by(key).limit(OPENED_AT_ONCE)
        destroyed, after = 0, b""
        while stored := (await work.session.execute(batch.where(key > after))).all():
            keys = [row.key for row in stored if self._mentions(row.answer, key=row.key, mentioned=mentioned)]
            await work.session.execute(update(self._table).where(key.in_(keys)).values(answer=DESTROYED))
            destroyed, after = destroyed + len(keys), stored[-1].key
        return destroyed

    def _mentions(self, sealed: str, *, key: bytes, mentioned: str) -> bool:
        answer = Answer.from_text(self._keys.open(sealed, context=_context(key)))
        return mentioned.encode() in answer.body

    async def forget(self, work: UnitOfWork) -> int:
        """Delete answers past their seven days, at most a thousand at a time; returns how many there were."""
        expired = (
            select(self._table.c.key)
            .where(self._table.c.expires_at <= work.now)
            .order_by(self._table.c.expires_at)
            .limit(FORGOTTEN_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        gone = await work.session.execute(
            delete(self._table).where(self._table.c.key.in_(expired)).returning(self._table.c.key)
        )
        return len(gone.all())


def _claiming(table: Table) -> TextClause:
    """Locks the key and, where it is free, puts a row in the place of its answer, which nobody sees without one.

    Whether there is a row already is told by the index and not by what was committed when the statement began: the
    answer of the request that had the lock a moment before is there as well.
    """
    return text(
        f"""
        WITH locked AS MATERIALIZED (
            SELECT pg_try_advisory_xact_lock(:lock) AS is_ours
        ), claimed AS (
            INSERT INTO {table.name} (key, request, answer, expires_at)
            SELECT :key, :request, '', :expires_at FROM locked WHERE is_ours
            ON CONFLICT (key) DO NOTHING RETURNING key
        )
        SELECT is_ours, EXISTS (SELECT FROM claimed) AS is_new FROM locked
        """  # noqa: S608 - the name of our own table
    ).bindparams(bindparam("key", type_=LargeBinary), bindparam("request", type_=LargeBinary))


def _finding(table: Table) -> Select[tuple[bytes, str]]:
    wanted = select(table.c.request, table.c.answer)
    return wanted.where(table.c.key == bindparam("asked"), table.c.expires_at > bindparam("now"))


def _storing(table: Table) -> Piece:
    names = ("key", "request", "answer", "expires_at")
    again = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    kept = f"{inserting(table, names, prefix='answer_')} ON CONFLICT (key) DO UPDATE SET {again}"
    return Piece(name="answer", table=table, columns=names, sql=f"answer_kept AS ({kept})")


def _context(key: bytes) -> str:
    return f"idempotent_answer.answer/{key.hex()}"
