"""Clients who send a request again under the same Idempotency-Key until it is answered.

While something is away a client may be refused with 503 or get no answer at all; anything else is not what was
promised, and ends the test.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

import httpx

from testkit.patience import PATIENCE_SECONDS

AGAIN_SECONDS = 0.3

type Form = Mapping[str, Any]


class NotPromised(AssertionError):
    """An answer that no outage explains."""


class Insisting:
    """Somebody who calls a service through one of several addresses of it; `answers` counts what he was answered.

    `not_yet` are statuses that he takes for an outage: what he wants will be possible once others have done their part.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str,
        not_yet: Collection[int] = (),
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.answers: Counter[str] = Counter()
        self._patience_seconds = patience_seconds
        self._refused: dict[str, str] = {}
        self._not_yet = {httpx.codes.SERVICE_UNAVAILABLE, *not_yet}
        self._client = httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS)
        self.work_at([address])

    def work_at(self, addresses: Sequence[str]) -> None:
        """Use these addresses in turn from now on."""
        self._addresses: Iterator[str] = cycle(addresses)

    async def read(self, path: str, **query: str | Sequence[str]) -> Form:
        """Ask until it is answered."""
        return (await self._insist("GET", path, params=query)).json()  # type: ignore[no-any-return]

    async def send(
        self, path: str, form: Form, *, key: str, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send until it is answered with 2xx. Raises `NotPromised` on an answer that no outage explains."""
        return await self._insist("POST", path, json=form, headers={"Idempotency-Key": key, **(headers or {})})

    async def change(self, path: str, form: Form, *, key: str) -> Form:
        """Send until it is answered with 2xx, whatever version there is now."""
        answer = await self.send(path, form, key=key, headers={"If-Match": "*"})
        return answer.json()  # type: ignore[no-any-return]

    async def try_once(self, path: str, form: Form, *, key: str) -> None:
        """Send it, and leave it at that: whoever does so looks again later whether it is still to be done."""
        await self._attempt("POST", path, json=form, headers={"Idempotency-Key": key, "If-Match": "*"})

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _insist(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            async with asyncio.timeout(self._patience_seconds):
                while (answer := await self._attempt(method, path, **request)) is None:  # noqa: ASYNC110
                    await asyncio.sleep(AGAIN_SECONDS)
                return answer
        except TimeoutError:
            refused = self._refused.get(path)
            raise NotPromised(f"{method} {path}: never done, only {dict(self.answers)}; at last {refused}") from None

    async def _attempt(self, method: str, path: str, **request: Any) -> httpx.Response | None:
        try:
            answer = await self._client.request(method, next(self._addresses) + path, **request)
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers[str(answer.status_code)] += 1
        if answer.is_success:
            return answer
        if answer.status_code in self._not_yet or "Retry-After" in answer.headers:
            self._refused[path] = answer.text
            return None
        raise NotPromised(f"{method} {path}: {answer.status_code} {answer.text}")
