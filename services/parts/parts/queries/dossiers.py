"""A request with all that hangs on it: its work order, lines, claim order and deposit. The work order is the lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.lines import Line
from parts.domain.supply_words import ClaimState, DepositState, RequestState, Supply
from parts.tables import ClaimRow, DepositRow, LineRow, NoteRow, RequestRow, SignatureRow, WorkOrderRow
from shared.refusals import Unknown

FRESH = {"populate_existing": True}


@dataclass(slots=True, kw_only=True)
class Dossier:
    """What is known of one request. Changes of its rows are saved with the unit of work."""

    order: WorkOrderRow
    request: RequestRow
    lines: Sequence[LineRow]
    claim: ClaimRow | None = None
    signatures: list[SignatureRow] = field(default_factory=list)
    deposit: DepositRow | None = None

    @property
    def supply(self) -> Supply:
        """As the saga sees it."""
        return Supply(
            request=RequestState(self.request.state),
            claim=None if self.claim is None else ClaimState(self.claim.state),
            deposit=None if self.deposit is None else DepositState(self.deposit.state),
        )

    @property
    def counted(self) -> list[Line]:
        """The lines as the domain sees them."""
        return [
            Line(
                part_code=row.part_code,
                asked=row.asked,
                reserved=row.reserved,
                issued=row.issued,
                returned=row.returned,
                fitted=row.fitted,
                lost=row.lost,
            )
            for row in self.lines
        ]

    @property
    def missing(self) -> dict[str, int]:
        """What is neither kept nor drawn: part code to pieces."""
        return {line.part_code: line.missing for line in self.counted if line.missing}

    @property
    def its_claim(self) -> ClaimRow:
        """The claim order, where there has to be one. Raises LookupError."""
        if self.claim is None:
            raise LookupError(f"the request {self.request.id} has no claim order")
        return self.claim

    @property
    def its_deposit(self) -> DepositRow:
        """The deposit, where there has to be one. Raises LookupError."""
        if self.deposit is None:
            raise LookupError(f"the request {self.request.id} has no deposit")
        return self.deposit

    @property
    def ordered(self) -> dict[str, int]:
        """What its claim order is for: part code to pieces."""
        lines = () if self.claim is None else self.claim.lines
        return {str(line["part_code"]): int(line["quantity"]) for line in lines}

    @property
    def awaited(self) -> dict[str, int]:
        """What its claim order has not brought yet: part code to pieces."""
        lines = () if self.claim is None else self.claim.lines
        left = {str(line["part_code"]): int(line["quantity"]) - int(line["arrived"]) for line in lines}
        return {part_code: pieces for part_code, pieces in left.items() if pieces}

    def write_arrived(self, pieces: Mapping[str, int]) -> None:
        """So many more of its claim order are there."""
        claim = self.its_claim
        claim.receipts += 1
        claim.lines = [
            {**line, "arrived": int(line["arrived"]) + pieces.get(str(line["part_code"]), 0)} for line in claim.lines
        ]

    def write_lines(self, lines: Sequence[Line]) -> None:
        """The lines as the domain decided, in the order of `counted`."""
        for row, line in zip(self.lines, lines, strict=True):
            row.reserved, row.issued = line.reserved, line.issued
            row.returned, row.fitted, row.lost = line.returned, line.fitted, line.lost

    def write_supply(self, supply: Supply) -> None:
        """The states as the saga decided; what changed has a new version."""
        self.request.state = supply.request
        if self.claim is not None and supply.claim is not None and self.claim.state != supply.claim:
            self.claim.state = supply.claim
            self.claim.version += 1
        if self.deposit is not None and supply.deposit is not None and self.deposit.state != supply.deposit:
            self.deposit.state = supply.deposit
            self.deposit.version += 1
        self.request.version += 1


async def lock_order(session: AsyncSession, *, order_id: UUID) -> WorkOrderRow:
    """The work order, made as a stub where nothing was heard of it yet, locked until the transaction ends."""
    await session.execute(insert(WorkOrderRow).values(work_order_id=order_id).on_conflict_do_nothing())
    statement = select(WorkOrderRow).where(col(WorkOrderRow.work_order_id) == order_id).with_for_update()
    return (await session.scalars(statement.execution_options(**FRESH))).one()


async def is_known(session: AsyncSession, *, request_id: UUID) -> bool:
    """Whether there is such a request already."""
    return await session.get(RequestRow, request_id) is not None


async def of_order(session: AsyncSession, *, order: WorkOrderRow) -> list[Dossier]:
    """Every request of a work order that the caller has locked, the first one first."""
    statement = (
        select(RequestRow)
        .where(col(RequestRow.work_order_id) == order.work_order_id)
        .order_by(col(RequestRow.requested_at), col(RequestRow.id))
    )
    requests = (await session.scalars(statement.execution_options(**FRESH))).all()
    return [await _gather(session, order=order, request=request) for request in requests]


async def asked_before(session: AsyncSession, *, request: RequestRow) -> list[RequestState]:
    """Where the requests stand that the same work order made before this one; the caller has locked the order."""
    place = tuple_(col(RequestRow.requested_at), col(RequestRow.id))
    statement = select(col(RequestRow.state)).where(
        col(RequestRow.work_order_id) == request.work_order_id, place < (request.requested_at, request.id)
    )
    return [RequestState(state) for state in await session.scalars(statement)]


async def lock_request(session: AsyncSession, *, request_id: UUID) -> Dossier:
    """A request to change, by locking its work order. Raises Unknown."""
    seen = await find_request(session, request_id=request_id)
    order = await lock_order(session, order_id=seen.work_order_id)
    request = await session.get_one(RequestRow, request_id, populate_existing=True)
    return await _gather(session, order=order, request=request)


async def find_claim(session: AsyncSession, *, claim_order_id: UUID) -> ClaimRow:
    """A claim order to look at. Raises Unknown."""
    claim = await session.get(ClaimRow, claim_order_id)
    if claim is None:
        raise Unknown(
            "unknown_claim_order",
            detail=f"there is no claim order {claim_order_id}",
            expected="an id of GET /v1/claim-orders",
        )
    return claim


async def lock_claim(session: AsyncSession, *, claim_order_id: UUID) -> Dossier:
    """The request of a claim order, locked likewise. Raises Unknown."""
    claim = await find_claim(session, claim_order_id=claim_order_id)
    return await lock_request(session, request_id=claim.request_id)


async def lock_deposit(session: AsyncSession, *, deposit_id: UUID) -> Dossier:
    """The request of a deposit, likewise. Raises Unknown."""
    deposit = await find_deposit(session, deposit_id=deposit_id)
    return await lock_claim(session, claim_order_id=deposit.claim_order_id)


async def find_deposit(session: AsyncSession, *, deposit_id: UUID) -> DepositRow:
    """A deposit to look at. Raises Unknown."""
    deposit = await session.get(DepositRow, deposit_id)
    if deposit is None:
        raise Unknown(
            "unknown_deposit", detail=f"there is no deposit {deposit_id}", expected="an id of GET /v1/deposits"
        )
    return deposit


async def look(session: AsyncSession, *, request_id: UUID) -> Dossier:
    """A request to look at. Raises Unknown."""
    request = await find_request(session, request_id=request_id)
    order = await session.get_one(WorkOrderRow, request.work_order_id)
    return await _gather(session, order=order, request=request)


async def notes_of(session: AsyncSession, *, request_id: UUID) -> Sequence[NoteRow]:
    """Every issue and return note of a request, the first one first."""
    statement = select(NoteRow).where(col(NoteRow.request_id) == request_id)
    return (await session.scalars(statement.order_by(col(NoteRow.posted_at), col(NoteRow.id)))).all()


async def find_request(session: AsyncSession, *, request_id: UUID) -> RequestRow:
    """The row of a request, to look at. Raises Unknown."""
    request = await session.get(RequestRow, request_id)
    if request is None:
        raise Unknown(
            "unknown_request", detail=f"there is no request {request_id}", expected="an id of GET /v1/requests"
        )
    return request


async def _gather(session: AsyncSession, *, order: WorkOrderRow, request: RequestRow) -> Dossier:
    lines = select(LineRow).where(col(LineRow.request_id) == request.id).order_by(col(LineRow.part_code))
    claims = select(ClaimRow).where(col(ClaimRow.request_id) == request.id)
    dossier = Dossier(
        order=order,
        request=request,
        lines=(await session.scalars(lines.execution_options(**FRESH))).all(),
        claim=(await session.scalars(claims.execution_options(**FRESH))).one_or_none(),
    )
    if dossier.claim is not None:
        deposits = select(DepositRow).where(col(DepositRow.claim_order_id) == dossier.claim.id)
        dossier.deposit = (await session.scalars(deposits.execution_options(**FRESH))).one_or_none()
        dossier.signatures = await signatures_of(session, claim_order_id=dossier.claim.id)
    return dossier


async def signatures_of(session: AsyncSession, *, claim_order_id: UUID) -> list[SignatureRow]:
    """Who signed a claim order, the first one first."""
    statement = select(SignatureRow).where(col(SignatureRow.claim_order_id) == claim_order_id)
    return list((await session.scalars(statement.order_by(col(SignatureRow.signed_at), col(SignatureRow.role)))).all())
