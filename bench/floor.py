"""The floor: what any service on this machine pays that keeps one row for one request.

    python -m bench.floor --port 8081 --database-url sqlite:///floor.db --size 900

Starlette on uvicorn. A POST parses its JSON body, inserts one row durably with ``INSERT …
RETURNING`` and answers with JSON of ``size`` bytes; a GET does one SELECT by primary key and
answers likewise. No rules, no credentials, no history. asyncpg with a pool, or sqlite3 with the
gateway's own journal and synchronisation.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_TABLE = "CREATE TABLE IF NOT EXISTS floor (id {key} PRIMARY KEY, name text, said text)"
_SQLITE_INSERT = "INSERT INTO floor (name, said) VALUES (?, ?) RETURNING id, name"
_SQLITE_SELECT = "SELECT id, name FROM floor WHERE id = ?"
_POSTGRESQL_INSERT = "INSERT INTO floor (name, said) VALUES ($1, $2) RETURNING id, name"
_POSTGRESQL_SELECT = "SELECT id, name FROM floor WHERE id = $1"


class Rows(Protocol):
    """Keeps rows."""

    async def insert(self, name: str, said: str) -> Mapping[str, Any]: ...
    async def select(self, number: int) -> Mapping[str, Any]: ...
    async def close(self) -> None: ...


class SqliteRows:
    """In a file; one writer, each row committed by itself."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._connection.execute(f"PRAGMA {setting}")
        self._connection.execute(_TABLE.format(key="integer"))

    async def insert(self, name: str, said: str) -> Mapping[str, Any]:
        """Durable when it returns. In the loop's own thread: nothing costs less."""
        return dict(self._connection.execute(_SQLITE_INSERT, (name, said)).fetchall()[0])

    async def select(self, number: int) -> Mapping[str, Any]:
        """By primary key."""
        return dict(self._connection.execute(_SQLITE_SELECT, (number,)).fetchall()[0])

    async def close(self) -> None:
        """Give the file back."""
        self._connection.close()


class PostgresqlRows:
    """On a server, through a pool."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @classmethod
    async def opened(cls, url: str) -> PostgresqlRows:
        """With the table."""
        pool = await asyncpg.create_pool(url, min_size=16, max_size=16)
        await pool.execute(_TABLE.format(key="bigserial"))
        return cls(pool)

    async def insert(self, name: str, said: str) -> Mapping[str, Any]:
        """Durable when it returns."""
        return dict(await self._pool.fetchrow(_POSTGRESQL_INSERT, name, said))

    async def select(self, number: int) -> Mapping[str, Any]:
        """By primary key."""
        return dict(await self._pool.fetchrow(_POSTGRESQL_SELECT, number))

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.close()


def application(open_rows: Callable[[], Awaitable[Rows]], size: int) -> Starlette:
    """The service; each answer has ``size`` bytes."""
    kept: list[Rows] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        kept.append(await open_rows())
        yield
        await kept.pop().close()

    def answer(row: Mapping[str, Any]) -> Response:
        bare = len(json.dumps({**row, "said": ""}))
        body = json.dumps({**row, "said": "x" * (size - bare)})
        return Response(body.encode(), media_type="application/json")

    async def write(request: Request) -> Response:
        said = json.loads(await request.body())
        name = str(said.get("name", said.get("environment", "")))
        return answer(await kept[0].insert(name, json.dumps(said)))

    async def read(request: Request) -> Response:
        return answer(await kept[0].select(int(request.path_params["id"])))

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/{path:path}/{id:int}", read, methods=["GET"]),
            Route("/{path:path}", write, methods=["POST"]),
        ],
    )


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--size", type=int, required=True, help="bytes of each answer's body")
    said = parser.parse_args()
    url: str = said.database_url

    async def open_rows() -> Rows:
        if url.startswith("sqlite"):
            return SqliteRows(url.removeprefix("sqlite:///"))
        return await PostgresqlRows.opened(url)

    app = application(open_rows, said.size)
    uvicorn.run(app, port=said.port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
