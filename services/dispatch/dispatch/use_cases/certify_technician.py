"""Certificates, without which nobody is sent to a product that asks for one (持证上岗, R246)."""

from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.forms import CertificateForm, check_period
from dispatch.policy import require_known
from dispatch.queries import technicians
from dispatch.tables import CertificateRow, TechnicianRow
from dispatch.use_cases.serve_waiting import wake_waiting
from shared.csv_import import RowOutcome
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Unknown


async def certify_technician(
    work: UnitOfWork, *, technician_id: UUID, form: CertificateForm, desk: Desk
) -> CertificateRow:
    """R246: from the first to the last day he counts as certified. Raises IllegalTransition for the same one again."""
    technician = await technicians.lock(work.session, technician_id=technician_id)
    _check(form, desk=desk)
    for known in await technicians.certificates_of(work.session, technician_id=technician.id):
        if (known.code, known.valid_from) == (form.code, form.valid_from):
            raise IllegalTransition(
                "certificate_known",
                detail=f"{form.code} from {form.valid_from} is entered as {known.id}",
                expected="another period, or remove the one that is there",
            )
    return await _add(work, technician=technician, form=form, desk=desk)


async def withdraw_certificate(work: UnitOfWork, *, certificate_id: UUID, desk: Desk) -> None:
    """It was entered wrongly or taken away: from now on it does not count."""
    certificate = await technicians.find_certificate(work.session, certificate_id=certificate_id)
    await work.session.delete(certificate)
    await desk.audit.record(
        work,
        action="certificate_withdrawn",
        subject=f"technician/{certificate.technician_id}",
        details={"code": certificate.code, "valid_until": certificate.valid_until.isoformat()},
    )


async def put_certificate(work: UnitOfWork, *, staff_number: str, form: CertificateForm, desk: Desk) -> RowOutcome:
    """One line of an import: a new certificate, or the last day of a known one."""
    technician = await technicians.by_staff_number(work.session, staff_number=staff_number)
    if technician is None:
        raise Unknown(
            "unknown_technician", detail=f"there is no technician {staff_number}", expected="a known staff number"
        )
    _check(form, desk=desk)
    for known in await technicians.certificates_of(work.session, technician_id=technician.id):
        if (known.code, known.valid_from) == (form.code, form.valid_from):
            if known.valid_until == form.valid_until:
                return RowOutcome.UNCHANGED
            known.valid_until = form.valid_until
            wake_waiting(work, department=technician.department)
            return RowOutcome.CHANGED
    await _add(work, technician=technician, form=form, desk=desk)
    return RowOutcome.CREATED


def _check(form: CertificateForm, *, desk: Desk) -> None:
    require_known([form.code], known=desk.policy.certificates, field="code")
    check_period(form.valid_from, last=form.valid_until)


async def _add(work: UnitOfWork, *, technician: TechnicianRow, form: CertificateForm, desk: Desk) -> CertificateRow:
    certificate = CertificateRow(
        id=work.new_id(),
        technician_id=technician.id,
        code=form.code,
        valid_from=form.valid_from,
        valid_until=form.valid_until,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(certificate)
    await work.session.flush()
    wake_waiting(work, department=technician.department)
    await desk.audit.record(
        work,
        action="certificate_added",
        subject=f"technician/{technician.id}",
        details={"code": form.code, "valid_until": form.valid_until.isoformat()},
    )
    return certificate
