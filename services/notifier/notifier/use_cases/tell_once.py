"""What a route tells once: kept until it is told, because what makes it news may be heard later."""

from dataclasses import replace

from notifier.desk import Desk
from notifier.domain.news import Occurrence, news_in
from notifier.domain.texts import value_at
from notifier.policy import RoutePolicy
from notifier.queries import cases, happenings
from notifier.tables import ToldRow
from notifier.use_cases.write_message import Heard
from shared.messaging.unit_of_work import UnitOfWork
from shared.security.encryption import SealBroken

FACTS = "told_once.facts"


async def keep_until_told(work: UnitOfWork, *, name: str, field: str, heard: Heard, desk: Desk) -> None:
    """It happened; `field` says which of its kind it is."""
    id_ = work.new_id()
    kept = ToldRow(
        id=id_,
        route=name,
        value=str(value_at(heard.facts, field)),
        event_id=heard.event_id,
        happened_at=heard.happened_at,
        facts=desk.seal_facts(heard.facts, place=FACTS, row=id_),
    )
    work.session.add(kept)
    await work.session.flush()


async def take_news(
    work: UnitOfWork, *, name: str, route: RoutePolicy, field: str, heard: Heard, desk: Desk
) -> list[Heard]:
    """What has to be told now that this was heard; from now on it counts as told. The caller holds the case."""
    value = str(value_at(heard.facts, field))
    kept = await cases.told_once(work.session, route=name, value=value)
    again = await happenings.times_of(work.session, thing=f"{field}/{value}", types=route.again_after)
    occurrences = [Occurrence(at=row.happened_at, is_told=row.facts is None) for row in kept]
    news = [kept[place] for place in news_in(occurrences, again=again)]
    told = [_heard_of(row, route=route, heard=heard, desk=desk) for row in news]
    for row in news:
        row.facts = None
    return told


def _heard_of(row: ToldRow, *, route: RoutePolicy, heard: Heard, desk: Desk) -> Heard:
    """The event as it was when it was heard. Where no key opens it, it is told with gaps rather than not at all."""
    try:
        facts = desk.open_facts(row.facts or "", place=FACTS, row=row.id)
    except SealBroken:
        facts = {}
    return replace(heard, type=route.on, event_id=row.event_id, happened_at=row.happened_at, facts=facts)
