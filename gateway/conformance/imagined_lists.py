"""A gateway that exists in thought alone and holds given records, for asking it for lists.

Everything above the store is the gateway's own; what its queries find is computed here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import cast
from uuid import UUID

import httpx

from gateway.access import Access
from gateway.choosing import Rules
from gateway.conformance.cases import Unlisted
from gateway.conformance.imagined import BEGAN, ORG
from gateway.conformance.imagined_search import found
from gateway.conformance.opened import BASE_URL
from gateway.conformance.server import EXAMPLE_OWNER, Server
from gateway.core.model import Org, Project, Record
from gateway.core.search import Found, Scope, Search
from gateway.core.trace import Trace
from gateway.dialect import Dialect, Services
from gateway.dialect.mount import mount
from gateway.ports import Reading, Store

PROJECT = Project(UUID(int=50), 5, EXAMPLE_OWNER.project or ORG.name, BEGAN)
"""The one project there is."""

_TOKEN = "imagined"  # noqa: S105 (it opens nothing)
_MOST_BYTES = 2**20


@asynccontextmanager
async def imagined_server(
    dialect: Dialect, profile: str, records: Sequence[Record]
) -> AsyncIterator[Server]:
    """The dialect of a gateway that holds these records, all of them of its project.

    An ``Unlisted`` in the block says which query was ``missed``, if that was why.
    """
    imagined = ImaginedStore(records)
    store = cast(Store, imagined)
    access = Access(store, _Clock(), admin_token=_TOKEN, default_org=ORG.name)
    services = Services.over(store, _Clock(), access, Rules(), max_body_bytes=_MOST_BYTES)
    transport = httpx.ASGITransport(app=mount(dialect, services, dialect.options[profile]))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, trust_env=False) as client:
        try:
            yield Server(dialect, profile, client, _TOKEN)
        except Unlisted as unlisted:
            if not imagined.missed:
                raise
            detail = f"it asks the store for {imagined.missed[0]}, which is not imagined"
            raise Unlisted(unlisted.path, detail, unlisted.status) from None


class ImaginedStore:
    """The queries that lists ask, over records in memory."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self.missed: list[str] = []

    def __getattr__(self, query: str) -> object:
        self.missed.append(query)
        raise AttributeError(query)

    @asynccontextmanager
    async def reading(self, trace: Trace | None = None) -> AsyncIterator[Reading]:
        """This very store: nothing changes in it."""
        yield cast(Reading, self)

    async def org(self, name: str) -> Org | None:
        """The one org there is."""
        return ORG if ORG.answers_to(name) else None

    async def project(self, scope: Scope, path: str) -> Project | None:
        """The one there is."""
        return PROJECT if path.casefold() == PROJECT.path.casefold() else None

    async def visible_records(self, scope: Scope, ids: Collection[UUID]) -> frozenset[UUID]:
        """Those of these ids that there are."""
        return frozenset(ids) & {record.id for record in self._records}

    async def search(self, scope: Scope, search: Search, project_id: UUID | None) -> Found:
        """One page of what the filters let through."""
        return found(self._records, search, project_id)


class _Clock:
    def now(self) -> datetime:
        return BEGAN
