"""Everything that can be read of a customer is destroyed (删除个人信息), and every service is told."""

from uuid import UUID

from intake.office import Office
from intake.queries import customers, erasure, story
from intake.tables import ERASED, CustomerRow
from shared.contracts.intake import CustomerErased
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Destroyed, IllegalTransition, Refusal, require_version


async def erase_customer(
    work: UnitOfWork, *, customer_id: UUID, version: int | None, reason: str, office: Office
) -> CustomerRow:
    """Destroy name, numbers, addresses, mail address, pushes and words of a customer, here and by event everywhere.

    Refused while a case of his is open, a deposit unsettled or a thing of his with us: somebody still has to reach him.
    """
    if reason not in office.policy.erasure_reasons:
        known = ", ".join(sorted(office.policy.erasure_reasons))
        raise Refusal("unknown_erasure_reason", detail=f"There is no reason {reason}.", expected=f"one of {known}")
    customer = (await customers.load(work.session, customer_id=customer_id)).customer
    await require_not_erased(work, customer_id=customer_id)
    require_version(customer.version, expected=version)
    await office.erasures.erase(work, customer_id=customer_id, erased_at=work.now)
    await _require_nothing_open(work, customer_id=customer_id)
    work.publish(CustomerErased(customer_id=customer_id, erased_at=work.now))
    await office.audit.record(
        work, action="customer_erased", subject=f"customer/{customer_id}", details={"reason": reason}
    )
    await work.session.refresh(customer)
    return customer


async def forget_customer(work: UnitOfWork, *, customer_id: UUID) -> None:
    """Destroy what intake keeps of a customer; what others need to go on are ids, codes and districts, which stay.

    Tells nobody: also for a copy that was restored, whose neighbours heard of the erasure long ago.
    """
    calls = await erasure.calls_of(work.session, customer_id=customer_id)
    for call_id in calls:
        work.cancel_deadline(f"call/{call_id}")
    await erasure.destroy_calls(work.session, call_ids=calls, at=work.now)
    await erasure.destroy_words(work.session, customer_id=customer_id)
    await erasure.destroy_contact_data(work.session, customer_id=customer_id, at=work.now)


async def require_not_erased(work: UnitOfWork, *, customer_id: UUID) -> None:
    """Raises Destroyed; otherwise nobody can be erased before `work` is over."""
    if await is_erased(work, customer_id=customer_id, table=ERASED):
        raise Destroyed(
            "customer_erased",
            detail=f"What there was of customer {customer_id} was destroyed.",
            expected="another customer; whoever calls again is registered as a new one",
        )


async def _require_nothing_open(work: UnitOfWork, *, customer_id: UUID) -> None:
    """Asked once nobody can open anything for the customer any more; raising undoes the erasure."""
    reasons = [
        *(f"case {number} is {state}" for number, state in await erasure.open_cases(work.session, of=customer_id)),
        *(
            f"deposit {deposit_id} of case {number} is not settled"
            for deposit_id, number in await erasure.open_deposits(work.session, of=customer_id)
        ),
        *(
            f"what was taken in against receipt {receipt} in case {number} is not returned"
            for receipt, number in await story.items_with_us(work.session, of=customer_id)
        ),
    ]
    if reasons:
        raise IllegalTransition(
            "still_needed",
            detail=f"The customer has to be reached: {'; '.join(reasons)}.",
            expected="cases that are closed or cancelled, deposits that are settled, and receipts that are back",
        )
