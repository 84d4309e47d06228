"""An event is heard: what is told to whom is policy."""

from uuid import UUID

from notifier.desk import Desk
from notifier.domain.conditions import applies
from notifier.domain.texts import value_at
from notifier.policy import (
    CASE_ID,
    CASE_NUMBER,
    CUSTOMER_ID,
    RoutePolicy,
    ToCustomer,
    ToLadder,
    ToMember,
    ToRoleNamed,
    ToRoles,
)
from notifier.queries import cases, happenings, messages
from notifier.tables import CaseRow
from notifier.use_cases.climb_ladder import begin_escalation, withdraw_ended
from notifier.use_cases.tell_once import keep_until_told, take_news
from notifier.use_cases.write_message import Heard, Receiver, address, write_to_customer, write_to_role, write_to_staff
from shared.messaging.unit_of_work import UnitOfWork


async def hear_event(work: UnitOfWork, *, heard: Heard, desk: Desk) -> None:
    """Remember what it says, end the escalations that it ends, write the messages that it asks for."""
    case = None
    for field in desk.policy.remembered.get(heard.type, ()):
        thing = f"{field}/{value_at(heard.facts, field)}"
        await happenings.note(work.session, thing=thing, type_=heard.type, happened_at=heard.happened_at)
    if heard.case_id is not None:
        case = await cases.lock(work.session, case_id=heard.case_id)
        await _learn(work, case=case, heard=heard)
        if CASE_ID in desk.policy.remembered.get(heard.type, ()):
            await withdraw_ended(work, case_id=heard.case_id, desk=desk)
    for name, route in desk.policy.routes.items():
        for news in await _news(work, name=name, route=route, heard=heard, desk=desk):
            await _follow(work, name=name, route=route, heard=news, case=case, desk=desk)


async def _learn(work: UnitOfWork, *, case: CaseRow, heard: Heard) -> None:
    """Messages that waited for the customer of this case go out once he is known."""
    number, customer = heard.facts.get(CASE_NUMBER), heard.facts.get(CUSTOMER_ID)
    if case.case_number is None and isinstance(number, str):
        case.case_number = number
    if case.customer_id is None and isinstance(customer, str):
        case.customer_id = UUID(customer)
        for message in await messages.waiting_of_case(work.session, case_id=case.case_id):
            await address(work, message=message, customer_id=case.customer_id)


async def _news(work: UnitOfWork, *, name: str, route: RoutePolicy, heard: Heard, desk: Desk) -> list[Heard]:
    """What the route tells now: the event, or what it tells once and is news by this event."""
    is_for_it = route.on == heard.type and applies(route.when, facts=heard.facts)
    if route.once_per is None:
        return [heard] if is_for_it else []
    if is_for_it:
        await keep_until_told(work, name=name, field=route.once_per, heard=heard, desk=desk)
    elif heard.type not in route.again_after:
        return []
    return await take_news(work, name=name, route=route, field=route.once_per, heard=heard, desk=desk)


async def _follow(
    work: UnitOfWork, *, name: str, route: RoutePolicy, heard: Heard, case: CaseRow | None, desk: Desk
) -> None:
    match route.to:
        case ToRoles(roles=roles):
            for role in roles:
                await write_to_role(work, route=name, heard=heard, receiver=Receiver(role=role), desk=desk)
        case ToRoleNamed(field=field):
            receiver = Receiver(role=str(value_at(heard.facts, field)))
            await write_to_role(work, route=name, heard=heard, receiver=receiver, desk=desk)
        case ToMember(field=field):
            number = value_at(heard.facts, field)
            receiver = Receiver(staff_number=None if number is None else str(number))
            await write_to_staff(work, route=name, heard=heard, receiver=receiver, desk=desk)
        case ToCustomer():
            customer_id = None if case is None else case.customer_id
            if isinstance(said := heard.facts.get(CUSTOMER_ID), str):
                customer_id = UUID(said)
            await write_to_customer(work, route=name, heard=heard, customer_id=customer_id, desk=desk)
        case ToLadder():
            await begin_escalation(work, route=name, to=route.to, heard=heard, desk=desk)
