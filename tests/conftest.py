"""Fixtures of the whole suite: databases, a gateway in this process, and one on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from hypothesis import settings

from tests.databases import *  # noqa: F403 (fixtures)
from tests.serving import Server, serving
from tests.world import MakeWorld, World, Worlds, opened_world

collect_ignore = ["toy"]  # a stranger's, with an interpreter of its own
pytest_plugins = ["gateway.pytest_plugin"]

settings.register_profile("ci", derandomize=True, print_blob=True, deadline=None)
settings.load_profile("ci")


@pytest.fixture(scope="session")
async def worlds(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Worlds]:
    """Gateways in this process on SQLite, for one test after the other."""
    async with Worlds.opened(tmp_path_factory.mktemp("worlds")) as opened:
        yield opened


@pytest.fixture
async def world(worlds: Worlds) -> AsyncIterator[World]:
    """A gateway in this process on SQLite."""
    async with worlds.lent() as lent:
        yield lent


@pytest.fixture
async def any_world(database_url: str) -> AsyncIterator[World]:
    """A gateway in this process, once on SQLite and once on PostgreSQL."""
    async with opened_world(database_url) as opened:
        yield opened


@pytest.fixture
async def make_world(worlds: Worlds) -> AsyncIterator[MakeWorld]:
    """Makes gateways on SQLite with other settings."""
    async with AsyncExitStack() as stack:

        async def make(**said: object) -> World:
            return await stack.enter_async_context(worlds.lent(**said))

        yield make


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gateway as a process of its own, on SQLite."""
    folder = tmp_path_factory.mktemp("server")
    with serving(f"sqlite:///{folder}/gateway.db") as running:
        yield running
