"""What nearly every request asks: from a cache, or once for all who ask at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, or_, select

from gateway.core.members import Held
from gateway.core.model import Record
from gateway.store.connection import Pool
from gateway.store.keeping import Kept, Watch
from gateway.store.prepared import Statements, Values
from gateway.store.queries import storable
from gateway.store.questions import Question
from gateway.store.recalling import AS_OF, Recalled, Seen
from gateway.store.records import CHOSEN, IN_ORG
from gateway.store.rows import ORG, TOKEN, USER, org_of, token_of
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
).label("is_discussed")
_HELD = (
    select(*TOKEN, *USER, *ORG, _IS_DISCUSSED)
    .select_from(tokens)
    .join(users, and_(users.c.org_id == tokens.c.org_id, users.c.id == tokens.c.user_id))
    .join(orgs, orgs.c.id == tokens.c.org_id)
    .where(
        tokens.c.org_id.in_(bindparam("orgs", expanding=True)),
        tokens.c.id.in_(bindparam("ids", expanding=True)),
    )
)
_NUMBERED = whole(CHOSEN.where(IN_ORG, records.c.number.in_(bindparam("numbers", expanding=True))))
_DISCUSSED = select(*ORG, _IS_DISCUSSED).where(orgs.c.id.in_(bindparam("ids", expanding=True)))
_NOW = select(AS_OF)


class Glances:
    """Questions of one statement each, outside of any transaction, with a cache.

    An answer is valid until somebody commits. Of a file that is known at next to no cost. A server
    is asked what its statements would see, once for all who ask at the same time.
    """

    def __init__(self, pool: Pool, statements: Statements) -> None:
        self._pool = pool
        self._statements = statements
        self._standing = [Standing(pool, statements)]
        is_file = pool.engine.dialect.name == "sqlite"
        self._watch = Watch(self._standing[0]) if is_file else None
        self._now = Shared(self._ask_now)
        self.held = self._glance(Question(_HELD, _of_tokens, _held))
        self.numbered = self._glance(Question(_NUMBERED, _of_numbers, _numbered, _is_small))
        self.discussed = self._glance(Question(_DISCUSSED, _of_orgs, _discussed))

    async def close(self) -> None:
        """Give the connections back."""
        for standing in self._standing:
            await standing.close()

    def _glance(
        self, question: Question[Asked, Found]
    ) -> Kept[Asked, Found] | Recalled[Asked, Found]:
        if self._watch is not None:
            return Kept(self._watch, question.ask, question.is_small)
        standing, telling = Standing(self._pool, self._statements), question.as_of()
        self._standing.append(standing)

        async def ask(keys: Sequence[Asked]) -> Seen[Asked, Found]:
            async with standing.session() as session:
                return await telling.ask_as_of(session, keys)

        return Recalled(self._seen, ask, question.is_small)

    async def _seen(self) -> object:
        """What a statement would see, asked for all who want to know at the same time."""
        return await self._now.find(None)

    async def _ask_now(self, keys: Sequence[None]) -> Mapping[None, object]:
        async with self._standing[0].session() as session:
            rows = await session.all(_NOW)
        return dict.fromkeys(keys, rows[0].as_of)


def _of_tokens(keys: Sequence[Key]) -> Iterator[Values]:
    yield {"orgs": sorted({org for org, _ in keys}), "ids": sorted({own for _, own in keys})}


def _held(row: Row[Any]) -> tuple[Key, Held]:
    """A token with what it opens."""
    held = Held(token_of(row), org_of(row), bool(row.is_discussed))
    return (row.orgs__id, row.tokens__id), held


def _of_numbers(keys: Sequence[Numbered]) -> Iterator[Values]:
    by_org: defaultdict[UUID, list[int]] = defaultdict(list)
    for org_id, number in keys:
        by_org[org_id].append(storable(number))
    for org_id, numbers in by_org.items():
        yield {"org": org_id, "numbers": numbers}


def _numbered(row: Row[Any]) -> tuple[Numbered, Record]:
    return (row.orgs__id, row.records__number), record_of(row)


def _of_orgs(keys: Sequence[UUID]) -> Iterator[Values]:
    yield {"ids": keys}


def _discussed(row: Row[Any]) -> tuple[UUID, bool]:
    """Whether the org protects something, or did when something was said of a deployment."""
    return row.orgs__id, bool(row.is_discussed)


def _is_small(record: Record) -> bool:
    """Whether hundreds like it are no burden: some of what is said may be of any length."""
    said = (record.delivery.title, record.delivery.changelog, record.delivery.url)
    return len(f"{said}{record.runtime}{record.kept}") <= _SMALL
