"""What goes around the application: each request gets a trace, a log line and its figures."""

from __future__ import annotations

from time import perf_counter

import uuid_utils
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.core.trace import OPERATIONS, Trace
from gateway.logs import log_request
from gateway.metrics import Metrics


class Observed:
    """An application whose requests are noted."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = Trace(request_id=uuid_utils.uuid7().hex)
        scope.setdefault("state", {})["trace"] = trace
        began = perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.begin()
        try:
            await self._app(scope, receive, noting)
        finally:
            seconds = perf_counter() - began
            _name_operation(trace, scope)
            self._metrics.end(trace, method=scope["method"], status=status, seconds=seconds)
            log_request(trace, method=scope["method"], status=status, seconds=seconds)


def _name_operation(trace: Trace, scope: Scope) -> None:
    """A path of the gateway's own, beside the dialects', is known by its route."""
    route = scope.get("route")
    if isinstance(route, Route):
        trace.dialect, trace.route = OPERATIONS, route.path
