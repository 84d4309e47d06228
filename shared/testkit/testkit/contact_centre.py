"""Contact centres that push calls as the real ones do: Zammad-style CTI, and Twilio with its own signer."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from twilio.request_validator import RequestValidator

type Push = Mapping[str, str]


@dataclass(frozen=True)
class ZammadCentre:
    """A telephone system that speaks the Zammad CTI format; `path` holds the source's secret token."""

    client: httpx.Client
    path: str

    def push(self, event: Push) -> httpx.Response:
        """Send one event as JSON."""
        return self.client.post(self.path, json=dict(event))

    @staticmethod
    def call(call_id: str, *, caller: str, called: str = "4008001234") -> list[Push]:
        """The three events of an answered call, in the order in which they happen."""
        common = {"callId": call_id, "from": caller, "to": called, "direction": "in"}
        return [
            {**common, "event": "newCall", "queue": "repairs"},
            {**common, "event": "answer", "user": "Li Na", "answeringNumber": "8001"},
            {**common, "event": "hangup", "cause": "normalClearing", "answeringNumber": "8001"},
        ]


@dataclass(frozen=True)
class TwilioCentre:
    """An account of Twilio: `url` is the callback address that it was given, which is what it signs."""

    client: httpx.Client
    url: str
    auth_token: str
    account: str = "AC0000000000000000000000000000demo"

    def push(self, event: Push) -> httpx.Response:
        """Send one signed status callback as a form."""
        signature = RequestValidator(self.auth_token).compute_signature(self.url, dict(event))
        return self._send(event, signature=signature)

    def forge(self, event: Push) -> httpx.Response:
        """Send one with a signature of somebody who does not know the secret."""
        signature = RequestValidator("not the secret").compute_signature(self.url, dict(event))
        return self._send(event, signature=signature)

    def call(self, call_sid: str, *, caller: str, called: str = "+864008001234") -> list[Push]:
        """The status callbacks of an answered call, in the order in which they happen."""
        common = {"CallSid": call_sid, "AccountSid": self.account, "ApiVersion": "2010-04-01", "Direction": "inbound"}
        numbers = {"From": caller, "To": called, "Caller": caller, "Called": called}
        ringing, answered, completed = (
            {
                **common,
                **numbers,
                "CallStatus": status,
                "CallbackSource": "call-progress-events",
                "SequenceNumber": order,
            }
            for order, status in (("0", "ringing"), ("1", "in-progress"), ("2", "completed"))
        )
        return [ringing, answered, {**completed, "CallDuration": "95", "Duration": "2"}]

    def _send(self, event: Push, *, signature: str) -> httpx.Response:
        path = httpx.URL(self.url).raw_path.decode()
        return self.client.post(path, data=dict(event), headers={"X-Twilio-Signature": signature})
