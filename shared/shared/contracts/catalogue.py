"""Every event by its type, and who hears it: the subscriptions that the topology declares and the checker trusts."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.contracts import dispatch, feedback, intake, notifier, parts
from shared.contracts.envelope import Event

_INTAKE: tuple[type[Event], ...] = (
    intake.CallReceived,
    intake.CallEnded,
    intake.CaseOpened,
    intake.CaseContacted,
    intake.CaseCleared,
    intake.CaseHeld,
    intake.CaseResumed,
    intake.CaseCancelled,
    intake.CaseResolved,
    intake.CaseClosed,
    intake.CaseReopened,
    intake.QuoteOffered,
    intake.QuoteAccepted,
    intake.QuoteRefused,
    intake.QuoteExpired,
    intake.QuoteSuperseded,
    intake.ApprovalRequested,
    intake.ApprovalDecided,
    intake.CustomerErased,
    intake.ClockWarned,
    intake.ClockBreached,
)
_DISPATCH: tuple[type[Event], ...] = (
    dispatch.WorkOrderOpened,
    dispatch.PartsRequested,
    dispatch.TechnicianOffered,
    dispatch.OfferDeclined,
    dispatch.TechnicianAssigned,
    dispatch.AssignmentFailed,
    dispatch.VisitScheduled,
    dispatch.VisitRescheduled,
    dispatch.VisitWithdrawn,
    dispatch.WorkOrderStarted,
    dispatch.TechnicianDeparted,
    dispatch.TechnicianArrived,
    dispatch.VisitUnfinished,
    dispatch.ItemTakenIn,
    dispatch.ItemReturned,
    dispatch.WorkOrderCompleted,
    dispatch.WorkOrderSignedOff,
    dispatch.HoursPosted,
    dispatch.WorkOrderCancelled,
    dispatch.ClockWarned,
    dispatch.ClockBreached,
)
_PARTS: tuple[type[Event], ...] = (
    parts.PartsReserved,
    parts.PartsShort,
    parts.PartsUnavailable,
    parts.ReservationExpired,
    parts.PartsReleased,
    parts.PartsIssued,
    parts.PartsReturned,
    parts.ClaimOrderApproved,
    parts.ClaimOrderPlaced,
    parts.PartArrived,
    parts.DepositRequired,
    parts.DepositPaid,
    parts.DepositWaived,
    parts.DepositRefunded,
    parts.DepositForfeited,
    parts.ClockWarned,
    parts.ClockBreached,
    parts.ActionItemUrged,
    parts.SupplierNotified,
    parts.SupplierServiceReported,
    parts.SupplierCaseSolved,
    parts.ToolOverdue,
)
_OF_NO_CASE: tuple[type[Event], ...] = (parts.ReportPublished, parts.StoreWorkRecorded)
"""There is no story to tell of them."""
_FEEDBACK: tuple[type[Event], ...] = (
    feedback.RevisitDue,
    feedback.RevisitOverdue,
    feedback.RevisitCompleted,
    feedback.SurveyRequested,
    feedback.SurveyAnswered,
    feedback.SurveyExpired,
    feedback.DissatisfactionRaised,
)
_NOTIFIER: tuple[type[Event], ...] = (
    notifier.MessageDelivered,
    notifier.MessageFailed,
    notifier.EscalationRaised,
    notifier.EscalationAcknowledged,
    notifier.EscalationExhausted,
    notifier.EscalationWithdrawn,
    notifier.StaffChanged,
)

EVENTS: Mapping[str, type[Event]] = MappingProxyType(
    {event.TYPE: event for event in (*_INTAKE, *_DISPATCH, *_PARTS, *_OF_NO_CASE, *_FEEDBACK, *_NOTIFIER)}
)
"""Type name to model."""

SUBSCRIPTIONS: Mapping[str, tuple[type[Event], ...]] = MappingProxyType(
    {
        # intake tells the story of its cases, so it hears all that the others say about them
        "intake": (*_DISPATCH, *_PARTS, *_FEEDBACK, *_NOTIFIER),
        "dispatch": (
            intake.CaseCleared,
            intake.CaseHeld,
            intake.CaseResumed,
            intake.CaseCancelled,
            intake.CaseReopened,
            intake.CustomerErased,
            parts.PartsReserved,
            parts.PartsShort,
            parts.PartsUnavailable,
            parts.ReservationExpired,
            parts.ClaimOrderPlaced,
            parts.PartsIssued,
            parts.PartsReturned,
            parts.DepositRequired,
            parts.DepositPaid,
            parts.DepositWaived,
            parts.StoreWorkRecorded,
        ),
        "parts": (
            dispatch.PartsRequested,
            dispatch.WorkOrderStarted,
            dispatch.WorkOrderCompleted,
            dispatch.WorkOrderCancelled,
            dispatch.ItemTakenIn,
            intake.CustomerErased,
        ),
        "feedback": (
            dispatch.WorkOrderSignedOff,
            dispatch.ItemReturned,
            intake.CaseClosed,
            intake.CustomerErased,
        ),
        # what of this is told to whom is policy
        "notifier": (
            intake.CaseOpened,
            intake.CaseContacted,
            intake.CaseCancelled,
            intake.CaseResolved,
            intake.CaseClosed,
            intake.CaseReopened,
            intake.ApprovalRequested,
            intake.ApprovalDecided,
            intake.ClockWarned,
            intake.ClockBreached,
            intake.CustomerErased,
            dispatch.TechnicianOffered,
            dispatch.OfferDeclined,
            dispatch.TechnicianAssigned,
            dispatch.AssignmentFailed,
            dispatch.VisitScheduled,
            dispatch.VisitRescheduled,
            dispatch.VisitWithdrawn,
            dispatch.TechnicianArrived,
            dispatch.VisitUnfinished,
            dispatch.ItemReturned,
            dispatch.WorkOrderCompleted,
            dispatch.WorkOrderCancelled,
            dispatch.ClockWarned,
            dispatch.ClockBreached,
            parts.DepositRequired,
            parts.DepositPaid,
            parts.DepositWaived,
            parts.PartArrived,
            parts.PartsUnavailable,
            parts.ClockWarned,
            parts.ClockBreached,
            parts.ActionItemUrged,
            parts.SupplierNotified,
            parts.SupplierServiceReported,
            parts.ToolOverdue,
            feedback.RevisitDue,
            feedback.RevisitOverdue,
            feedback.SurveyRequested,
            feedback.DissatisfactionRaised,
        ),
    }
)
"""Service to the events that it hears, one durable queue each."""
