"""Databases for the benchmarks, and a gateway in this process on one of them."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from gateway.app import Gateway, application, build
from gateway.settings import load
from gateway.store import migrate
from tests.databases import database_on, execute, own_server

ADMIN = "an-administrator-of-the-benchmark"


@contextmanager
def server(url: str | None, *, is_own: bool) -> Iterator[str | None]:
    """The URL of a PostgreSQL server: one of our own, or the one that is named, if any."""
    if not is_own:
        yield url
        return
    with own_server() as own:
        yield own


@asynccontextmanager
async def database(url: str | None, keep: Path | None = None) -> AsyncIterator[str]:
    """The URL of a migrated database: new on the server, a new file, or the file to keep."""
    if keep is not None:
        await migrate(made := f"sqlite:///{keep}")
        yield made
        return
    if url is None:
        with tempfile.TemporaryDirectory() as folder:
            await migrate(made := f"sqlite:///{Path(folder)}/bench.db")
            yield made
        return
    name = f"dgw_bench_{uuid4().hex[:12]}"
    await execute(url, f"CREATE DATABASE {name}")
    try:
        await migrate(made := database_on(url, name))
        yield made
    finally:
        await execute(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[Gateway, httpx.AsyncClient]]:
    """A gateway on a database, and a client of its administrator, without a socket between."""
    gateway = build(load({}, database_url=url, admin_token=ADMIN))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=application(gateway)),
        base_url="http://bench.test",
        headers={"authorization": f"Bearer {ADMIN}"},
        timeout=120,
    ) as client:
        yield gateway, client
    await gateway.store.close()
