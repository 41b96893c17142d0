"""What nearly every request asks, asked for all who ask at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, bindparam, select

from gateway.core.members import Token
from gateway.core.model import Org, Record
from gateway.store.connection import Pool
from gateway.store.prepared import Statements
from gateway.store.queries import storable
from gateway.store.records import CHOSEN, IN_ORG
from gateway.store.rows import ORG, TOKEN, USER, org_of, token_of
from gateway.store.sharing import Shared
from gateway.store.standing import Standing
from gateway.store.tables import approvals, orgs, protections, records, tokens, users
from gateway.store.whole import record_of, whole

Own = TypeVar("Own")

Key = tuple[UUID, UUID]
"""An org, and something of its own."""

_HOLDERS = (
    select(*TOKEN, *USER, *ORG)
    .select_from(tokens)
    .join(users, and_(users.c.org_id == tokens.c.org_id, users.c.id == tokens.c.user_id))
    .join(orgs, orgs.c.id == tokens.c.org_id)
    .where(
        tokens.c.org_id.in_(bindparam("orgs", expanding=True)),
        tokens.c.id.in_(bindparam("ids", expanding=True)),
    )
)
_NUMBERED = whole(CHOSEN.where(IN_ORG, records.c.number.in_(bindparam("numbers", expanding=True))))
_PROTECTED = select(protections.c.id).where(protections.c.org_id == bindparam("org")).limit(1)
_DISCUSSED = select(approvals.c.record_id).where(
    approvals.c.org_id == bindparam("org"),
    approvals.c.record_id.in_(bindparam("ids", expanding=True)),
)


class Glances:
    """One statement each, outside of any transaction: as of the moment it was begun."""

    def __init__(self, pool: Pool, statements: Statements) -> None:
        self._holding = Standing(pool, statements)
        self._numbering = Standing(pool, statements)
        self._discussing = Standing(pool, statements)
        self.holders = Shared[Key, tuple[Token, Org]](self._holders)
        self.numbered = Shared[tuple[UUID, int], Record](self._numbered)
        self.discussed = Shared[Key, bool](self._discussed)

    async def close(self) -> None:
        """Give the connections back."""
        for standing in (self._holding, self._numbering, self._discussing):
            await standing.close()

    async def _holders(self, keys: Sequence[Key]) -> Mapping[Key, tuple[Token, Org]]:
        """Tokens with their orgs, by org and token."""
        said = {"orgs": sorted({org for org, _ in keys}), "ids": sorted({own for _, own in keys})}
        async with self._holding.session() as session:
            rows = await session.all(_HOLDERS, said)
        return {(row.orgs__id, row.tokens__id): (token_of(row), org_of(row)) for row in rows}

    async def _numbered(
        self, keys: Sequence[tuple[UUID, int]]
    ) -> Mapping[tuple[UUID, int], Record]:
        """Records by org and number."""
        found: dict[tuple[UUID, int], Record] = {}
        async with self._numbering.session() as session:
            for org_id, numbers in _by_org(keys).items():
                said = {"org": org_id, "numbers": [storable(number) for number in numbers]}
                for row in await session.all(_NUMBERED, said):
                    found[org_id, row.records__number] = record_of(row)
        return found

    async def _discussed(self, keys: Sequence[Key]) -> Mapping[Key, bool]:
        """Which records approvals may be about: all of an org that protects something."""
        found: dict[Key, bool] = {}
        async with self._discussing.session() as session:
            for org_id, ids in _by_org(keys).items():
                said = {"org": org_id, "ids": ids}
                is_protected = bool(await session.all(_PROTECTED, {"org": org_id}))
                rows = [] if is_protected else await session.all(_DISCUSSED, said)
                about = {row.record_id for row in rows}
                found |= {(org_id, own): is_protected or own in about for own in ids}
        return found


def _by_org(keys: Sequence[tuple[UUID, Own]]) -> Mapping[UUID, list[Own]]:
    found: defaultdict[UUID, list[Own]] = defaultdict(list)
    for org_id, own in keys:
        found[org_id].append(own)
    return found
