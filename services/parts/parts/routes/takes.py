"""Stock takes (盘点): a place is opened, counted, and its differences posted."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.domain.takes import TakeState
from parts.queries import takes
from parts.routes.given import DeskGiven
from parts.schemas.claims import Nothing
from parts.schemas.stock import PartCode
from parts.schemas.takes import Counts, NewTake, Posting, TakeFile, TakeView
from parts.tables import TakeRow
from parts.use_cases.take_stock import abandon_take, count_parts, open_take, post_take, withdraw_count
from shared.http.calls import Call, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.messaging.unit_of_work import UnitOfWork

router = router_under("/v1/stock-takes", tag="stock takes")
CHANGE = problem_responses(404, 409, 412, 428)
UNCOUNTED_SHOWN = 200

type Reading = Annotated[Call, reading("parts:read")]
type Changing = Annotated[Call, changing("stock:write")]


@router.post("", status_code=201, response_model=TakeView, responses=problem_responses(404, 409, 428))
async def post_stock_take(body: NewTake, call: Annotated[Call, creating("stock:write")], desk: DeskGiven) -> Response:
    """A place is going to be counted; one stock take at a time."""
    async with call.work() as work:
        view = TakeView.of(await open_take(work, location=body.location, desk=desk))
        return await call.commit(work, view, status=201, version=view.version, location=f"/v1/stock-takes/{view.id}")


@router.get("")
async def get_stock_takes(
    *,
    asked: Asked,
    call: Reading,
    state: TakeState | None = None,
    location: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
) -> Page[TakeView]:
    """The newest first."""
    async with call.work() as work:
        rows = await takes.listed(work.session, state=state, location=location, page=asked)
        return page_of(rows, asked=asked, view=TakeView.of, place=lambda row: Place(at=row.opened_at, id=row.id))


@router.get("/{take_id}", response_model=TakeFile, responses=problem_responses(404))
async def get_stock_take(take_id: UUID, call: Reading) -> Response:
    """One stock take with its counts and differences, and what was not counted."""
    async with call.work() as work:
        take = await takes.find(work.session, take_id=take_id)
        return shown(await _file(work, take=take), version=take.version)


@router.post("/{take_id}/counts", response_model=TakeFile, responses=CHANGE)
async def post_counts(take_id: UUID, body: Counts, call: Changing) -> Response:
    """What lies there, compared with the books as they are now; a part may be counted again."""
    async with call.work() as work:
        take = await count_parts(
            work,
            take_id=take_id,
            version=call.expected_version,
            counted=body.counted(),
            serials=body.serials(),
        )
        return await call.commit(work, await _file(work, take=take), version=take.version)


@router.delete("/{take_id}/counts/{part_code}", response_model=TakeFile, responses=CHANGE)
async def delete_count(take_id: UUID, part_code: PartCode, call: Changing) -> Response:
    """The part counts as not counted, so that the others can be posted."""
    async with call.work() as work:
        take = await withdraw_count(work, take_id=take_id, version=call.expected_version, part_code=part_code)
        return await call.commit(work, await _file(work, take=take), version=take.version)


@router.post("/{take_id}/posting", response_model=TakeFile, responses=CHANGE)
async def post_posting(take_id: UUID, body: Posting, call: Changing, desk: DeskGiven) -> Response:
    """The differences become adjustments; refused where goods moved after they were counted."""
    async with call.work() as work:
        take = await post_take(work, take_id=take_id, version=call.expected_version, reason=body.reason, desk=desk)
        return await call.commit(work, await _file(work, take=take), version=take.version)


@router.post("/{take_id}/abandonment", response_model=TakeFile, responses=CHANGE)
async def post_abandonment(take_id: UUID, body: Nothing, call: Changing, desk: DeskGiven) -> Response:
    """Nothing of it is posted."""
    del body
    async with call.work() as work:
        take = await abandon_take(work, take_id=take_id, version=call.expected_version, desk=desk)
        return await call.commit(work, await _file(work, take=take), version=take.version)


async def _file(work: UnitOfWork, *, take: TakeRow) -> TakeFile:
    counts = await takes.counts_of(work.session, take_id=take.id)
    missing = await takes.uncounted(work.session, take=take, limit=UNCOUNTED_SHOWN)
    return TakeFile.whole(take, counts=counts, uncounted=missing)
