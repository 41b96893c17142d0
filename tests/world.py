"""A gateway in this process, with two orgs, and a client that speaks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

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
    gateway = build(load({}, database_url=database_url, admin_token=ADMIN_TOKEN, **said))
    transport = httpx.ASGITransport(app=application(gateway))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        world = World(gateway, client)
        for body in ({"name": "acme", "aliases": ["acme-inc"]}, {"name": "umbrella"}):
            answer = await world.admin("POST", "/orgs", body)
            assert answer.status_code == 201, answer.text
        async with working(gateway.worker):  # the transport runs no lifespan
            yield world
    await gateway.store.close()


MakeWorld = Callable[..., Awaitable[World]]
