"""From a credential to a caller: tokens, their two forms, and what they open.

A token is ``dgw_`` and 64 bytes in URL-safe base64: the org's id, the token's id and a secret. Its
other form is a JWT (HS256; claims ``org``, ``jti``, ``sub``, ``exp``). Both say where to look, so
that a lookup begins with the org; both are stored only as a SHA-256 digest.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import jwt

from gateway.core.context import Caller, Permission
from gateway.core.errors import Doubt, NotFound, Unauthenticated
from gateway.core.limits import MAX_NUMBER
from gateway.core.members import ROOT, Held, Token
from gateway.core.model import Org, User
from gateway.ports import Clock, Reading, Store

PREFIX = "dgw_"
_ALGORITHM = "HS256"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """A new credential in both forms; shown once, never stored."""

    token: str
    jwt: str


class Access:
    """Knows who holds a credential and which org a request is about.

    ``admin_token`` is the instance administrator's secret. ``jwt_key`` signs the JWT form; without
    one, the key that the store keeps does. ``default_org`` is where the administrator works when a
    request names no org.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        jwt_key: str | None = None,
        admin_token: str | None = None,
        default_org: str | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._jwt_key = jwt_key
        self._admin_token = admin_token
        self._default_org = default_org

    async def authenticate(self, credential: str | None) -> Caller:
        """Who holds this credential. Raises ``Unauthenticated`` with the reason."""
        if not credential:
            raise Unauthenticated(Doubt.MISSING)
        if self._is_admin(credential):
            return Caller(user=ROOT, permission=Permission.ADMIN)
        by = self._by_secret if credential.startswith(PREFIX) else self._by_jwt
        held = await by(credential)
        token = held.token
        if token.revoked_at is not None:
            raise Unauthenticated(Doubt.REVOKED)
        if token.expires_at is not None and token.expires_at <= self._clock.now():
            raise Unauthenticated(Doubt.EXPIRED)
        return Caller(
            token.user,
            token.permission,
            held.org,
            token.projects,
            token.id,
            is_discussed=held.is_discussed,
        )

    async def speaking_for(self, said: str) -> Caller:
        """A user by number, or by a username that is none, with what their strongest token may do.

        Of several orgs' users of one name it is that of the first org by name. Raises ``NotFound``.
        """
        number = _number(said)
        async with self._store.reading() as reading:
            for org in await reading.orgs():
                if number is None:
                    user = await reading.user(org.id, said)
                else:
                    user = await reading.user_with_number(org.id, number)
                if user is not None and user.id != ROOT.id:
                    return _with(user, org, await self._held(reading, org, user))
        raise NotFound("user", said)

    async def _held(self, reading: Reading, org: Org, user: User) -> list[Token]:
        now = self._clock.now()
        return [
            token
            for token in await reading.tokens(org.id)
            if token.user.id == user.id
            and token.revoked_at is None
            and (token.expires_at is None or token.expires_at > now)
        ]

    async def org(self, caller: Caller, name: str | None) -> Org:
        """The org a request is about. Raises ``NotFound`` for one the caller cannot enter."""
        if caller.org is not None:
            if name is None or caller.org.answers_to(name):
                return caller.org
            raise NotFound("org", name)
        name = name or self._default_org
        if name is None:
            raise NotFound("org")
        async with self._store.reading() as reading:
            org = await reading.org(name)
        if org is None:
            raise NotFound("org", name)
        return org

    async def org_of_project(self, caller: Caller, number: int) -> Org:
        """The org of a project addressed by number. Raises ``NotFound``."""
        if caller.org is not None:
            return caller.org
        async with self._store.reading() as reading:
            org = await reading.org_of_project(number)
        if org is None:
            raise NotFound("project", str(number))
        return org

    async def org_of_record(self, caller: Caller, record_id: UUID) -> Org:
        """The org of a record addressed by id. Raises ``NotFound``."""
        if caller.org is not None:
            return caller.org
        async with self._store.reading() as reading:
            org = await reading.org_of_record(record_id)
        if org is None:
            raise NotFound("record", str(record_id))
        return org

    async def mint(
        self, org: Org, token_id: UUID, username: str, expires_at: datetime | None
    ) -> Secret:
        """A new credential for a token of this id, in both forms."""
        blob = org.id.bytes + token_id.bytes + secrets.token_bytes(_SECRET_BYTES)
        claims: dict[str, object] = {"org": org.name, "jti": str(token_id), "sub": username}
        if expires_at is not None:
            claims["exp"] = int(expires_at.timestamp())
        return Secret(
            token=PREFIX + base64.urlsafe_b64encode(blob).decode().rstrip("="),
            jwt=jwt.encode(claims, await self._key(), algorithm=_ALGORITHM),
        )

    def _is_admin(self, credential: str) -> bool:
        if self._admin_token is None:
            return False
        return hmac.compare_digest(credential.encode(), self._admin_token.encode())

    async def _by_secret(self, credential: str) -> Held:
        held = await self._store.held(*_ids(credential))
        if held is None or not hmac.compare_digest(held.token.secret_hash, digest(credential)):
            raise Unauthenticated(Doubt.UNKNOWN)
        return held

    async def _by_jwt(self, credential: str) -> Held:
        claims = _claims(credential, await self._key())
        try:
            name, token_id = str(claims["org"]), UUID(str(claims["jti"]))
        except (KeyError, ValueError):
            raise Unauthenticated(Doubt.UNKNOWN) from None
        async with self._store.reading() as reading:
            org = await reading.org(name)
        held = await self._store.held(org.id, token_id) if org is not None else None
        if held is None or not hmac.compare_digest(held.token.jwt_hash, digest(credential)):
            raise Unauthenticated(Doubt.UNKNOWN)
        return held

    async def _key(self) -> str:
        if self._jwt_key is None:
            self._jwt_key = await self._store.signing_key()
        return self._jwt_key


def _claims(credential: str, key: str) -> dict[str, object]:
    """The verified claims; their expiry is judged by the stored token, with our clock."""
    try:
        if jwt.get_unverified_header(credential).get("alg") not in (_ALGORITHM, "none"):
            raise Unauthenticated(Doubt.WRONG_ALGORITHM)
        options: jwt.types.Options = {"verify_exp": False}
        return jwt.decode(credential, key, algorithms=[_ALGORITHM], options=options)
    except jwt.InvalidSignatureError:
        raise Unauthenticated(Doubt.FORGED) from None
    except jwt.ImmatureSignatureError:
        raise Unauthenticated(Doubt.EXPIRED) from None
    except (jwt.InvalidTokenError, ValueError):
        raise Unauthenticated(Doubt.MALFORMED) from None


def _number(said: str) -> int | None:
    """The number that all digits are; 0, which no user has, for one beyond every database."""
    if not (said.isascii() and said.isdigit()):
        return None
    number = int(said) if len(said) <= len(str(MAX_NUMBER)) else 0
    return number if number <= MAX_NUMBER else 0


def _with(user: User, org: Org, held: Sequence[Token]) -> Caller:
    """The user with what their tokens of the highest permission open; without one, nothing."""
    permission = max((token.permission for token in held), default=Permission.READ)
    opened = [token.projects for token in held if token.permission is permission]
    if None in opened:
        return Caller(user, permission, org)
    projects = frozenset(project for each in opened if each for project in each)
    return Caller(user, permission, org, projects)


def digest(secret: str) -> bytes:
    """What is stored of a secret. It has 256 random bits, so a plain hash is enough."""
    return sha256(secret.encode()).digest()


def _ids(credential: str) -> tuple[UUID, UUID]:
    text = credential.removeprefix(PREFIX)
    try:
        blob = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Unauthenticated(Doubt.UNKNOWN) from None
    if len(blob) != 32 + _SECRET_BYTES:
        raise Unauthenticated(Doubt.UNKNOWN)
    return UUID(bytes=blob[:16]), UUID(bytes=blob[16:32])
