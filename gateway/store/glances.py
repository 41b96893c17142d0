"""What nearly every request asks: not asked again, or asked for all who ask at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select

from gateway.core.members import Held
from gateway.core.model import Record
from gateway.store.connection import Pool
from gateway.store.keeping import Kept, Watch
from gateway.store.prepared import Statements
from gateway.store.queries import storable
from gateway.store.records import CHOSEN, IN_ORG
from gateway.store.rows import ORG, TOKEN, USER, org_of, token_of
from gateway.store.session import Session
from gateway.store.sharing import Shared
from gateway.store.standing import Standing
from gateway.store.tables import approvals, orgs, protections, records, tokens, users
from gateway.store.whole import record_of, whole

Asked = TypeVar("Asked", bound=Hashable)
Found = TypeVar("Found")

Key = tuple[UUID, UUID]
"""An org, and a token."""

Numbered = tuple[UUID, int]
"""An org, and a record's number."""

_SMALL = 4096
"""Characters of what is said of a record at any length."""

_IS_DISCUSSED = or_(
    select(protections.c.id).where(protections.c.org_id == orgs.c.id).exists(),
    select(approvals.c.id).where(approvals.c.org_id == orgs.c.id).exists(),
)
_HELD = (
    select(*TOKEN, *USER, *ORG, _IS_DISCUSSED.label("is_discussed"))
    .select_from(tokens)
    .join(users, and_(users.c.org_id == tokens.c.org_id, users.c.id == tokens.c.user_id))
    .join(orgs, orgs.c.id == tokens.c.org_id)
    .where(
        tokens.c.org_id.in_(bindparam("orgs", expanding=True)),
        tokens.c.id.in_(bindparam("ids", expanding=True)),
    )
)
_NUMBERED = whole(CHOSEN.where(IN_ORG, records.c.number.in_(bindparam("numbers", expanding=True))))
_DISCUSSED = select(orgs.c.id).where(orgs.c.id.in_(bindparam("ids", expanding=True)), _IS_DISCUSSED)


class Glances:
    """One statement each, outside of any transaction: as of the moment it was begun.

    A file tells at next to no cost whether anybody has written, so an answer is kept until then. To
    ask a server for that costs what the question does: it is asked for all who ask at once instead.
    """

    def __init__(self, pool: Pool, statements: Statements) -> None:
        self._pool = pool
        self._statements = statements
        self._standing: list[Standing] = []
        is_file = pool.engine.dialect.name == "sqlite"
        self._watch = Watch(self._stand()) if is_file else None
        self.held = self._glance(_held)
        self.numbered = self._glance(_numbered, _is_small)
        self.discussed = self._glance(_discussed)

    async def close(self) -> None:
        """Give the connections back."""
        for standing in self._standing:
            await standing.close()

    def _glance(
        self,
        ask: Callable[[Session, Sequence[Asked]], Awaitable[Mapping[Asked, Found]]],
        is_small: Callable[[Found], bool] = lambda _: True,
    ) -> Kept[Asked, Found] | Shared[Asked, Found]:
        if self._watch is not None:
            return Kept(self._watch, ask, is_small)
        standing = self._stand()

        async def asked(keys: Sequence[Asked]) -> Mapping[Asked, Found]:
            async with standing.session() as session:
                return await ask(session, keys)

        return Shared(asked)

    def _stand(self) -> Standing:
        """A connection more, to be given back at the end."""
        standing = Standing(self._pool, self._statements)
        self._standing.append(standing)
        return standing


async def _held(session: Session, keys: Sequence[Key]) -> Mapping[Key, Held]:
    """Tokens with what they open, by org and token."""
    said = {"orgs": sorted({org for org, _ in keys}), "ids": sorted({own for _, own in keys})}
    rows = await session.all(_HELD, said)
    return {
        (row.orgs__id, row.tokens__id): Held(token_of(row), org_of(row), bool(row.is_discussed))
        for row in rows
    }


async def _numbered(session: Session, keys: Sequence[Numbered]) -> Mapping[Numbered, Record]:
    """Records by org and number."""
    found: dict[Numbered, Record] = {}
    for org_id, numbers in _by_org(keys).items():
        said = {"org": org_id, "numbers": [storable(number) for number in numbers]}
        for row in await session.all(_NUMBERED, said):
            found[org_id, row.records__number] = record_of(row)
    return found


async def _discussed(session: Session, org_ids: Sequence[UUID]) -> Mapping[UUID, bool]:
    """Which orgs protect something, or did when something was said of a deployment."""
    rows = await session.all(_DISCUSSED, {"ids": org_ids})
    return dict.fromkeys(org_ids, False) | {row.id: True for row in rows}


def _is_small(record: Record) -> bool:
    """Whether hundreds like it are no burden: some of what is said may be of any length."""
    said = (record.delivery.title, record.delivery.changelog, record.delivery.url)
    return len(f"{said}{record.runtime}{record.kept}") <= _SMALL


def _by_org(keys: Sequence[Numbered]) -> Mapping[UUID, list[int]]:
    found: defaultdict[UUID, list[int]] = defaultdict(list)
    for org_id, number in keys:
        found[org_id].append(number)
    return found
