"""How vendors prove that a push is theirs: pure checks over raw bytes, every comparison in constant time.

A source has up to two secrets while it is rotated, so each check takes all active secrets and passes with any of them.
Source: `contact-centre-push.md`, the seven primitives; JWT bodies are the business of `tokens`.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import parse_qs, urlsplit, urlunsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

type Digest = Literal["sha1", "sha256"]
type Encoding = Literal["hex", "base64"]

MILLISECOND_DIGITS = 13
DEFAULT_PORTS = {"http": 80, "https": 443}


def token_fits(given: str, *, secrets: Sequence[str]) -> bool:
    """A static token in the path or in a header."""
    return _any_equal([_bytes(given)], [_bytes(secret) for secret in secrets if secret])


def basic_fits(header: str | None, *, credentials: Sequence[str]) -> bool:
    """HTTP Basic; `credentials` are `user:password`."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return False
    return _any_equal(_decoded(encoded.strip(), encoding="base64"), [_bytes(one) for one in credentials if one])


def body_fits(
    signature: str | None, *, body: bytes, secrets: Sequence[str], digest: Digest, encoding: Encoding, prefix: str = ""
) -> bool:
    """HMAC over the raw body, for instance `X-Hub-Signature: sha1=<hex>`; several signatures may stand with commas."""
    given = [one.strip().removeprefix(prefix) for one in (signature or "").split(",") if one.strip().startswith(prefix)]
    decoded = [found for one in given for found in _decoded(one, encoding=encoding)]
    return _any_equal(decoded, [_hmac(secret, body, digest=digest) for secret in secrets if secret])


def timed_body_fits(
    signature: str | None,
    *,
    timestamp: str | None,
    body: bytes,
    secrets: Sequence[str],
    separator: str,
    encoding: Encoding,
    now: datetime,
    max_age: timedelta,
    prefix: str = "",
) -> bool:
    """HMAC-SHA256 over `timestamp{separator}body`; the timestamp must be within `max_age` of `now`, either way.

    The timestamp is Unix seconds or milliseconds, or ISO 8601. `now` is real time: vendors know no test clock.
    """
    if timestamp is None or not is_recent(timestamp, now=now, max_age=max_age):
        return False
    signed = f"{timestamp}{separator}".encode("utf-8", "surrogatepass") + body
    return body_fits(signature, body=signed, secrets=secrets, digest="sha256", encoding=encoding, prefix=prefix)


def url_fits(
    signature: str | None, *, url: str, parameters: Mapping[str, Sequence[str]], body: bytes, auth_tokens: Sequence[str]
) -> bool:
    """Twilio: HMAC-SHA1 over the URL that Twilio called and the sorted form parameters, with and without the port.

    Where the URL has `bodySHA256`, the parameters stay out and the body's SHA-256 has to be that.
    """
    promised = parse_qs(urlsplit(url).query).get("bodySHA256")
    if promised and not _any_equal([_bytes(promised[0].lower())], [_bytes(hashlib.sha256(body).hexdigest())]):
        return False
    text = "" if promised else _sorted_text(parameters)
    expected = [
        _hmac(token, _bytes(spelling + text), digest="sha1")
        for token in auth_tokens
        if token
        for spelling in spellings(url)
    ]
    return _any_equal(_decoded(signature or "", encoding="base64"), expected)


def public_key_fits(
    signature: str | None,
    *,
    body: bytes,
    public_keys: Sequence[str],
    timestamp: str | None = None,
    separator: str = "|",
) -> bool:
    """Ed25519, RSA (PKCS #1, SHA-256) or ECDSA, in base64, over the body or `timestamp{separator}body`.

    Keys are PEM, or the 32 bytes of an Ed25519 key in base64. An age limit is the caller's (`is_recent`).
    """
    signed = body if timestamp is None else f"{timestamp}{separator}".encode("utf-8", "surrogatepass") + body
    return any(
        _verifies(key, signature=given, signed=signed)
        for given in _decoded(signature or "", encoding="base64")
        for key in public_keys
    )


def is_recent(timestamp: str, *, now: datetime, max_age: timedelta) -> bool:
    """Whether `timestamp` (Unix seconds or milliseconds, or ISO 8601 with a zone) is within `max_age` of `now`."""
    try:
        if timestamp.isascii() and timestamp.isdigit():
            seconds = int(timestamp[:20])
            moment = seconds / 1000 if len(timestamp) >= MILLISECOND_DIGITS else float(seconds)
        else:
            moment = _zoned(timestamp).timestamp()
    except (ValueError, OverflowError):
        return False
    return abs(now.timestamp() - moment) <= max_age.total_seconds()


def spellings(url: str) -> tuple[str, ...]:
    """The URL as it is, and with the scheme's default port put in or left out: Twilio signs one or the other."""
    parts = urlsplit(url)
    default = DEFAULT_PORTS.get(parts.scheme)
    host = parts.netloc.rpartition("@")[2]
    if default is None or not host:
        return (url,)
    if host.endswith(f":{default}"):
        other = parts.netloc.removesuffix(f":{default}")
    elif ":" in host.rpartition("]")[2]:
        other = parts.netloc[: parts.netloc.rindex(":")]
    else:
        other = f"{parts.netloc}:{default}"
    return (url, urlunsplit(parts._replace(netloc=other)))


def _sorted_text(parameters: Mapping[str, Sequence[str]]) -> str:
    return "".join(key + value for key in sorted(parameters) for value in sorted({*parameters[key]}))


def _zoned(timestamp: str) -> datetime:
    moment = datetime.fromisoformat(timestamp)
    if moment.tzinfo is None:
        raise ValueError("a timestamp without a zone says nothing about its age")
    return moment


def _hmac(secret: str, signed: bytes, *, digest: Digest) -> bytes:
    return hmac.new(_bytes(secret), signed, digest).digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(text: str, *, encoding: Encoding) -> list[bytes]:
    """What `text` stands for; nothing where it is not of that encoding."""
    try:
        return [bytes.fromhex(text) if encoding == "hex" else base64.b64decode(text, validate=True)]
    except (binascii.Error, ValueError):
        return []


def _any_equal(given: Sequence[bytes], expected: Sequence[bytes]) -> bool:
    """Compares all with all, so that the time taken tells nothing about which one fitted."""
    found = False
    for one in given:
        for other in expected:
            found = hmac.compare_digest(one, other) or found
    return found


def _verifies(public_key: str, *, signature: bytes, signed: bytes) -> bool:
    try:
        if "BEGIN" in public_key:
            key = serialization.load_pem_public_key(public_key.encode())
        else:
            key = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        match key:
            case ed25519.Ed25519PublicKey():
                key.verify(signature, signed)
            case rsa.RSAPublicKey():
                key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
            case ec.EllipticCurvePublicKey():
                key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
            case _:
                return False
    except (InvalidSignature, ValueError):
        return False
    return True
