"""Numbers that are unique in the gateway and never given twice."""

from __future__ import annotations

from sqlalchemy import Executable, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.tables import SEQUENCES, counters

# A sequence holds no lock until the commit, so writers of different slots do not queue for it.
_FROM_SEQUENCE: dict[str, Executable] = {
    name: select(sequence.next_value()) for name, sequence in SEQUENCES.items()
}
_FROM_COUNTER: dict[str, Executable] = {
    name: update(counters)
    .where(counters.c.name == name)
    .values(last=counters.c.last + 1)
    .returning(counters.c.last)
    for name in SEQUENCES
}


def has_sequences(connection: AsyncConnection) -> bool:
    """Whether the database mints numbers itself; else a row of ``counters`` does."""
    return connection.dialect.name == "postgresql"


async def next_numbers(connection: AsyncConnection, name: str, count: int) -> range | list[int]:
    """The next ``count`` numbers, ascending."""
    if count == 0:
        return []
    if not has_sequences(connection):
        taken = update(counters).where(counters.c.name == name)
        taken = taken.values(last=counters.c.last + count)
        last: int = (await connection.execute(taken.returning(counters.c.last))).scalar_one()
        return range(last - count + 1, last + 1)
    series = func.generate_series(1, count).table_valued("value")
    minted = await connection.execute(select(SEQUENCES[name].next_value()).select_from(series))
    return sorted(minted.scalars())


async def give_back(connection: AsyncConnection, name: str, count: int) -> None:
    """The last ``count`` numbers taken in this transaction, to the counter that has them."""
    if count:
        counter = update(counters).where(counters.c.name == name)
        await connection.execute(counter.values(last=counters.c.last - count))


async def next_number(connection: AsyncConnection, name: str) -> int:
    """The next number of ``org``, ``user``, ``project``, ``slot``…"""
    minted = (_FROM_SEQUENCE if has_sequences(connection) else _FROM_COUNTER)[name]
    return int((await connection.execute(minted)).scalar_one())
