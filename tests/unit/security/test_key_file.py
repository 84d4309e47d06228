"""The key of tokens may lie in a file as JWK or PEM; whoever has the public half reads what the private half signed."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from shared.http.problems import NotAuthenticated
from shared.security.key_file import public_set, read_key
from shared.security.tokens import LocalKey, Tokens, create_key_file, mint_token

type Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

KINDS: dict[str, Private] = {
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "RSA": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def private_file(key: Private, *, folder: Path) -> Path:
    file = folder / "private.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file


def public_file(key: Private, *, folder: Path) -> Path:
    file = folder / "public.pem"
    file.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return file


async def read(token: str, *, file: Path) -> str:
    return (await Tokens(LocalKey(file), issuer="tests", audience="shop").read(token)).actor.id


@pytest.mark.parametrize("kind", KINDS)
async def test_a_token_of_a_private_pem_is_read_with_the_public_one(kind: str, tmp_path: Path) -> None:
    private = private_file(KINDS[kind], folder=tmp_path)
    token = mint_token(private, subject="li", role="agent", issuer="tests", audience="shop")
    assert await read(token, file=public_file(KINDS[kind], folder=tmp_path)) == "li"
    with pytest.raises(ValueError, match="not sign"):
        mint_token(tmp_path / "public.pem", subject="li", role="agent", issuer="tests", audience="shop")


async def test_a_token_of_a_private_jwk_is_read_with_the_public_one(tmp_path: Path) -> None:
    private = create_key_file(tmp_path / "jwt.json")
    token = mint_token(private, subject="li", role="agent", issuer="tests", audience="shop")
    public = tmp_path / "public.json"
    public.write_text(json.dumps({name: one for name, one in json.loads(private.read_text()).items() if name != "d"}))
    assert await read(token, file=public) == "li"


async def test_a_set_of_public_keys_reads_what_each_of_the_private_ones_signed(tmp_path: Path) -> None:
    old, new = (create_key_file(tmp_path / name) for name in ("old.json", "new.json"))
    sets = [json.loads(public_set(file)) for file in (new, old)]
    assert not any({"d", "p", "q"} & key.keys() for one in sets for key in one["keys"])
    both = tmp_path / "both.json"
    both.write_text(json.dumps({"keys": [key for one in sets for key in one["keys"]]}))
    for private, subject in ((old, "li"), (new, "wang")):
        token = mint_token(private, subject=subject, role="agent", issuer="tests", audience="shop")
        assert await read(token, file=both) == subject
    stranger = create_key_file(tmp_path / "stranger.json")
    with pytest.raises(NotAuthenticated):
        await read(mint_token(stranger, subject="li", role="agent", issuer="tests", audience="shop"), file=both)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hush",
        "{",
        "{}",
        '{"keys": []}',
        '{"keys": [{"kty": "oct", "k": "aHVzaGh1c2hodXNoaHVzaGh1c2hodXNo"}]}',
        '{"kty": "oct", "k": "aHVzaGh1c2hodXNoaHVzaGh1c2hodXNo"}',
        "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n",
        ed448.Ed448PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    ],
    ids=[
        "empty",
        "no-key",
        "half",
        "nothing",
        "empty-set",
        "set-of-secrets",
        "shared-secret",
        "broken",
        "another-kind",
    ],
)
def test_what_is_no_key_of_tokens_is_told_without_a_word_of_it(text: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(text)
    with pytest.raises(ValueError, match="it holds no key; it may hold a JWK, a JWK set, or PEM") as wrong:
        read_key(file)
    assert "hush" not in str(wrong.value)
    assert wrong.value.__cause__ is None
