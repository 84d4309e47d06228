"""Parts enter the catalogue (备件目录), change and are imported."""

from decimal import Decimal

from parts.desk import Desk
from parts.domain.forms import PartForm
from parts.domain.prices import PriceKind, check_alternatives, check_follows, check_since
from parts.domain.serials import check_may_flip
from parts.policy import require_known
from parts.queries import stock
from parts.tables import PartRow, PriceRow, StockRow
from shared.csv_import import RowOutcome
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def add_part(work: UnitOfWork, *, form: PartForm, desk: Desk) -> PartRow:
    """With an empty shelf. Raises IllegalTransition where the code is taken."""
    if await stock.parts_by_code(work.session, codes={form.part_code}):
        raise IllegalTransition(
            "part_code_taken",
            detail=f"there is a part {form.part_code} already",
            expected="a part_code that the catalogue does not have, or a change of that part",
        )
    await _check(work, form=form, desk=desk)
    part = PartRow(
        id=work.new_id(),
        part_code=form.part_code,
        name_zh=form.name_zh,
        name_en=form.name_en,
        unit=form.unit,
        unit_price=form.unit_price,
        purchase_price=form.purchase_price,
        price_source=form.price_source or desk.policy.prices.usual_source,
        priced_at=form.priced_at or work.now,
        alternatives=list(form.alternatives),
        is_serial=form.is_serial,
        is_consumable=form.is_consumable,
        minimum=form.minimum,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(part)
    await work.session.flush()
    work.session.add(StockRow(part_code=part.part_code))
    _list_prices(work, part=part, before=(None, None))
    await desk.audit.record(work, action="part_added", subject=f"part/{part.part_code}")
    return part


async def change_part(work: UnitOfWork, *, part_code: str, version: int | None, form: PartForm, desk: Desk) -> PartRow:
    """Replace everything but the code. What is ordered already keeps its price. Raises Refusal for an older price.

    Its stock is locked before, as an import of parts does, for it may not be counted otherwise while pieces move.
    """
    await stock.lock(work.session, codes={part_code})
    part = await stock.lock_part(work.session, part_code=part_code)
    require_version(part.version, expected=version)
    if form.part_code != part_code:
        raise IllegalTransition(
            "part_code_changed",
            detail=f"the part_code is {part_code}, not {form.part_code}",
            expected="the same part_code; another code is another part",
        )
    await _write(work, part=part, form=form, desk=desk)
    return part


async def put_part(work: UnitOfWork, *, form: PartForm, desk: Desk) -> RowOutcome:
    """One line of an import: a new part, or a known one as the line says."""
    if not await stock.parts_by_code(work.session, codes={form.part_code}):
        await add_part(work, form=form, desk=desk)
        return RowOutcome.CREATED
    part = await stock.lock_part(work.session, part_code=form.part_code)
    if _says_the_same(part, form=form):
        return RowOutcome.UNCHANGED
    await _write(work, part=part, form=form, desk=desk)
    return RowOutcome.CHANGED


def _says_the_same(part: PartRow, *, form: PartForm) -> bool:
    """Whether the form would change nothing; who supplied prices and when is no change where the form does not say."""
    stored = PartForm(
        part_code=part.part_code,
        name_zh=part.name_zh,
        name_en=part.name_en,
        unit=part.unit,
        unit_price=part.unit_price,
        purchase_price=part.purchase_price,
        price_source=form.price_source and part.price_source,
        priced_at=form.priced_at and part.priced_at,
        alternatives=tuple(part.alternatives),
        is_serial=part.is_serial,
        is_consumable=part.is_consumable,
        minimum=part.minimum,
    )
    return stored == form


async def _write(work: UnitOfWork, *, part: PartRow, form: PartForm, desk: Desk) -> None:
    await _check(work, form=form, desk=desk)
    if form.priced_at is not None:
        check_follows(form.priced_at, in_force_since=part.priced_at)
    if part.is_serial != form.is_serial:
        held = (await stock.lock(work.session, codes={part.part_code}))[part.part_code]
        check_may_flip(part.part_code, on_hand=held.on_hand, issued=held.issued)
    before = part.unit_price, part.purchase_price
    part.name_zh, part.name_en, part.unit = form.name_zh, form.name_en, form.unit
    part.unit_price, part.purchase_price, part.minimum = form.unit_price, form.purchase_price, form.minimum
    part.alternatives = list(form.alternatives)
    part.is_serial, part.is_consumable = form.is_serial, form.is_consumable
    part.version += 1
    if before != (form.unit_price, form.purchase_price) or form.price_source or form.priced_at:
        part.price_source = form.price_source or desk.policy.prices.usual_source
        part.priced_at = form.priced_at or work.now
    _list_prices(work, part=part, before=before)
    await desk.audit.record(
        work, action="part_changed", subject=f"part/{part.part_code}", details={"unit_price": str(form.unit_price)}
    )


async def _check(work: UnitOfWork, *, form: PartForm, desk: Desk) -> None:
    require_known(form.unit, known=desk.policy.units, field="unit")
    if form.price_source is not None:
        require_known(form.price_source, known=desk.policy.prices.sources, field="price_source")
    if form.priced_at is not None:
        check_since(form.priced_at, now=work.now)
    known = await stock.parts_by_code(work.session, codes=form.alternatives) if form.alternatives else {}
    check_alternatives(form.part_code, alternatives=form.alternatives, known=known)


def _list_prices(work: UnitOfWork, *, part: PartRow, before: tuple[Decimal | None, Decimal | None]) -> None:
    """R333: what changed is a new line of the price list, with whose price it is and since when."""
    after = {PriceKind.SALE: part.unit_price, PriceKind.PURCHASE: part.purchase_price}
    for (kind, amount), old in zip(after.items(), before, strict=True):
        if amount is not None and amount != old:
            work.session.add(
                PriceRow(
                    id=work.new_id(),
                    part_code=part.part_code,
                    kind=kind,
                    amount=amount,
                    source=part.price_source,
                    since=part.priced_at,
                    entered_at=work.now,
                    entered_by=work.cause.actor.id,
                )
            )
