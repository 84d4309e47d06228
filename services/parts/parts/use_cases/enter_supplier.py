"""Suppliers (供应商) become known, change and are imported, with the parts that are bought from them."""

from parts.desk import Desk
from parts.domain.suppliers import SupplierForm
from parts.queries import stock, suppliers
from parts.tables import SupplierRow
from shared.csv_import import RowOutcome
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Unknown, require_version


async def add_supplier(work: UnitOfWork, *, form: SupplierForm, desk: Desk) -> SupplierRow:
    """Raises IllegalTransition where the number is taken, Unknown for a part that the catalogue has not."""
    if await suppliers.of_number(work.session, number=form.number) is not None:
        raise IllegalTransition(
            "supplier_number_taken",
            detail=f"there is a supplier {form.number} already",
            expected="a number that no supplier has, or a change of that supplier",
        )
    supplier = SupplierRow(
        id=work.new_id(),
        number=form.number,
        name=form.name,
        supplies=form.supplies,
        contact_name=form.contact_name,
        phone=form.phone,
        email=form.email,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(supplier)
    await work.session.flush()
    await _write_parts(work, supplier=supplier, form=form)
    await desk.audit.record(work, action="supplier_added", subject=f"supplier/{supplier.id}")
    return supplier


async def change_supplier(
    work: UnitOfWork, *, number: str, version: int | None, form: SupplierForm, desk: Desk
) -> SupplierRow:
    """Replace everything but the number. What is ordered from him stays ordered."""
    supplier = await suppliers.lock(work.session, number=number)
    require_version(supplier.version, expected=version)
    if form.number != number:
        raise IllegalTransition(
            "supplier_number_changed",
            detail=f"the number is {number}, not {form.number}",
            expected="the same number; another number is another supplier",
        )
    await _write(work, supplier=supplier, form=form, desk=desk)
    return supplier


async def put_supplier(work: UnitOfWork, *, form: SupplierForm, desk: Desk) -> RowOutcome:
    """One line of an import: a new supplier, or a known one as the line says."""
    if await suppliers.of_number(work.session, number=form.number) is None:
        await add_supplier(work, form=form, desk=desk)
        return RowOutcome.CREATED
    supplier = await suppliers.lock(work.session, number=form.number)
    if await _form_of(work, supplier=supplier) == form:
        return RowOutcome.UNCHANGED
    await _write(work, supplier=supplier, form=form, desk=desk)
    return RowOutcome.CHANGED


async def _form_of(work: UnitOfWork, *, supplier: SupplierRow) -> SupplierForm:
    codes = await suppliers.parts_of(work.session, ids=[supplier.id])
    return SupplierForm(
        number=supplier.number,
        name=supplier.name,
        supplies=supplier.supplies,
        contact_name=supplier.contact_name,
        phone=supplier.phone,
        email=supplier.email,
        part_codes=codes.get(supplier.id, frozenset()),
    )


async def _write(work: UnitOfWork, *, supplier: SupplierRow, form: SupplierForm, desk: Desk) -> None:
    supplier.name, supplier.supplies = form.name, form.supplies
    supplier.contact_name, supplier.phone, supplier.email = form.contact_name, form.phone, form.email
    supplier.version += 1
    await _write_parts(work, supplier=supplier, form=form)
    await desk.audit.record(work, action="supplier_changed", subject=f"supplier/{supplier.id}")


async def _write_parts(work: UnitOfWork, *, supplier: SupplierRow, form: SupplierForm) -> None:
    known = await stock.parts_by_code(work.session, codes=form.part_codes)
    if unknown := sorted(form.part_codes - known.keys()):
        raise Unknown(
            "unknown_part",
            detail=f"the catalogue has no part {', '.join(unknown)}",
            expected="part codes of GET /v1/parts",
        )
    await suppliers.write_parts(work.session, supplier_id=supplier.id, codes=form.part_codes)
