"""Gateways in this process, with two orgs, and clients that speak to them, for tests.

The suite of ``gateway.conformance`` knows neither the store nor the application; it is given these.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import (
    AsyncIterator,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    closing,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from gateway import registry
from gateway.app import Gateway, Spoken, application, build, working
from gateway.conformance.opened import BASE_URL
from gateway.core.model import Record
from gateway.core.search import Scope, Search
from gateway.dialect import DOCUMENTED, Dialect, Services
from gateway.settings import Settings, load
from gateway.store import migrate

ADMIN_TOKEN = "an-administrator-of-the-tests"  # noqa: S105 (of databases that nobody keeps)

_PERMISSIONS = ("admin",)
"""Who has a credential from the start. Examples of lists of tokens show each of these."""

Answer = TypeVar("Answer")


class World:
    """The orgs ``acme`` (alias ``acme-inc``) and ``umbrella``, and whoever asks for a token."""

    def __init__(self, gateway: Gateway, client: httpx.AsyncClient) -> None:
        self.gateway = gateway
        self.client = client
        self.standing: Mapping[str, str] = {}
        self.admin_token = ADMIN_TOKEN
        self.database_url = gateway.settings.database_url

    @property
    def services(self) -> Services:
        """What its endpoints call."""
        return self.gateway.services

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
        """A new credential's secret, or that of one made with the world for this permission."""
        if permission in self.standing and (projects, org, user) == (None, "acme", "ada"):
            return self.standing[permission]
        body = {"user": user, "permission": permission, "projects": projects}
        answer = await self.admin("POST", f"/orgs/{org}/tokens", body)
        secret: str = _answered(answer, 201).json()["token"]
        return secret

    async def held(self, org: str = "acme") -> tuple[Record, ...]:
        """Every record of an org as the core holds it, oldest first."""
        async with self.gateway.store.reading() as reading:
            found = await reading.org(org)
            if found is None:
                raise LookupError(org)
            return (await reading.search(Scope(found.id), Search(limit=None), None)).records

    async def records(self, org: str = "acme") -> list[dict[str, object]]:
        """Every record of an org, oldest first, as ``/gateway/v1`` shows it."""
        answer = await self.admin("GET", f"/records?org={org}&limit=500")
        found: list[dict[str, object]] = _answered(answer, 200).json()["records"]
        return found[::-1]


@dataclass(frozen=True, slots=True)
class Speaking:
    """A dialect in a profile, installed or not; it takes the place of an installed namesake."""

    dialect: Dialect
    profile: str = DOCUMENTED

    def among(self, settings: Settings) -> Spoken:
        """All the dialects of a gateway that speaks this one."""
        profiles = {self.dialect.name: self.profile}
        return {
            name: (dialect, dialect.options[profiles.get(name, settings.profile_of(name))])
            for name, dialect in registry.beside(self.dialect).items()
        }


@asynccontextmanager
async def opened_world(database_url: str, **said: object) -> AsyncIterator[World]:
    """A world on a migrated database; ``said`` are settings."""
    async with _opened(database_url, None, **said) as world:
        await _furnish(world)
        async with working(world.gateway.worker):  # the transport runs no lifespan
            yield world


@asynccontextmanager
async def _opened(
    database_url: str, speaking: Speaking | None = None, **said: object
) -> AsyncIterator[World]:
    settings = load({}, database_url=database_url, admin_token=ADMIN_TOKEN, **said)
    gateway = build(settings, None if speaking is None else speaking.among(settings))
    transport = httpx.ASGITransport(app=application(gateway))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield World(gateway, client)
    await gateway.store.close()


async def _furnish(world: World) -> None:
    for body in ({"name": "acme", "aliases": ["acme-inc"]}, {"name": "umbrella"}):
        _answered(await world.admin("POST", "/orgs", body), 201)


def _answered(answer: httpx.Response, status: int) -> httpx.Response:
    if answer.status_code != status:
        raise AssertionError(f"{answer.request.url}: {answer.text}")
    return answer


class Worlds:
    """Worlds on SQLite, one at a time to whoever asks, each as if it had just been made.

    Building a gateway takes ten times as long as most tests ask of it. So one that a test is done
    with is kept, and its database is overwritten with a furnished one before it is lent again.
    A gateway that counts requests remembers them outside its database and is never lent twice.
    """

    def __init__(self, template: Path, folder: Path, standing: Mapping[str, str]) -> None:
        self._template = template
        self._folder = folder
        self._standing = standing
        self._made = 0
        self._idle: dict[object, list[World]] = {}
        self._open = AsyncExitStack()

    @classmethod
    @asynccontextmanager
    async def opened(cls, folder: Path, standing: Sequence[str] = ()) -> AsyncIterator[Worlds]:
        """None is open afterwards; their databases lie in ``folder``.

        For each permission in ``standing`` there is a credential from the start.
        """
        template = folder / "furnished.db"
        await migrate(f"sqlite:///{template}")
        async with _opened(f"sqlite:///{template}") as world:
            await _furnish(world)
            secrets = {permission: await world.token(permission) for permission in standing}
        worlds = cls(template, folder, secrets)
        async with worlds._open:
            yield worlds

    @asynccontextmanager
    async def lent(
        self, speaking: Speaking | None = None, *, is_working: bool = True, **said: object
    ) -> AsyncIterator[World]:
        """A world with these settings, one of its dialects as said; its jobs are worked off."""
        what = None if speaking is None else (id(speaking.dialect), speaking.profile)
        kept = self._idle.setdefault((what, *sorted(said.items())), [])
        world = kept.pop() if kept else await self._another(speaking, **said)
        _overwrite(Path(world.database_url.removeprefix("sqlite:///")), self._template)
        # The transport runs no lifespan.
        async with working(world.gateway.worker) if is_working else nullcontext():
            yield world
        if world.gateway.services.limiter is None:
            world.client.cookies.clear()
            kept.append(world)

    async def _another(self, speaking: Speaking | None, **said: object) -> World:
        self._made += 1
        url = f"sqlite:///{self._folder / f'world-{self._made}.db'}"
        world = await self._open.enter_async_context(_opened(url, speaking, **said))
        world.standing = self._standing
        return world


def _overwrite(path: Path, source: Path) -> None:
    """Make a database equal to another, whoever has it open."""
    with closing(sqlite3.connect(source)) as template, closing(sqlite3.connect(path)) as target:
        target.execute("PRAGMA synchronous=OFF")
        template.backup(target)


class Bench:
    """Worlds for code that is not asynchronous, in an event loop of their own."""

    def __init__(self, worlds: Worlds, runner: asyncio.Runner) -> None:
        self._worlds = worlds
        self._runner = runner

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Bench]:
        """Its databases lie in ``folder``."""
        # With a factory the runner leaves the thread's own loop alone.
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            stack = AsyncExitStack()
            worlds = runner.run(stack.enter_async_context(Worlds.opened(folder, _PERMISSIONS)))
            try:
                yield cls(worlds, runner)
            finally:
                runner.run(stack.aclose())

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Do this to its end."""
        return self._runner.run(work)

    def lent(
        self, dialect: Dialect, profile: str, *, is_working: bool = True, **said: object
    ) -> AbstractAsyncContextManager[World]:
        """A world that speaks the dialect in this profile beside the installed ones."""
        return self._worlds.lent(Speaking(dialect, profile), is_working=is_working, **said)
