"""The composition root: settings in, one ASGI application out."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import pages, registry
from gateway import settings as settings_module
from gateway.access import Access
from gateway.choosing import Rules
from gateway.dialect import Dialect, Options, Services
from gateway.dialect.limits import RateLimiter
from gateway.dialect.mount import mount
from gateway.dialect.routing import Heads, encoded_path
from gateway.draining import Drain
from gateway.jobs import Worker
from gateway.logs import configure
from gateway.metrics import Metrics
from gateway.observing import Observed
from gateway.operations import looking, operations
from gateway.ports import Store
from gateway.settings import BadSettings, Settings, profile_variable
from gateway.store import dialect_name, open_store

_GRACE_SECONDS = 10.0


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts that the command line and the application share."""

    settings: Settings
    store: Store
    access: Access
    services: Services
    worker: Worker
    metrics: Metrics


Spoken = Mapping[str, tuple[Dialect, Options]]
"""Dialects by name, each with the options of the profile it is spoken in."""


def spoken(settings: Settings) -> Spoken:
    """All that are installed, each in the profile set for it.

    Raises ``BadDialect``, and ``BadSettings`` for a profile that one does not have.
    """
    found = {}
    for name, dialect in registry.installed().items():
        profile = settings.profile_of(name)
        if profile not in dialect.options:
            raise BadSettings(
                f"{profile_variable(name)}: the {name} adapter has no {profile} profile"
            )
        found[name] = dialect, dialect.options[profile]
    return found


def build(settings: Settings, dialects: Spoken | None = None) -> Gateway:
    """The gateway's parts, wired; nothing is opened before it is used."""
    store = open_store(settings.database_url)
    clock = SystemClock()
    access = Access(
        store,
        clock,
        jwt_key=settings.secret_key.get_secret_value() if settings.secret_key else None,
        admin_token=settings.admin_token.get_secret_value() if settings.admin_token else None,
        default_org=settings.default_org,
    )
    rules = Rules(
        auto_create=settings.auto_create,
        strict=frozenset({"github"} if settings.github_provenance == "strict" else ()),
    )
    dialects = spoken(settings) if dialects is None else dialects
    services = replace(
        Services.over(store, clock, access, rules, max_body_bytes=settings.max_body_bytes),
        public_url=settings.public_url,
        dialects=dialects,
        limiter=RateLimiter(settings.rate_limit) if settings.rate_limit else None,
        server_timing=settings.server_timing,
    )
    metrics = Metrics(registry.installed(), dialect_name(settings.database_url))
    worked = {name: d.jobs for name, (d, _) in dialects.items() if d.jobs is not None}
    worker = Worker(store, clock, services.jobs, services.bulk, worked, metrics)
    return Gateway(settings, store, access, services, worker, metrics)


def application(gateway: Gateway) -> ASGIApp:
    """What serves every installed dialect at the provider's own paths."""
    heads = [
        (path, dialect, mount(dialect, gateway.services, options))
        for dialect, options in gateway.services.dialects.values()
        for path in dialect.paths
    ]

    drain = Drain(gateway.settings.drain_seconds)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        with drain.listening():
            async with working(gateway.worker), looking(gateway.store, gateway.metrics):
                yield
            await gateway.store.close()

    own = Starlette(
        routes=[
            *operations(gateway.store, gateway.metrics, drain),
            *pages.routes(gateway.services),
            Mount("", app=_nowhere),
        ],
        lifespan=lifespan,
    )
    return Observed(_Switchboard(heads, own), gateway.metrics)


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    """Jobs are worked off meanwhile; what is begun at the end is finished, if it soon is."""
    task = worker.start()
    try:
        yield
    finally:
        worker.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(task, _GRACE_SECONDS)


def from_environment() -> ASGIApp:
    """The application as a server's worker process makes it."""
    settings = settings_module.load(os.environ)
    configure(settings.log_format, settings.log_level)
    made = application(build(settings))
    collect_seldom()
    return made


def collect_seldom() -> None:
    """Let Python look for garbage in cycles seldom, and never among what stays.

    A request makes thousands of objects and next to no cycles: to look as often as Python does by
    itself is a quarter of what a large write costs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


class _Switchboard:
    """Hands a request to the dialect that owns the longest head of its path, else to our own."""

    def __init__(self, heads: Sequence[tuple[str, Dialect, ASGIApp]], own: ASGIApp) -> None:
        self._applications = [application for _, _, application in heads]
        self._heads = Heads((head, dialect) for head, dialect, _ in heads)
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope)(scope, receive, send)

    def _application(self, scope: Scope) -> ASGIApp:
        if scope["type"] == "http":
            place = self._heads.find(encoded_path(scope))
            if place is not None:
                return self._applications[place]
        return self._own


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    await pages.nowhere(encoded_path(scope))(scope, receive, send)
