"""Pushes prove whose they are: known vectors, the vendor's own signer, both secrets, and what is off by a bit."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from shared.security.signatures import (
    Encoding,
    basic_fits,
    body_fits,
    is_recent,
    public_key_fits,
    spellings,
    timed_body_fits,
    token_fits,
    url_fits,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AGE = timedelta(minutes=5)
BODY = b'{"event": "newCall"}'
GOLDEN_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
GOLDEN = {
    "CallSid": ["CA1234567890ABCDE"],
    "Caller": ["+14158675309"],
    "Digits": ["1234"],
    "From": ["+14158675309"],
    "To": ["+18005551212"],
}
PARAMETERS = st.dictionaries(st.text(max_size=10), st.lists(st.text(max_size=10), min_size=1, max_size=3), max_size=5)


class Form(dict[str, list[str]]):
    """Parameters as the signer takes them where a name may come more than once."""

    def getall(self, name: str) -> list[str]:
        return self[name]


def fits(signature: str | None, *, url: str = GOLDEN_URL, tokens: tuple[str, ...] = ("12345",)) -> bool:
    return url_fits(signature, url=url, parameters=GOLDEN, body=b"", auth_tokens=tokens)


def test_the_golden_vector_of_twilio_fits() -> None:
    assert fits("RSOYDt4T1cUTdK1PDd93/VVr8B8=")


@pytest.mark.parametrize("signature", [None, "", "RSOYDt4T1cUTdK1PDd93/VVr8C8=", "not base64", "é", "RSOYDt4T"])
def test_any_other_signature_does_not(signature: str | None) -> None:
    assert not fits(signature)


def test_both_secrets_count_while_a_source_is_rotated_and_none_counts_for_nothing() -> None:
    good = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert fits(good, tokens=("new", "12345"))
    assert not fits(good, tokens=("new",))
    assert not fits(good, tokens=())
    assert not fits(base64.b64encode(hmac.new(b"", b"", "sha1").digest()).decode(), tokens=("",))


@given(PARAMETERS)
def test_what_twilios_own_signer_signs_fits(parameters: dict[str, list[str]]) -> None:
    signature = RequestValidator("12345").compute_signature(GOLDEN_URL, Form(parameters))
    assert url_fits(signature, url=GOLDEN_URL, parameters=parameters, body=b"", auth_tokens=("12345",))


@pytest.mark.parametrize(
    ("called", "configured"),
    [
        ("https://a.example/push", "https://a.example:443/push"),
        ("https://a.example:443/push", "https://a.example/push"),
        ("https://a.example/push", "https://a.example:8443/push"),
        ("http://a.example:80/push?x=1", "http://a.example/push?x=1"),
        ("https://[2001:db8::1]/push", "https://[2001:db8::1]:443/push"),
    ],
)
def test_the_port_makes_no_difference(called: str, configured: str) -> None:
    assert fits(RequestValidator("12345").compute_signature(called, Form(GOLDEN)), url=configured)


def test_credentials_in_a_url_are_kept() -> None:
    assert spellings("https://u:p@a.example/x") == ("https://u:p@a.example/x", "https://u:p@a.example:443/x")


def test_a_json_body_is_signed_through_its_hash_in_the_url() -> None:
    url = f"https://a.example/push?bodySHA256={hashlib.sha256(BODY).hexdigest()}"
    signature = RequestValidator("12345").compute_signature(url, {})
    assert url_fits(signature, url=url, parameters={}, body=BODY, auth_tokens=("12345",))
    assert not url_fits(signature, url=url, parameters={}, body=BODY + b" ", auth_tokens=("12345",))


@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_body_fits_its_hmac_and_no_other(encoding: Encoding) -> None:
    digest = hmac.new(b"secret", BODY, "sha1").digest()
    text = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()

    def answer(signature: str, body: bytes) -> bool:
        return body_fits(
            signature, body=body, secrets=("new", "secret"), digest="sha1", encoding=encoding, prefix="sha1="
        )

    assert answer(f"sha1={text}", BODY)
    assert answer(f"sha1=00, sha1={text}", BODY)
    assert not answer(text, BODY)
    assert not answer(f"sha1={text}", BODY + b" ")
    assert not answer("sha1=", BODY)


@pytest.mark.parametrize(("seconds", "right"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_a_timed_signature_is_good_for_its_age(seconds: int, right: bool) -> None:  # noqa: FBT001
    timestamp = str(int((NOW - timedelta(seconds=seconds)).timestamp()))
    signature = "v1=" + hmac.new(b"secret", timestamp.encode() + b"." + BODY, "sha256").hexdigest()
    assert (
        timed_body_fits(
            signature,
            timestamp=timestamp,
            body=BODY,
            secrets=("secret",),
            separator=".",
            encoding="hex",
            now=NOW,
            max_age=AGE,
            prefix="v1=",
        )
        is right
    )


@pytest.mark.parametrize(
    ("timestamp", "recent"),
    [
        ("1772442000", True),
        ("1772442000000", True),
        ("2026-03-02T09:00:00Z", True),
        ("2026-03-02T17:00:00+08:00", True),
        ("2026-03-02T09:00:00", False),
        ("9" * 400, False),
        ("-5", False),
        ("１２３", False),
        ("", False),
    ],
)
def test_timestamps_are_read_in_the_spellings_of_vendors(timestamp: str, recent: bool) -> None:  # noqa: FBT001
    assert is_recent(timestamp, now=NOW, max_age=AGE) is recent


def test_public_keys_verify_what_their_private_keys_signed() -> None:
    edwards = ed25519.Ed25519PrivateKey.generate()
    rivest = rsa.generate_private_key(65537, 2048)
    curve = ec.generate_private_key(ec.SECP256R1())
    timed = b"1772442000|" + BODY
    signed = {
        "raw": (edwards.public_key().public_bytes_raw(), edwards.sign(timed)),
        "rsa": (pem(rivest.public_key()), rivest.sign(timed, padding.PKCS1v15(), hashes.SHA256())),
        "ec": (pem(curve.public_key()), curve.sign(timed, ec.ECDSA(hashes.SHA256()))),
    }
    for kind, (key, signature) in signed.items():
        public = base64.b64encode(key).decode() if kind == "raw" else key.decode()
        given = base64.b64encode(signature).decode()
        assert public_key_fits(given, body=BODY, public_keys=("broken", public), timestamp="1772442000")
        assert not public_key_fits(given, body=BODY, public_keys=(public,))
        assert not public_key_fits(given, body=BODY + b" ", public_keys=(public,), timestamp="1772442000")


def pem(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def test_tokens_and_passwords_are_compared_whole() -> None:
    assert token_fits("abc", secrets=("x", "abc"))
    assert not token_fits("ab", secrets=("abc",))
    assert not token_fits("", secrets=("",))
    good = "Basic " + base64.b64encode("intake:geheim-ä".encode()).decode()
    assert basic_fits(good, credentials=("intake:geheim-ä",))
    assert not basic_fits(good, credentials=("intake:other",))
    for header in (None, "", "Basic", "Basic !!", "Bearer abc"):
        assert not basic_fits(header, credentials=("intake:geheim-ä",))
