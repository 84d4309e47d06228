"""Where stock lies (存放地点): storerooms (库房), technicians' vans and service points."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.refusals import IllegalTransition, Refusal


class PlaceKind(StrEnum):
    """What sort of place it is."""

    WAREHOUSE = "warehouse"  # 库房
    VAN = "van"  # 技师车载
    SERVICE_POINT = "service_point"  # 服务网点


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationForm:
    """A place of stock. `department`: whose account (独立核算, R324) its pieces stand in; `staff_number`: whose van."""

    code: str
    kind: PlaceKind
    name_zh: str
    name_en: str
    department: str
    staff_number: str | None


def check_lies_there(pieces: int, *, part_code: str, location: str, lying: Mapping[str, int]) -> None:
    """`lying`: place to pieces of the part. Raises IllegalTransition where the place has not as many."""
    there = lying.get(location, 0)
    if pieces > there:
        others = [f"{place} ({found})" for place, found in sorted(lying.items()) if found and place != location]
        raise IllegalTransition(
            "not_at_location",
            detail=f"{part_code}: {pieces} to leave {location}, where {there} lie",
            expected=f"at most {there}; other places have {', '.join(others) or 'none'}: transfer from there first",
        )


def check_owner(kind: PlaceKind, *, staff_number: str | None) -> None:
    """Raises Refusal for a van that is nobody's, or another place that is somebody's."""
    if (kind is PlaceKind.VAN) != (staff_number is not None):
        raise Refusal(
            "van_of_nobody",
            detail=f"a {kind} with staff_number {staff_number}",
            expected="a van with the staff_number of its technician, any other place without",
        )


def check_apart(source: str, *, destination: str) -> None:
    """Raises Refusal for a transfer of a place to itself."""
    if source == destination:
        raise Refusal("same_place", detail=f"from {source} to {source}", expected="two different places")
