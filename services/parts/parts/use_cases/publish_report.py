"""The monthly cost table (配件费用表, R325) goes to finance by itself, on time."""

from datetime import date, datetime

from parts.desk import Desk
from parts.domain.costs import published_when
from parts.domain.valuation import NOTHING
from parts.queries import reports
from parts.tables import ReportRow
from shared.contracts.parts import ReportPublished
from shared.messaging.unit_of_work import UnitOfWork

REPORT_DEADLINE = "cost_table"
COST_TABLE = "parts_cost"


def schedule_cost_table(work: UnitOfWork, *, moment: datetime, desk: Desk) -> None:
    """Have the month's table published in which that moment lies, once the month is over."""
    since, until = desk.month_of(moment)
    month = desk.today(since)
    work.set_deadline(
        f"{REPORT_DEADLINE}/{month:%Y-%m}",
        kind=REPORT_DEADLINE,
        due=published_when(until, within=desk.policy.reports.cost_table_within),
        data={"month": month.isoformat()},
    )


async def publish_cost_table(work: UnitOfWork, *, month: date, desk: Desk) -> None:
    """Once for each month; and the next month's is scheduled, also where nothing is used up in it."""
    since, until = desk.month_from(month)
    schedule_cost_table(work, moment=until, desk=desk)
    if await reports.published(work.session, kind=COST_TABLE, month=month) is not None:
        return
    lines = await reports.cost_table(work.session, since=since, until=until)
    report = ReportRow(
        id=work.new_id(),
        kind=COST_TABLE,
        month=month,
        due_at=until + desk.policy.reports.cost_table_within,
        published_at=work.now,
        quantity=sum(line.quantity for line in lines),
        cost=sum((line.cost for line in lines), start=NOTHING),
    )
    work.session.add(report)
    work.publish(
        ReportPublished(
            report_id=report.id,
            kind=COST_TABLE,
            month=f"{month:%Y-%m}",
            amount=report.cost,
            due_at=report.due_at,
            published_at=report.published_at,
        )
    )
