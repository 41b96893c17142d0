"""A credential that does not hold opens nothing and tells nothing of what it names."""

from __future__ import annotations

import ast
import base64
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import jwt
import pytest

import gateway
from gateway.access import PREFIX, digest
from gateway.core.context import Permission
from gateway.core.members import ROOT, Token
from gateway.registry import installed
from tests.isolation.tenants import asked, told
from tests.world import World, Worlds

KEY = "the-key-that-signs-in-these-tests"
PATHS = {
    "canonical": "/gateway/v1/records",
    "chainloop": "/v1/deployments",
    "github": "/orgs/acme/artifacts/metadata/deployment-records",
    "gitlab": "/api/v4/projects",
    "iftrue": "/v1/organization/deployment",
}
OWN_WORDS = {
    "gitlab": {"expired", "revoked"},
    "chainloop": {"expired", "another key", "changed claim", "another algorithm", "confused"}
    | {"asymmetric", "none in capitals", "no signature", "truncated"},
}
"""What a provider words in its own way. It says so of the credential alone, before any lookup, or
to whoever holds the true secret."""

_PEM = """-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALeRUqN4yYDT1dYwyA7Q4jW1E5QoRxB3
-----END PUBLIC KEY-----
"""


@dataclass(frozen=True, slots=True)
class Issued:
    """A token in both forms, and what its signed form claims."""

    token: str
    jwt: str

    @property
    def claims(self) -> dict[str, object]:
        return dict(jwt.decode(self.jwt, options={"verify_signature": False}))


@pytest.fixture(scope="module")
async def there(worlds: Worlds) -> AsyncIterator[tuple[World, dict[str, Issued]]]:
    """A world with a token that holds, one that is revoked and one that has expired."""
    async with worlds.lent(secret_key=KEY) as world:
        good, revoked = await issued(world), await issued(world)
        await world.admin("DELETE", f"/orgs/acme/tokens/{revoked.claims['jti']}")
        yield world, {"good": good, "revoked": revoked, "expired": await expired(world)}


async def issued(world: World) -> Issued:
    body = {"user": "ada", "permission": "write"}
    made = (await world.admin("POST", "/orgs/acme/tokens", body)).json()
    return Issued(made["token"], made["jwt"])


async def expired(world: World) -> Issued:
    """The API makes none that has expired already."""
    access, store = world.gateway.access, world.gateway.store
    long_ago = ROOT.created_at
    token_id = UUID("019aa000-0000-7000-8000-00000000e0e0")
    async with store.writing() as tx:
        org = await tx.org("acme")
        assert org is not None
        secret = await access.mint(org, token_id, "root", long_ago)
        hashes = {"secret_hash": digest(secret.token), "jwt_hash": digest(secret.jwt)}
        token = Token(
            **{"id": token_id, "org_id": org.id, "name": "", "user": ROOT},
            **{"permission": Permission.WRITE, "projects": None, **hashes},
            **{"created_at": long_ago, "expires_at": long_ago, "revoked_at": None},
        )
        await tx.make_token(token)
    return Issued(secret.token, secret.jwt)


def signed(claims: dict[str, object], key: str = KEY, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm=algorithm)


def unsigned(claims: dict[str, object]) -> str:
    return jwt.encode(claims, None, algorithm="none")


def by_hand(claims: dict[str, object], *, algorithm: str, key: str) -> str:
    """An HMAC of any key under any name, which no library would make."""
    parts = [json.dumps(part).encode() for part in ({"alg": algorithm, "typ": "JWT"}, claims)]
    text = ".".join(map(_base64, parts))
    return f"{text}.{_base64(hmac.digest(key.encode(), text.encode(), 'sha256'))}"


def _base64(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def forgeries(claims: dict[str, object], token: str) -> dict[str, str]:
    """Credentials that name what ``claims`` and ``token`` name and do not hold."""
    head, payload, _ = signed(claims, "k" * 40).split(".")
    blob = base64.urlsafe_b64decode(token.removeprefix(PREFIX) + "==")
    return {
        "none": unsigned(claims),
        "another key": signed(claims, "k" * 40),
        "changed claim": f"{head}.{payload}.{signed({**claims, 'sub': 'root'}).split('.')[2]}",
        "another algorithm": signed(claims, KEY * 2, "HS512"),
        "asymmetric": by_hand(claims, algorithm="RS256", key=KEY),
        "confused": by_hand(claims, algorithm="HS256", key=_PEM),
        "none in capitals": by_hand(claims, algorithm="NONE", key=KEY),
        "truncated": signed(claims)[:-5] + "AAAAA",
        "no signature": f"{head}.{payload}.",
        "a guessed secret": PREFIX + _base64(blob[:32] + bytes(32)),
        "a truncated secret": token[:-4],
    }


NOBODY = {"org": "nowhere", "jti": "019aa000-0000-7000-8000-000000000000", "sub": "nobody"}
NOBODYS = PREFIX + _base64(bytes(range(64)))
KINDS = tuple(forgeries(NOBODY, NOBODYS))


async def answer(world: World, dialect: str, credential: str) -> tuple[object, ...]:
    found = await asked(world, credential, "GET", PATHS[dialect])
    assert found.status_code == 401, (dialect, found.text)
    return told(found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dialect", PATHS)
async def test_a_forged_credential_answers_as_one_that_names_nobody(
    there: tuple[World, dict[str, Issued]], dialect: str, kind: str
) -> None:
    world, known = there
    good = known["good"]
    forged = await answer(world, dialect, forgeries(good.claims, good.token)[kind])
    assert forged == await answer(world, dialect, forgeries(NOBODY, NOBODYS)[kind])
    if kind not in OWN_WORDS.get(dialect, ()):
        assert forged == await answer(world, dialect, NOBODYS)


@pytest.mark.parametrize("kind", ["expired", "revoked"])
@pytest.mark.parametrize("dialect", PATHS)
async def test_one_that_no_longer_holds_answers_as_an_unknown_one(
    there: tuple[World, dict[str, Issued]], dialect: str, kind: str
) -> None:
    world, known = there
    unknown = await answer(world, dialect, NOBODYS)
    for form in (known[kind].token, known[kind].jwt):
        seen = await answer(world, dialect, form)
        assert (seen == unknown) is (kind not in OWN_WORDS.get(dialect, ()))


@pytest.mark.parametrize("dialect", PATHS)
async def test_whoever_has_the_ids_alone_hears_nothing_of_their_end(
    there: tuple[World, dict[str, Issued]], dialect: str
) -> None:
    world, known = there
    unknown = await answer(world, dialect, NOBODYS)
    for kind in ("expired", "revoked"):
        guessed = forgeries(known[kind].claims, known[kind].token)["a guessed secret"]
        assert await answer(world, dialect, guessed) == unknown


async def test_a_true_signature_over_changed_claims_opens_nothing(
    there: tuple[World, dict[str, Issued]],
) -> None:
    """Even the key that signs makes no credential: the store knows each by its digest."""
    world, known = there
    claims = known["good"].claims
    other = (await world.admin("GET", "/orgs/acme/tokens")).json()["tokens"][0]["id"]
    for changed in ({"org": "umbrella"}, {"jti": other}, {"sub": "root"}, {"exp": 2**40}):
        for dialect in PATHS:
            assert await answer(world, dialect, signed({**claims, **changed}))


def test_every_dialect_is_asked() -> None:
    assert PATHS.keys() == installed().keys()


def test_secrets_are_compared_in_constant_time() -> None:
    """No ``==`` has a secret, a digest or a signature on a side."""
    source = Path(gateway.__file__).with_name("access.py").read_text()
    compared = [
        ast.unparse(side)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare)
        and any(isinstance(op, ast.Eq | ast.NotEq | ast.In) for op in node.ops)
        for side in (node.left, *node.comparators)
    ]
    assert not [side for side in compared if any(w in side for w in ("hash", "digest", "secret"))]
    assert source.count("hmac.compare_digest(") == 3
