"""Fixtures of the whole suite: databases, a gateway in this process, and one on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from tests.databases import *  # noqa: F403 (fixtures)
from tests.databases import copied
from tests.serving import Server, serving
from tests.world import MakeWorld, World, opened_world

settings.register_profile("ci", derandomize=True, print_blob=True, deadline=None)
settings.load_profile("ci")


@pytest.fixture
async def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A migrated SQLite database of its own."""
    return copied(sqlite_template, tmp_path / "gateway.db")


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    """A gateway in this process on SQLite."""
    async with opened_world(sqlite_url) as opened:
        yield opened


@pytest.fixture
async def sqlite_world(sqlite_url: str, world: World) -> tuple[World, str]:
    """The same, with the path of its database file."""
    return world, sqlite_url.removeprefix("sqlite:///")


@pytest.fixture
async def any_world(database_url: str) -> AsyncIterator[World]:
    """A gateway in this process, once on SQLite and once on PostgreSQL."""
    async with opened_world(database_url) as opened:
        yield opened


@pytest.fixture
async def make_world(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[MakeWorld]:
    """Makes gateways on SQLite with other settings."""
    numbers = count()
    async with AsyncExitStack() as stack:

        async def make(**said: object) -> World:
            url = copied(sqlite_template, tmp_path / f"world-{next(numbers)}.db")
            return await stack.enter_async_context(opened_world(url, **said))

        yield make


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gateway as a process of its own, on SQLite."""
    folder = tmp_path_factory.mktemp("server")
    with serving(f"sqlite:///{folder}/gateway.db") as running:
        yield running
