"""Where pushes are taken, together with whatever else arrives at the same moment; each is proved and read by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from intake.office import Office
from intake.push.adapters import ADAPTERS, Adapter
from intake.push.reading import Push
from intake.queries import sources
from intake.tables import PushSourceRow
from intake.use_cases.receive_call import Heard, receive_calls
from intake.use_cases.set_up_source import secrets_of
from shared.actor import Actor
from shared.gathering import Gathering
from shared.http.problems import Forbidden, NotAuthenticated, NotFound, Problem
from shared.messaging.unit_of_work import Cause, Works
from shared.refusals import Refusal

WITHIN_SECONDS = 0.002
"""How long a push may wait for others that share its transaction."""
TOGETHER_AT_MOST = 100
"""Pushes of one transaction."""

TOGETHER = Cause(actor=Actor(kind="system", id="intake", role="switchboard"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A push before anybody looked at it. `address` is its path and query, `traceparent` the trace of its request."""

    adapter: str
    source_id: UUID
    peer: str
    method: str
    address: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    token: str
    traceparent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A push that is stored: what its vendor wants to hear, and the trace that its call began."""

    vendor: Adapter
    traceparent: str | None


type Outcome = Heard | Problem | Refusal


class Switchboard:
    """Takes pushes of one intake process. Built once in `app.py`."""

    def __init__(self, works: Works, *, office: Office) -> None:
        self._works = works
        self._office = office
        self._gathering = Gathering(self._take_together, within=WITHIN_SECONDS, at_most=TOGETHER_AT_MOST)

    async def take(self, arrival: Arrival) -> Taken:
        """Return once it is stored, now or before.

        Raises NotFound, Forbidden (from elsewhere), NotAuthenticated (forged), and Refusal where it cannot be read.
        """
        return await self._gathering.add(arrival)

    async def _take_together(self, arrivals: Sequence[Arrival]) -> Sequence[Taken | Exception]:
        async with self._works.begin(TOGETHER) as work:
            known = await sources.by_ids(work.session, source_ids={one.source_id for one in arrivals})
            outcomes = [self._outcome(one, source=known.get(one.source_id), now=work.now) for one in arrivals]
            heard = [one for one in outcomes if isinstance(one, Heard)]
            traces = await receive_calls(work, heard=heard, office=self._office)
            await work.commit()
        return [
            Taken(vendor=ADAPTERS[one.source.adapter], traceparent=traces[one.call]) if isinstance(one, Heard) else one
            for one in outcomes
        ]

    def _outcome(self, arrival: Arrival, *, source: PushSourceRow | None, now: datetime) -> Outcome:
        try:
            return self._heard(arrival, source=source, now=now)
        except (Problem, Refusal) as no:
            return no

    def _heard(self, arrival: Arrival, *, source: PushSourceRow | None, now: datetime) -> Heard:
        """Prove, read."""
        vendor = ADAPTERS.get(arrival.adapter)
        if source is None or vendor is None or source.adapter != arrival.adapter:
            raise NotFound("there is no such push source", expected="the push_url of a source of GET /v1/push-sources")
        if source.networks and not _within(arrival.peer, networks=source.networks):
            raise Forbidden("this address may not push for this source", expected="an address of the source's networks")
        push = Push(
            method=arrival.method,
            url=source.public_base.rstrip("/") + arrival.address,  # and not whatever Host a proxy sent
            query=arrival.query,
            headers=arrival.headers,
            body=arrival.body,
            token=arrival.token,
            received_at=now,
        )
        if not vendor.authentic(push, secrets_of(source, office=self._office)):
            raise NotAuthenticated(
                "the push does not prove that it comes from this source",
                expected="the signature, or the token in the path, made with an active secret of the source",
                headers={"WWW-Authenticate": 'Signature realm="push"'},
            )
        raw = (push.body or push.query.encode()).decode("utf-8", "surrogateescape")
        return Heard(source=source, reading=vendor.read(push), raw=raw, traceparent=arrival.traceparent)


async def switchboard_of(request: Request) -> Switchboard:
    """The one that `app.py` put there."""
    switchboard = request.app.state.switchboard
    if not isinstance(switchboard, Switchboard):
        raise TypeError("the application was made without a switchboard")
    return switchboard


type Board = Annotated[Switchboard, Depends(switchboard_of)]


def _within(peer: str, *, networks: list[str]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in ip_network(network) for network in networks)
