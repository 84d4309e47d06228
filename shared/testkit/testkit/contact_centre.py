"""Contact centres that push calls as the real ones do, in every format and with every proof that intake accepts.

Zammad-style CTI, which sipgate and the Asterisk bridge speak as well, and Twilio with its own signer. `CENTRES` has the
name of each that stands in the push route.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol, Self
from urllib.parse import urlencode

import httpx
from twilio.request_validator import RequestValidator

from testkit.clients import Json, Person, text

type Push = Mapping[str, str]
type ZammadWay = Literal["path", "form", "multipart", "basic", "signed"]
"""How a Zammad push comes. `path`: JSON, the secret in the path, as Zammad itself does it; `form` and `multipart`: the
same in another encoding, lists as `user[]`; `basic` and `signed`: JSON, proved by Basic or `X-Hub-Signature-256`."""
type TwilioWay = Literal["form", "json", "query"]
"""How a Twilio callback comes: a POST of a form, a POST of JSON with `bodySHA256` in the URL, or a GET."""

BASIC_USER = "push"
NOT_THE_SECRET = "not-the-secret"  # noqa: S105  # of whoever forges a push


class ContactCentre(Protocol):
    """What all of them can do."""

    @classmethod
    def at(cls, push_url: str, *, secret: str, client: httpx.Client) -> Self:
        """One that was given the `push_url` of a push source and its secret."""

    def call(self, call_id: str, *, caller: str) -> list[Push]:
        """The events of an answered call, in the order in which they happen."""

    def push(self, event: Push) -> httpx.Response:
        """Send one event, proved."""

    def forge(self, event: Push) -> httpx.Response:
        """Send one as somebody would who does not know the secret."""


@dataclass(frozen=True)
class ZammadCentre:
    """A telephone system that speaks the Zammad CTI format; `path` ends in the source's secret token."""

    client: httpx.Client
    path: str
    way: ZammadWay = "path"

    @classmethod
    def at(cls, push_url: str, *, secret: str, client: httpx.Client) -> Self:
        """See `ContactCentre`."""
        return cls(client, f"{httpx.URL(push_url).path}/{secret}")

    @staticmethod
    def call(call_id: str, *, caller: str, called: str = "4008001234") -> list[Push]:
        """The three events of an answered call, in the order in which they happen."""
        common = {"callId": call_id, "from": caller, "to": called, "direction": "in"}
        return [
            {**common, "event": "newCall", "queue": "repairs"},
            {**common, "event": "answer", "user": "Li Na", "answeringNumber": "8001"},
            {**common, "event": "hangup", "cause": "normalClearing", "answeringNumber": "8001"},
        ]

    def push(self, event: Push) -> httpx.Response:
        """Send one event."""
        return self._send(event, secret=self.path.rpartition("/")[2])

    def forge(self, event: Push) -> httpx.Response:
        """Send one with a secret that is not the source's."""
        return self._send(event, secret=NOT_THE_SECRET)

    def _send(self, event: Push, *, secret: str) -> httpx.Response:
        source = self.path.rpartition("/")[0]
        form = {"user[]" if name == "user" else name: value for name, value in event.items()}
        match self.way:
            case "path":
                return self.client.post(f"{source}/{secret}", json=dict(event))
            case "form":
                return self.client.post(f"{source}/{secret}", data=form)
            case "multipart":
                parts = {name: (None, value) for name, value in form.items()}
                return self.client.post(f"{source}/{secret}", files=parts)
            case "basic":
                return self.client.post(source, json=dict(event), auth=(BASIC_USER, secret))
            case "signed":
                body = json.dumps(dict(event)).encode()
                proof = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
                headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={proof}"}
                return self.client.post(source, content=body, headers=headers)


@dataclass(frozen=True)
class TwilioCentre:
    """An account of Twilio: `url` is the callback address that it was given, which is what it signs."""

    client: httpx.Client
    url: str
    auth_token: str
    account: str = "AC0000000000000000000000000000demo"
    way: TwilioWay = "form"

    @classmethod
    def at(cls, push_url: str, *, secret: str, client: httpx.Client) -> Self:
        """See `ContactCentre`."""
        return cls(client, url=push_url, auth_token=secret)

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

    def push(self, event: Push) -> httpx.Response:
        """Send one signed status callback."""
        return self._send(event, signer=RequestValidator(self.auth_token))

    def forge(self, event: Push) -> httpx.Response:
        """Send one with a signature of somebody who does not know the secret."""
        return self._send(event, signer=RequestValidator(NOT_THE_SECRET))

    def _send(self, event: Push, *, signer: RequestValidator) -> httpx.Response:
        match self.way:
            case "form":
                headers = self._signed(self.url, dict(event), signer=signer)
                return self.client.post(self._path(self.url), data=dict(event), headers=headers)
            case "json":
                body = json.dumps(dict(event)).encode()
                url = f"{self.url}?bodySHA256={hashlib.sha256(body).hexdigest()}"
                headers = {"Content-Type": "application/json", **self._signed(url, {}, signer=signer)}
                return self.client.post(self._path(url), content=body, headers=headers)
            case "query":
                url = f"{self.url}?{urlencode(dict(event))}"
                return self.client.get(self._path(url), headers=self._signed(url, {}, signer=signer))

    @staticmethod
    def _signed(url: str, form: Mapping[str, str], *, signer: RequestValidator) -> dict[str, str]:
        return {"X-Twilio-Signature": signer.compute_signature(url, form)}

    @staticmethod
    def _path(url: str) -> str:
        return httpx.URL(url).raw_path.decode()


CENTRES: Mapping[type[ContactCentre], str] = MappingProxyType({ZammadCentre: "zammad", TwilioCentre: "twilio"})
"""Who speaks which adapter of intake."""


def at_intake[C: ContactCentre](kind: type[C], *, admin: Person, client: httpx.Client, country: str = "CN") -> C:
    """One of this kind, with a new push source and a secret of its own; it calls intake where `client` does.

    `admin` is one at intake, `client` shows no token, `country` says how numbers without a prefix are read.
    """
    secret = secrets.token_urlsafe(24)
    source: dict[str, Json] = {
        "name": f"{CENTRES[kind]}-{secrets.token_hex(6)}",
        "adapter": CENTRES[kind],
        "secret": secret,
        "country": country,
        "public_base": str(client.base_url).rstrip("/"),
    }
    made = admin.create("/v1/push-sources", source)
    return kind.at(text(made, "push_url"), secret=secret, client=client)
