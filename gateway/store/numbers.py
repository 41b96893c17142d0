"""Numbers that are unique in the gateway, never given twice and counted by each org for itself.

A number that all orgs drew from one counter would tell each of them, by its gaps, how much the
others write. So an org has a range of 2**32 numbers of its own and counts 1, 2, 3… in it, per
kind. The first org has the range that begins at 0, which keeps the numbers of an installation
with one org small; any other has a random one, which tells nothing of how many there are. All
numbers stay below 2**53, so that a client in JavaScript reads them exactly.

On PostgreSQL an org's counters are sequences, since a sequence holds no lock until the commit and
writers of different slots do not queue for it. The first org's are made by the migrations; making
any other org makes its own, for which the gateway's user must be allowed to create them.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import REGCLASS

from gateway.store.prepared import Values
from gateway.store.session import Session
from gateway.store.tables import NUMBERED, counters, orgs

RANGE_BITS = 32
BASES = 2**20
"""How many ranges there are; an org's ``number_base`` is which of them is its own."""

_MINE = select(orgs.c.number_base).where(orgs.c.id == bindparam("org")).scalar_subquery()


def minted(kind: str) -> ColumnElement[int]:
    """PostgreSQL's expression for the next number of the org that is bound as ``org``."""
    name = func.concat_ws("_", literal_column(f"'{kind}_numbers'"), func.nullif(_MINE, 0))
    return func.nextval(cast(name, REGCLASS), type_=BigInteger)


_FROM_SEQUENCE = {kind: select(minted(kind)) for kind in NUMBERED}
_FROM_SEQUENCE_MANY = {
    kind: select(minted(kind)).select_from(
        func.generate_series(1, bindparam("count")).table_valued("value")
    )
    for kind in NUMBERED
}
_COUNTER = update(counters).where(
    counters.c.org_id == bindparam("org"), counters.c.name == bindparam("kind")
)
_COUNT = _COUNTER.values(last=counters.c.last + bindparam("count"))
_COUNT_AND_TELL = _COUNT.returning(counters.c.last)


def has_sequences(connection: Session) -> bool:
    """Whether the database mints numbers itself; else a row of ``counters`` does."""
    return connection.dialect.name == "postgresql"


async def begin_numbers(connection: Session, org_id: UUID, base: int) -> int:
    """Begin an org's counting in its range; answers with the number of the org itself."""
    if not has_sequences(connection):
        rows = [
            {"org_id": org_id, "name": kind, "last": first_number(kind, base) - 1}
            for kind in NUMBERED
        ]
        await connection.run(insert(counters), rows)
        return await next_number(connection, org_id, "org")
    suffix = f"_{base}" if base else ""
    for kind in NUMBERED if base else ():
        first = first_number(kind, base)
        await connection.run(text(f"CREATE SEQUENCE {kind}_numbers{suffix} START {first}"), {})
    return await _only(connection, select(func.nextval(f"org_numbers{suffix}")), {})


def first_number(kind: str, base: int) -> int:
    """Every org's built-in user is number 1; the others count on from there."""
    return (base << RANGE_BITS) + (2 if kind == "user" else 1)


async def next_number(connection: Session, org_id: UUID, kind: str) -> int:
    """An org's next number of ``org``, ``user``, ``project``, ``slot``…"""
    if has_sequences(connection):
        return await _only(connection, _FROM_SEQUENCE[kind], {"org": org_id})
    return await _only(connection, _COUNT_AND_TELL, {"org": org_id, "kind": kind, "count": 1})


async def next_numbers(
    connection: Session, org_id: UUID, kind: str, count: int
) -> range | list[int]:
    """An org's next ``count`` numbers, ascending."""
    if count == 0:
        return []
    if has_sequences(connection):
        values = {"org": org_id, "count": count}
        return sorted(row[0] for row in await connection.all(_FROM_SEQUENCE_MANY[kind], values))
    counted = {"org": org_id, "kind": kind, "count": count}
    last = await _only(connection, _COUNT_AND_TELL, counted)
    return range(last - count + 1, last + 1)


async def give_back(connection: Session, org_id: UUID, kind: str, count: int) -> None:
    """The last ``count`` numbers taken in this transaction, to the counter that has them."""
    if count:
        await connection.run(_COUNT, {"org": org_id, "kind": kind, "count": -count})


async def _only(connection: Session, statement: Executable, values: Values) -> int:
    row = await connection.first(statement, values)
    assert row is not None  # noqa: S101 (an org is counted from its beginning)
    return int(row[0])
