"""The issuer's public keys, fetched from its JWKS URL and kept: an outage of the issuer stops nobody it signed for."""

import asyncio
import json
import time

import httpx
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet

from shared.http.problems import Unavailable

FRESH_SECONDS = 600
LEAST_SECONDS_BETWEEN_FETCHES = 10
TIMEOUT_SECONDS = 5


class PublishedKeys:
    """Fetches on first use, when an unknown key id appears, and every ten minutes; one fetch at a time.

    `transport` is how the issuer is reached, where it is not by the network.
    """

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url
        self._transport = transport
        self._keys: KeySet | None = None
        self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def find(self, kid: str | None) -> Key:
        """The key with this id. Raises InvalidKeyIdError, or Unavailable where no keys were ever had."""
        keys = self._keys
        if keys is None or self._age() > FRESH_SECONDS or not _holds(keys, kid=kid):
            keys = await self._refreshed()
        return keys.get_by_kid(kid)

    async def _refreshed(self) -> KeySet:
        async with self._fetching:
            if self._age() > LEAST_SECONDS_BETWEEN_FETCHES:
                self._tried_at = time.monotonic()
                self._keys = await self._fetched() or self._keys
        if self._keys is None:
            raise Unavailable(
                "the token issuer's keys cannot be fetched",
                expected="the same request later; nothing was done",
                headers={"Retry-After": str(LEAST_SECONDS_BETWEEN_FETCHES)},
            )
        return self._keys

    async def _fetched(self) -> KeySet | None:
        try:
            async with httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_SECONDS) as client:
                answer = await client.get(self._url)
            answer.raise_for_status()
            return KeySet.import_key_set(json.loads(answer.content))
        except (httpx.HTTPError, JoseError, ValueError, TypeError, KeyError):
            return None

    def _age(self) -> float:
        return time.monotonic() - self._tried_at


def _holds(keys: KeySet, *, kid: str | None) -> bool:
    try:
        keys.get_by_kid(kid)
    except InvalidKeyIdError:
        return False
    return True
