"""A dialect as a sub-application with an error boundary of its own.

Inside, every failure is spoken in the dialect's words: an unknown path, a wrong verb, a body too
large, a crash. Paths are routed still encoded, so that ``group%2Fproject`` stays one segment.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.core.errors import Crashed, GatewayError, NoRoute, WrongMethod
from gateway.dialect import Dialect, Options, Services
from gateway.dialect.http import Call, Endpoint, frame_of, respond

_log = logging.getLogger("gateway.dialect")


def mount(dialect: Dialect, services: Services, options: Options) -> ASGIApp:
    """The ASGI application that answers for a dialect."""
    routes = tuple(_Routed.of(endpoint) for endpoint in dialect.routes())

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = encoded_path(scope)
        call = Call(request, dialect, services, frame_of(request, services, options, path))
        response = await _answer(call, routes, dialect.route_path(below_base(path, dialect)))
        response = dialect.dress(call, response)
        await response(scope, receive, send)

    return application


def encoded_path(scope: Scope) -> str:
    """The path as it came, percent-encoding and all, without the query."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")


@dataclass(frozen=True, slots=True)
class _Routed:
    endpoint: Endpoint
    route: Route

    @classmethod
    def of(cls, endpoint: Endpoint) -> _Routed:
        return cls(endpoint, Route(endpoint.path, _never))

    def matches(self, path: str) -> dict[str, str] | None:
        scope = {"type": "http", "method": "GET", "path": path, "path_params": {}}
        match, found = self.route.matches(scope)
        return None if match is Match.NONE else found["path_params"]


async def _never(_request: Request) -> Response:
    raise AssertionError("routes are matched here and answered by their endpoint")


async def _answer(call: Call, routes: Sequence[_Routed], path: str) -> Response:
    try:
        await call.dialect.arrive(call)
        endpoint, parameters = _find(routes, call.request.method, path, call)
        call.request.scope["path_params"] = parameters
        return await endpoint.answer(call)
    except GatewayError as error:
        return _refuse(call, error)
    except Exception:
        _log.exception("crashed", extra={"request_id": call.request_id})
        return _refuse(call, Crashed())


def _find(
    routes: Sequence[_Routed], method: str, path: str, call: Call
) -> tuple[Endpoint, dict[str, str]]:
    asked = "GET" if method == "HEAD" and call.dialect.capabilities.answers_head else method
    allowed = set()
    for routed in routes:
        parameters = routed.matches(path)
        if parameters is None:
            continue
        if routed.endpoint.method == asked:
            return routed.endpoint, parameters
        allowed.add(routed.endpoint.method)
    if allowed:
        raise WrongMethod(method, call.frame.path, tuple(sorted(allowed)))
    raise NoRoute(method, call.frame.path)


def _refuse(call: Call, error: GatewayError) -> Response:
    return respond(call, call.dialect.render_error(error, call.frame))


def is_below(path: str, head: str, dialect: Dialect) -> bool:
    """Whether a path is this head of the dialect's or lies below it."""
    said = path.lower() if dialect.ignores_case else path
    return said == head or said.startswith(f"{head}/")


def below_base(path: str, dialect: Dialect) -> str:
    """What stands behind the longest of the dialect's bases that a path begins with."""
    base = max((b for b in dialect.bases if is_below(path, b, dialect)), key=len, default="")
    return path[len(base) :] or "/"
