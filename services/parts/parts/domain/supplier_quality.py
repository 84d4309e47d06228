"""How well suppliers served in a period (R330): what after-sales reads of each of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from parts.domain.supplier_cases import Bearer, Cost, borne_by

HOURS = Decimal(3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedCase:
    """One problem that a supplier had to solve, with the grades that he was given for it, the first one first."""

    supplier_number: str
    supplier_name: str
    raised_at: datetime
    solve_by: datetime | None
    solved_at: datetime | None
    grades: Sequence[str]
    costs: Sequence[Cost]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierService:
    """One supplier in the period. `late`: not solved by the required time; `grades`: how often each was given."""

    supplier_number: str
    supplier_name: str
    raised: int
    solved: int
    late: int
    mean_hours: Decimal | None
    grades: Mapping[str, int]
    borne: Decimal


def service_quality(cases: Iterable[ServedCase], *, now: datetime) -> list[SupplierService]:
    """Each supplier with a problem in the period, by number. Hours have one decimal; what he bears is in yuan.

    What is not solved `now` is late as soon as its time is over: whoever never solves it was not punctual (R330).
    """
    by_supplier: dict[str, list[ServedCase]] = {}
    for case in cases:
        by_supplier.setdefault(case.supplier_number, []).append(case)
    return [_service(served, now=now) for _, served in sorted(by_supplier.items())]


def _service(cases: Sequence[ServedCase], *, now: datetime) -> SupplierService:
    taken = [case.solved_at - case.raised_at for case in cases if case.solved_at is not None]
    seconds = [Decimal(one.total_seconds()) for one in taken]
    return SupplierService(
        supplier_number=cases[0].supplier_number,
        supplier_name=cases[0].supplier_name,
        raised=len(cases),
        solved=len(taken),
        late=sum(_is_late(case, now=now) for case in cases),
        mean_hours=(sum(seconds, Decimal(0)) / len(seconds) / HOURS).quantize(Decimal("0.1")) if seconds else None,
        grades=Counter(grade for case in cases for grade in case.grades),
        borne=sum((borne_by(Bearer.SUPPLIER, costs=case.costs) for case in cases), Decimal("0.00")),
    )


def _is_late(case: ServedCase, *, now: datetime) -> bool:
    return case.solve_by is not None and (case.solved_at or now) > case.solve_by
