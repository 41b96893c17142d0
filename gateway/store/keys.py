"""What the instance makes for itself on first use and then keeps."""

from __future__ import annotations

import secrets as randomness

from sqlalchemy import bindparam, select

from gateway.store.queries import Queries, insert_missing
from gateway.store.tables import secrets

_SIGNING = "signing_key"
_ENTROPY_BYTES = 32

_NAMED = select(secrets.c.value).where(secrets.c.name == bindparam("said"))
_KEEP = insert_missing(secrets)


class KeyQueries(Queries):
    """Reading the instance's keys."""

    async def signing_key(self) -> str | None:
        """The key that signs credentials; ``None`` before its first use."""
        row = await self._first(_NAMED, {"said": _SIGNING})
        return None if row is None else str(row.value)


class KeyWrites(KeyQueries):
    """Making them."""

    async def make_signing_key(self) -> str:
        """The one made, or the one that another process has made meanwhile."""
        made = randomness.token_urlsafe(_ENTROPY_BYTES)
        await self._run(_KEEP, {"name": _SIGNING, "value": made})
        return await self.signing_key() or made
