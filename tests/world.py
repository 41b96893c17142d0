"""A gateway in this process, with two orgs, and a client that speaks to it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import httpx

from gateway.app import Gateway, application, build, working
from gateway.core.model import Record
from gateway.core.search import Scope, Search
from gateway.settings import load

ADMIN_TOKEN = "an-administrator-of-the-tests"
BASE_URL = "http://gateway.test"


class World:
    """The orgs ``acme`` (alias ``acme-inc``) and ``umbrella``, and whoever asks for a token."""

    def __init__(self, gateway: Gateway, client: httpx.AsyncClient) -> None:
        self.gateway = gateway
        self.client = client
        self.admin_token = ADMIN_TOKEN
        self.database_url = gateway.settings.database_url

    async def admin(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask ``/gateway/v1`` as the instance administrator."""
        headers = {"authorization": f"Bearer {self.admin_token}"}
        return await self.client.request(method, f"/gateway/v1{path}", json=body, headers=headers)

    async def token(
        self,
        permission: str = "write",
        projects: Sequence[str] | None = None,
        org: str = "acme",
        user: str = "ada",
    ) -> str:
        """A new credential's secret."""
        body = {"user": user, "permission": permission, "projects": projects}
        answer = await self.admin("POST", f"/orgs/{org}/tokens", body)
        assert answer.status_code == 201, answer.text
        secret: str = answer.json()["token"]
        return secret

    async def held(self, org: str = "acme") -> tuple[Record, ...]:
        """Every record of an org as the core holds it, oldest first."""
        async with self.gateway.store.reading() as reading:
            found = await reading.org(org)
            assert found is not None
            return (await reading.search(Scope(found.id), Search(limit=None), None)).records

    async def records(self, org: str = "acme") -> list[dict[str, object]]:
        """Every record of an org, oldest first, as ``/gateway/v1`` shows it."""
        answer = await self.admin("GET", f"/records?org={org}&limit=500")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, object]] = answer.json()["records"]
        return found[::-1]


@asynccontextmanager
async def opened_world(database_url: str, **said: object) -> AsyncIterator[World]:
    """A world on a migrated database; ``said`` are settings."""
    async with _opened(database_url, **said) as world:
        await _furnish(world)
        async with working(world.gateway.worker):  # the transport runs no lifespan
            yield world


@asynccontextmanager
async def _opened(database_url: str, **said: object) -> AsyncIterator[World]:
    gateway = build(load({}, database_url=database_url, admin_token=ADMIN_TOKEN, **said))
    transport = httpx.ASGITransport(app=application(gateway))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield World(gateway, client)
    await gateway.store.close()


async def _furnish(world: World) -> None:
    for body in ({"name": "acme", "aliases": ["acme-inc"]}, {"name": "umbrella"}):
        answer = await world.admin("POST", "/orgs", body)
        assert answer.status_code == 201, answer.text


class Worlds:
    """Worlds on SQLite, one at a time to whoever asks, each as if it had just been made.

    Building a gateway takes ten times as long as most tests ask of it. So one that a test is done
    with is kept, and its database is overwritten with a furnished one before it is lent again.
    A gateway that counts requests remembers them outside its database and is never lent twice.
    """

    def __init__(self, template: Path, folder: Path) -> None:
        self._template = template
        self._folder = folder
        self._made = 0
        self._idle: dict[tuple[tuple[str, object], ...], list[World]] = {}
        self._open = AsyncExitStack()

    @classmethod
    @asynccontextmanager
    async def opened(cls, migrated: Path, folder: Path) -> AsyncIterator[Worlds]:
        """None is open afterwards. ``migrated`` is an empty database to begin from."""
        template = folder / "furnished.db"
        _overwrite(template, migrated)
        async with _opened(f"sqlite:///{template}") as world:
            await _furnish(world)
        worlds = cls(template, folder)
        async with worlds._open:
            yield worlds

    @asynccontextmanager
    async def lent(self, **said: object) -> AsyncIterator[World]:
        """A world with these settings."""
        kept = self._idle.setdefault(tuple(sorted(said.items())), [])
        world = kept.pop() if kept else await self._another(**said)
        _overwrite(Path(world.database_url.removeprefix("sqlite:///")), self._template)
        async with working(world.gateway.worker):  # the transport runs no lifespan
            yield world
        if world.gateway.services.limiter is None:
            world.client.cookies.clear()
            kept.append(world)

    async def _another(self, **said: object) -> World:
        self._made += 1
        url = f"sqlite:///{self._folder / f'world-{self._made}.db'}"
        return await self._open.enter_async_context(_opened(url, **said))


def _overwrite(path: Path, source: Path) -> None:
    """Make a database equal to another, whoever has it open."""
    with closing(sqlite3.connect(source)) as template, closing(sqlite3.connect(path)) as target:
        target.execute("PRAGMA synchronous=OFF")
        template.backup(target)


MakeWorld = Callable[..., Awaitable[World]]
