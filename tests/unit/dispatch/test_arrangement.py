"""The saga of an order's parts and its visit: whatever comes in whatever order, it ends arranged or compensated."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain import visits, work_orders
from dispatch.domain.arrangement import (
    Arrangement,
    AskForParts,
    GivenUp,
    Happening,
    LetGo,
    NoteWaits,
    OrderOver,
    PartsAsked,
    PartsHeard,
    SetOut,
    WindowAgreed,
    Withdraw,
    step,
)
from dispatch.domain.parts_requests import AT_HAND, LOST, UNHEARD, Answer, PartsState, Wait, hear
from dispatch.domain.visits import AHEAD, VisitState, VisitStep
from dispatch.domain.work_orders import ENDED, Step, WorkOrderState
from shared.contracts.facts import PartNeed
from shared.contracts.parts import (
    ClaimOrderPlaced,
    DepositPaid,
    DepositRequired,
    PartsIssued,
    PartsReserved,
    PartsReturned,
    PartsShort,
    PartsUnavailable,
    ReservationExpired,
)
from shared.refusals import IllegalTransition

NOW = datetime(2040, 3, 5, 1, 0, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)
LINES = (PartNeed(part_code="PCB", quantity=2),)
ABOUT = {"work_order_id": UUID(int=8), "case_id": UUID(int=9)}
DEPOSIT = {"deposit_id": UUID(int=4), "claim_order_id": UUID(int=7), "amount": Decimal(60)}
ENDS = {"completed": WorkOrderState.SIGNED_OFF, "cancelled": WorkOrderState.CANCELLED}


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def reserved(request_id: UUID = ONE) -> Answer:
    return PartsReserved(request_id=request_id, lines=LINES, reserved_at=at(3), expires_at=at(99), **ABOUT)


def short(request_id: UUID = ONE, *, ready: float | None = None, said: float | None = None) -> Answer:
    told = {"ready_at": None if ready is None else at(ready), "promised_at": None if said is None else at(said)}
    return PartsShort(request_id=request_id, missing=LINES, short_at=at(1), **told, **ABOUT)


def placed(request_id: UUID = ONE, *, expected: float = 24, said: float = 2) -> Answer:
    claim = {"claim_order_id": UUID(int=7), "expected_at": at(expected), "placed_at": at(said)}
    return ClaimOrderPlaced(request_id=request_id, **claim, **ABOUT)


def unavailable(request_id: UUID = ONE) -> Answer:
    return PartsUnavailable(request_id=request_id, reason="deposit_declined", unavailable_at=at(4), **ABOUT)


def expired(request_id: UUID = ONE) -> Answer:
    return ReservationExpired(request_id=request_id, expired_at=at(5), **ABOUT)


def issued(request_id: UUID = ONE, *, pieces: int = 2, number: int = 1) -> Answer:
    lines = (PartNeed(part_code="PCB", quantity=pieces),)
    issue = {"issue_id": UUID(int=number), "lines": lines, "issued_to": "T1", "issued_at": at(4)}
    return PartsIssued(request_id=request_id, **issue, **ABOUT)


def returned(request_id: UUID = ONE, *, pieces: int = 2, number: int = 3) -> Answer:
    lines = (PartNeed(part_code="PCB", quantity=pieces),)
    return PartsReturned(request_id=request_id, return_id=UUID(int=number), lines=lines, returned_at=at(6), **ABOUT)


def deposit_required() -> Answer:
    asked = {"customer_id": UUID(int=6), "required_at": at(1), "due_at": at(72)}
    return DepositRequired(request_id=ONE, **asked, **DEPOSIT, **ABOUT)


def deposit_paid() -> Answer:
    return DepositPaid(request_id=ONE, paid_at=at(2), **DEPOSIT, **ABOUT)


ANSWERS = (reserved, short, placed, unavailable, expired, issued, returned)


@dataclass
class Story:
    """An order, its visit and its parts, driven by the same pure steps that the use cases take."""

    order: WorkOrderState = WorkOrderState.ASSIGNED
    visit: VisitState | None = None
    state: Arrangement = field(default_factory=Arrangement)
    said: list[object] = field(default_factory=list)

    def happen(self, happening: Happening) -> None:
        self.state, commands = step(self.state, happening)
        self.said += commands
        for command in commands:
            if isinstance(command, Withdraw):
                self._visit(VisitStep.RELEASE)
                self._order(Step.WITHDRAW)

    def ask(self, request_id: UUID = ONE) -> None:
        if self.order in ENDED or request_id in self.state.requests:
            raise IllegalTransition("ended", detail="", expected="")
        self.happen(PartsAsked(request_id=request_id, lines=LINES, at=NOW))

    def answer(self, answer: Answer) -> None:
        known = self.state.requests.get(answer.request_id)
        if known is not None:
            self.happen(PartsHeard(request_id=answer.request_id, facts=hear(known.facts, answer)))

    def give_up(self, request_id: UUID = ONE) -> None:
        if self.order in ENDED or request_id not in self.state.requests:
            raise IllegalTransition("ended", detail="", expected="")
        self.happen(GivenUp(request_id=request_id, at=NOW))

    def agree(self, hours: float) -> None:
        order = work_orders.advance(self.order, step=Step.SCHEDULE)
        self.happen(WindowAgreed(starts_at=at(hours)))
        self.order, self.visit = order, VisitState.AGREED

    def leave(self, by: VisitStep) -> None:
        visit = self._after(by)
        if self.visit in AHEAD:
            self.happen(SetOut())
            assert all(one.state in {*AT_HAND, PartsState.OVER} for one in self.state.requests.values())
        self.visit = visit
        if by is VisitStep.ARRIVE:
            self._order(Step.ARRIVE)

    def end(self, by: VisitStep, *, step_: Step) -> None:
        visit, order = self._after(by), work_orders.advance(self.order, step=step_)
        self.visit, self.order = visit, order
        if order in ENDED:
            self.happen(OrderOver(at=NOW))

    def cancel(self) -> None:
        self._order(Step.CANCEL)
        if self.visit is not None and self.visit in visits.OPEN:
            self._visit(VisitStep.RELEASE)
        self.happen(OrderOver(at=NOW))

    def _after(self, by: VisitStep) -> VisitState:
        if self.visit is None:
            raise IllegalTransition("no_visit", detail="", expected="")
        return visits.advance(self.visit, step=by)

    def _visit(self, by: VisitStep) -> None:
        self.visit = self._after(by)

    def _order(self, by: Step) -> None:
        self.order = work_orders.advance(self.order, step=by)


def arrange(story: Story) -> None:
    """What people do to bring the order to a good end from where it is."""
    for request_id, request in list(story.state.requests.items()):
        if request.state in LOST:
            story.give_up(request_id)
        elif request.state not in {*AT_HAND, PartsState.OVER}:
            story.answer(reserved(request_id))
    if story.order is WorkOrderState.ASSIGNED:
        story.agree(48)
    if story.order is WorkOrderState.SCHEDULED:
        story.leave(VisitStep.ARRIVE)
    if story.visit is VisitState.ARRIVED:
        story.leave(VisitStep.START)
    if story.order is WorkOrderState.ARRIVED:
        story.end(VisitStep.COMPLETE, step_=Step.COMPLETE)
    story.order = work_orders.advance(story.order, step=Step.SIGN_OFF)


def require_sound(story: Story) -> None:
    """What holds at every moment."""
    ahead = story.visit in AHEAD and story.order is WorkOrderState.SCHEDULED
    assert (story.state.window_at is not None) == ahead
    if story.state.window_at is not None:
        for request in story.state.requests.values():
            assert request.state not in {PartsState.SHORT, *LOST}
            if request.state is PartsState.ORDERED:
                assert request.expected_at is not None
                assert request.expected_at <= story.state.window_at
    if story.order in ENDED:
        assert {one.state for one in story.state.requests.values()} <= {PartsState.OVER}
        assert story.visit is None or story.visit not in visits.OPEN


REQUESTS = st.sampled_from((ONE, OTHER))
MOVES = st.one_of(
    st.tuples(st.just("ask"), REQUESTS),
    st.tuples(st.just("give up"), REQUESTS),
    st.tuples(st.just("answer"), st.sampled_from(ANSWERS), REQUESTS),
    st.tuples(st.just("answer"), st.just(placed), REQUESTS),
    st.tuples(st.just("agree"), st.sampled_from((12.0, 24.0, 36.0))),
    st.tuples(st.just("leave"), st.sampled_from((VisitStep.DEPART, VisitStep.ARRIVE, VisitStep.START))),
    st.tuples(st.just("unfinished")),
    st.tuples(st.just("complete")),
    st.tuples(st.just("cancel")),
)


def move(story: Story, chosen: tuple[object, ...]) -> None:
    match chosen:
        case ("ask", UUID() as request_id):
            story.ask(request_id)
        case ("give up", UUID() as request_id):
            story.give_up(request_id)
        case ("answer", answer, UUID() as request_id) if callable(answer):
            story.answer(answer(request_id))
        case ("agree", float(hours)):
            story.agree(hours)
        case ("leave", VisitStep() as by):
            story.leave(by)
        case ("unfinished",):
            story.end(VisitStep.LEAVE_UNFINISHED, step_=Step.CARRY_OVER)
        case ("complete",):
            story.end(VisitStep.COMPLETE, step_=Step.COMPLETE)
        case ("cancel",):
            story.cancel()
        case _:
            raise AssertionError(chosen)


@pytest.mark.rule("R327")
@given(st.lists(MOVES, max_size=25), st.sampled_from(sorted(ENDS)))
def test_every_interleaving_ends_arranged_or_compensated(moves: list[tuple[object, ...]], ending: str) -> None:
    story = Story()
    for chosen in moves:
        try:
            move(story, chosen)
        except IllegalTransition:
            continue
        require_sound(story)
    if ending == "cancelled" and story.order not in ENDED:
        story.cancel()
        assert story.visit in {None, VisitState.RELEASED, VisitState.UNFINISHED}
    elif story.order is not WorkOrderState.CANCELLED:
        arrange(story)
    require_sound(story)
    assert story.order in {WorkOrderState.SIGNED_OFF, WorkOrderState.CANCELLED}
    asked = [one for one in story.said if isinstance(one, AskForParts)]
    let_go = [one for one in story.said if isinstance(one, LetGo)]
    assert sorted(one.request_id for one in asked) == sorted(one.request_id for one in let_go)


@given(st.permutations([reserved(), short(), placed(), issued(pieces=1, number=1), issued(pieces=1, number=2)]))
def test_answers_lead_to_the_same_state_in_every_order(answers: list[Answer]) -> None:
    story = Story()
    story.ask()
    for answer in (*answers, answers[0]):
        story.answer(answer)
    request = story.state.requests[ONE]
    assert request.state is PartsState.ISSUED
    assert (request.facts.short_at, request.facts.reserved_at, request.expected_at) == (at(1), at(3), at(24))
    noted = [one for one in story.said if isinstance(one, NoteWaits)]
    assert noted[-1].waits == (Wait(reason="parts", since=at(1), until=at(3)),)


@pytest.mark.rule("R320")
@given(st.permutations([short(), deposit_required(), deposit_paid(), reserved()]))
def test_what_was_waited_for_is_the_same_in_every_order_of_answers_and_after_the_order_is_over(
    answers: list[Answer],
) -> None:
    story = Story()
    story.ask()
    for answer in answers[:2]:
        story.answer(answer)
    story.cancel()
    for answer in (*answers[2:], answers[0]):
        story.answer(answer)
    noted = [one for one in story.said if isinstance(one, NoteWaits)]
    assert noted[-1].waits == (
        Wait(reason="parts", since=at(1), until=at(3)),
        Wait(reason="deposit", since=at(1), until=at(2)),
    )


def test_a_deposit_that_is_settled_before_it_is_known_to_be_asked_for_is_not_waited_for_yet() -> None:
    assert hear(UNHEARD, deposit_paid()).waits == ()


REFUSED = [
    ([], "parts_unanswered"),
    ([short()], "parts_short"),
    ([placed(expected=24)], "parts_not_there_yet"),
    ([short(ready=13)], "parts_not_there_yet"),
    ([unavailable()], "parts_unavailable"),
    ([reserved(), expired()], "parts_expired"),
]


@pytest.mark.rule("R327")
@pytest.mark.parametrize(("answers", "code"), REFUSED)
def test_no_window_before_its_parts(answers: list[Answer], code: str) -> None:
    story = Story()
    story.ask()
    for answer in answers:
        story.answer(answer)
    with pytest.raises(IllegalTransition) as refused:
        story.agree(12)
    assert refused.value.code == code
    with pytest.raises(IllegalTransition):
        story.happen(SetOut())


@pytest.mark.rule("R327", "R143")
def test_a_window_may_start_when_what_is_on_order_anyway_is_ready_and_goes_by_the_own_order_once_there_is_one() -> None:
    story = Story()
    story.ask()
    story.answer(short(ready=10))
    story.agree(12)
    assert story.visit is VisitState.AGREED
    story.answer(placed(expected=30, said=2))
    assert (story.visit, story.state.requests[ONE].expected_at) == (VisitState.RELEASED, at(30))
    story.answer(short(ready=10))
    assert story.state.requests[ONE].expected_at == at(30)


@pytest.mark.rule("R327", "R143")
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_day_that_was_promised_is_taken_back_or_moved_and_the_last_word_counts_however_it_is_heard(
    order: tuple[int, ...],
) -> None:
    promised, taken_back, anew = short(ready=10), short(said=2), short(ready=20, said=3)
    for answers, expected in (((promised, taken_back), None), ((promised, taken_back, anew), at(20))):
        story = Story()
        story.ask()
        for number in order:
            story.answer(answers[min(number, len(answers) - 1)])
        known = story.state.requests[ONE]
        assert (known.expected_at, known.facts.short_at) == (expected, at(1))
        assert known.state is (PartsState.SHORT if expected is None else PartsState.ORDERED)


@pytest.mark.rule("R327", "R143")
def test_a_visit_is_withdrawn_where_the_day_of_its_parts_is_taken_back() -> None:
    story = Story()
    story.ask()
    story.answer(short(ready=10))
    story.agree(12)
    story.answer(short(said=2))
    assert story.visit is VisitState.RELEASED


def test_a_reservation_that_is_renewed_is_kept_until_its_later_end_however_the_answers_come() -> None:
    later = reserved().model_copy(update={"expires_at": at(120)})
    for answers in ((reserved(), later), (later, reserved()), (later, reserved(), later)):
        story = Story()
        story.ask()
        for answer in answers:
            story.answer(answer)
        assert story.state.requests[ONE].kept_until == at(120)


@pytest.mark.rule("R327")
def test_a_window_may_start_when_what_was_ordered_is_expected_and_moves_with_it() -> None:
    story = Story()
    story.ask()
    story.answer(short())
    story.answer(placed(expected=24))
    story.agree(24)
    story.answer(placed(expected=20, said=3))
    assert (story.visit, story.state.requests[ONE].expected_at) == (VisitState.AGREED, at(20))
    story.answer(placed(expected=30, said=4))
    assert (story.visit, story.order) == (VisitState.RELEASED, WorkOrderState.ASSIGNED)
    story.answer(placed(expected=20, said=3))  # an older answer that comes late
    assert story.state.requests[ONE].expected_at == at(30)


def test_no_window_once_its_parts_are_kept_no_more_unless_some_were_drawn() -> None:
    story = Story()
    story.ask()
    story.answer(reserved())
    with pytest.raises(IllegalTransition, match="2040-03-09T04:00Z") as refused:
        story.agree(99)
    assert refused.value.code == "parts_kept_no_more"
    story.agree(98)
    other = Story()
    other.ask()
    other.answer(issued(pieces=1))
    other.answer(reserved())
    other.agree(99)


@pytest.mark.parametrize("answer", [short(), unavailable(), expired()], ids=["short", "unavailable", "expired"])
def test_an_answer_withdraws_a_visit_that_nobody_has_left_for(answer: Answer) -> None:
    story = Story()
    story.agree(12)
    story.ask()
    story.answer(answer)
    assert (story.visit, story.order) == (VisitState.RELEASED, WorkOrderState.ASSIGNED)


def test_who_is_on_the_way_is_not_called_back() -> None:
    story = Story()
    story.agree(12)
    story.leave(VisitStep.DEPART)
    story.ask()
    story.answer(short())
    assert (story.visit, story.order) == (VisitState.DEPARTED, WorkOrderState.SCHEDULED)


def test_what_was_lost_is_asked_anew_or_given_up() -> None:
    story = Story()
    story.ask()
    story.answer(unavailable())
    story.ask(OTHER)
    assert story.state.requests[ONE].state is PartsState.OVER
    with pytest.raises(IllegalTransition):
        story.give_up(OTHER)
    story.answer(unavailable(OTHER))
    story.give_up(OTHER)
    story.agree(12)


def test_pieces_drawn_in_part_are_not_all_pieces() -> None:
    story = Story()
    story.ask()
    story.answer(issued(pieces=1))
    assert story.state.requests[ONE].state is PartsState.ASKED
    story.answer(issued(pieces=1, number=2))
    assert story.state.requests[ONE].state is PartsState.ISSUED
