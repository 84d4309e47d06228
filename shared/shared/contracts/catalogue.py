"""Every event by its type, and who hears it: the subscriptions that the topology declares and the checker trusts."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.contracts import dispatch, intake
from shared.contracts.envelope import Event

_EVENTS: tuple[type[Event], ...] = (
    intake.CallReceived,
    intake.CallEnded,
    intake.CaseOpened,
    intake.CaseContacted,
    intake.CaseCleared,
    intake.CaseHeld,
    intake.CaseResumed,
    intake.CaseCancelled,
    intake.QuoteOffered,
    intake.QuoteAccepted,
    intake.QuoteRefused,
    intake.QuoteExpired,
    intake.QuoteSuperseded,
    intake.ApprovalRequested,
    intake.ApprovalDecided,
    intake.ClockWarned,
    intake.ClockBreached,
    dispatch.WorkOrderOpened,
    dispatch.TechnicianOffered,
    dispatch.OfferDeclined,
    dispatch.TechnicianAssigned,
    dispatch.AssignmentFailed,
    dispatch.VisitScheduled,
    dispatch.VisitRescheduled,
    dispatch.TechnicianArrived,
    dispatch.WorkOrderCancelled,
    dispatch.ClockWarned,
    dispatch.ClockBreached,
)

EVENTS: Mapping[str, type[Event]] = MappingProxyType({event.TYPE: event for event in _EVENTS})
"""Type name to model."""

SUBSCRIPTIONS: Mapping[str, tuple[type[Event], ...]] = MappingProxyType(
    {
        # intake tells the story of its cases, so it hears all that dispatch says about them
        "intake": tuple(event for event in _EVENTS if event.TYPE.startswith("dispatch.")),
        "dispatch": (intake.CaseCleared, intake.CaseHeld, intake.CaseResumed, intake.CaseCancelled),
    }
)
"""Service to the events that it hears, one durable queue each."""
