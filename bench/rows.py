"""The rows alone: what is left of a write's cost when nothing is asked, decided or explained.

    python -m bench.rows --port 8082 --database-url sqlite:///gateway.db --origin gitlab --size 900

The floor's service, over a database that the gateway has filled: each POST replaces the record that
one of the gateway's slots shows, with all the rows that the gateway writes for it, and reads none.
Those who write at the same time share a transaction that is durable before any is answered; the
statements are the gateway's own, through its own session. What keeps these rows, with the indexes
that the lists need, costs this much before it has any rules.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import uuid_utils.compat as uuid_utils
import uvicorn
from sqlalchemy import Executable, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import DropIndex

from bench.floor import Rows, application
from gateway.core.trace import Trace
from gateway.store.artifacts import ADD_DIGEST, MAKE
from gateway.store.bulk_making import COUNT
from gateway.store.changes import INSERT, SAVE
from gateway.store.connection import Pool
from gateway.store.engine import open_engines, open_writer
from gateway.store.events import APPEND
from gateway.store.numbers import next_numbers
from gateway.store.prepared import Statements
from gateway.store.session import opened
from gateway.store.slots import POINT_MANY
from gateway.store.tables import (
    artifact_digests,
    artifacts,
    events,
    metadata,
    projects,
    records,
    slots,
)

Row = dict[str, Any]

ORDER = (MAKE, ADD_DIGEST, COUNT, SAVE, INSERT, POINT_MANY, APPEND)
"""A transaction's statements, in the order in which the gateway executes them."""


class Occupied:
    """A slot, the record that it shows, and what the gateway wrote when it was recorded."""

    def __init__(self, record: Row, count: int, written: Mapping[Table, Sequence[Row]]) -> None:
        self.org_id = record["org_id"]
        self._record = record
        self._count = count
        self._written = written

    @classmethod
    async def by(cls, record: Row, connection: AsyncConnection) -> Occupied:
        """The slot of a record that has replaced another one."""
        before = await _rows(connection, records, superseded_by=record["id"])
        (project,) = await _rows(connection, projects, id=record["project_id"])
        artifact = record["artifact_id"]
        ended = await _rows(connection, events, record_id=before[0]["id"], kind="superseded")
        begun = await _rows(connection, events, record_id=record["id"], kind="recorded")
        written = {
            events: [*ended, *begun],
            artifacts: await _rows(connection, artifacts, id=artifact),
            artifact_digests: await _rows(connection, artifact_digests, artifact_id=artifact),
        }
        return cls(record, project["last_record_number"], written)

    def replaced(self, number: int) -> Iterator[tuple[Executable, Row]]:
        """The statements that put a new record in the place of the one before, with values."""
        before, org = self._record, self.org_id
        self._count += 1
        own = {"id": uuid_utils.uuid7(), "number": number, "project_number": self._count}
        after = self._record = {**before, **own}
        for artifact in self._written[artifacts]:
            after["artifact_id"] = uuid_utils.uuid7()
            yield MAKE, {**artifact, "id": after["artifact_id"]}
        for digest in self._written[artifact_digests]:
            made = {"artifact_id": after["artifact_id"], "hex": after["artifact_id"].hex * 2}
            yield ADD_DIGEST, {**digest, **made}
        yield COUNT, {"org": org, "project": before["project_id"], "last": self._count}
        gone = {"presence": "superseded", "superseded_by": after["id"]}
        gone["ended_at"] = before["updated_at"]
        yield SAVE, {"the_org": org, "the_record": before["id"], **gone}
        yield INSERT, after
        shown = {"record_number": number, "record_created_at": after["created_at"]}
        yield POINT_MANY, {"org": org, "slot": before["slot_id"], "record": after["id"], **shown}
        for event, about in zip(self._written[events], (before, after), strict=True):
            yield APPEND, {**event, "id": uuid_utils.uuid7(), "record_id": about["id"]}


class GatewayRows:
    """The floor's ``Rows``: those of one dialect's slots, in turn."""

    def __init__(self, url: str) -> None:
        self._engines = open_engines(url)
        self._statements = Statements(self._engines.writers.dialect)
        self._pool = Pool(self._engines.writers, self._engines.begin_writing)
        self._slots: Iterator[Occupied] = iter(())
        self._org: Any = None
        self._waiting: list[asyncio.Future[int]] = []
        self._task: asyncio.Task[None] | None = None

    async def opened(self, origin: str) -> Rows:
        """This, once it has seen what the dialect's slots show."""
        shown = select(records).join(slots, slots.c.current_record_id == records.c.id)
        async with self._engines.readers.connect() as connection:
            found = await connection.execute(shown.where(records.c.origin == origin))
            now = [await Occupied.by(dict(row), connection) for row in found.mappings()]
        self._slots = itertools.cycle(now)
        self._org = now[0].org_id
        return self

    async def insert(self, name: str, _said: str) -> Mapping[str, Any]:
        """Durable when it returns."""
        answered = asyncio.get_running_loop().create_future()
        self._waiting.append(answered)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._serve())
        return {"id": await answered, "name": name}

    async def select(self, number: int) -> Mapping[str, Any]:
        """Nothing is read here."""
        raise NotImplementedError

    async def close(self) -> None:
        """Give the connections back."""
        await self._engines.dispose()

    async def _serve(self) -> None:
        """Transaction after transaction, until nobody waits."""
        while self._waiting:
            await asyncio.sleep(0)  # those who were answered together ask together
            taken, self._waiting = self._waiting, []
            async with opened(self._pool, self._statements, Trace()) as session:
                numbers = await next_numbers(session, self._org, "record", len(taken))
                rows: dict[Executable, list[Row]] = {statement: [] for statement in ORDER}
                for number in numbers:
                    for statement, values in next(self._slots).replaced(number):
                        rows[statement].append(values)
                for statement, several in rows.items():
                    if several:
                        await session.run(statement, several)
            for answered, number in zip(taken, numbers, strict=True):
                answered.set_result(number)


async def drop_indexes(url: str) -> None:
    """Leave ``records`` those indexes alone that keep promises, and none for lists and searches."""
    engine = open_writer(url)
    async with engine.begin() as connection:
        for index in metadata.tables["records"].indexes:
            if not index.unique:
                await connection.execute(DropIndex(index))
    await engine.dispose()


async def _rows(connection: AsyncConnection, table: Table, **where: object) -> list[Row]:
    """Those whose columns have these values."""
    asked = select(table).where(*(table.c[name] == value for name, value in where.items()))
    return [dict(row) for row in (await connection.execute(asked)).mappings()]


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--origin", required=True, help="the dialect whose records are replaced")
    parser.add_argument("--size", type=int, required=True, help="bytes of each answer's body")
    said = parser.parse_args()

    async def open_rows() -> Rows:
        return await GatewayRows(said.database_url).opened(said.origin)

    app = application(open_rows, said.size)
    uvicorn.run(app, port=said.port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
