"""What probes and scrapes ask of a process: whether it lives, whether it serves, its figures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.draining import Drain
from gateway.metrics import Metrics
from gateway.ports import Store

_LOOK_SECONDS = 1.0


def operations(store: Store, metrics: Metrics, drain: Drain) -> Sequence[Route]:
    """``/healthz``, ``/readyz`` and ``/metrics``, open to everybody."""

    async def healthy(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_request: Request) -> Response:
        if drain.is_begun:
            return PlainTextResponse("draining\n", 503)
        if await store.is_ready():
            return PlainTextResponse("ready\n")
        return PlainTextResponse("not ready\n", 503)

    async def figures(request: Request) -> Response:
        metrics.look(store.connections())
        accept = request.headers.get("accept", "")
        shown, media_type = await asyncio.to_thread(metrics.exposition, accept)
        return Response(shown, headers={"content-type": media_type})

    return (Route("/healthz", healthy), Route("/readyz", ready), Route("/metrics", figures))


@asynccontextmanager
async def looking(store: Store, metrics: Metrics) -> AsyncIterator[None]:
    """While the block lasts, this process's gauges are kept fresh for the others.

    With several workers, any of them may be the one that is scraped; they share files.
    """
    task = asyncio.create_task(_look(store, metrics)) if metrics.is_shared else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
        metrics.look(store.connections())


async def _look(store: Store, metrics: Metrics) -> None:
    while True:
        metrics.look(store.connections())
        await asyncio.sleep(_LOOK_SECONDS)
