"""Whom parts are bought from (供应商)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierForm:
    """A supplier, whom to call there, and which parts of the catalogue are bought from him."""

    number: str
    name: str
    supplies: str
    contact_name: str
    phone: str
    email: str | None
    part_codes: frozenset[str]
