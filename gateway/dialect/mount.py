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
from gateway.dialect.framing import frame_of
from gateway.dialect.http import REQUEST_HEADER, Call, Endpoint, respond, server_timing

_log = logging.getLogger("gateway.dialect")


def mount(dialect: Dialect, services: Services, options: Options) -> ASGIApp:
    """The ASGI application that answers for a dialect."""
    routes = tuple(_Routed.of(endpoint) for endpoint in dialect.routes())

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = encoded_path(scope)
        call = Call(request, dialect, services, frame_of(request, services, options, path))
        call.trace.dialect = dialect.name
        response = dialect.dress(call, await _answer(call, routes, _base_of(path, dialect)))
        response.headers[REQUEST_HEADER] = call.request_id
        if services.server_timing:
            response.headers["Server-Timing"] = server_timing(call.trace)
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


async def _answer(call: Call, routes: Sequence[_Routed], base: str) -> Response:
    below = call.dialect.route_path(below_base(call.frame.path, call.dialect))
    endpoint, parameters = _find(routes, call, below)
    call.request.scope["path_params"] = parameters
    if endpoint.path:
        call.trace.route = base + endpoint.path
    try:
        await call.dialect.arrive(call)
        return await endpoint.answer(call)
    except Crashed as error:
        _log.exception("crashed", extra={"request_id": call.request_id})
        return _refuse(call, endpoint, error)
    except GatewayError as error:
        return _refuse(call, endpoint, error)
    except Exception:
        _log.exception("crashed", extra={"request_id": call.request_id})
        return _refuse(call, endpoint, Crashed())
    except BaseException as error:  # the process ends
        _note(call, endpoint, error)
        raise


def _find(routes: Sequence[_Routed], call: Call, path: str) -> tuple[Endpoint, dict[str, str]]:
    """The endpoint that is asked, or one that refuses a path or a verb which is not there."""
    method = call.request.method
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
        return _refusing(WrongMethod(method, call.frame.path, tuple(sorted(allowed)))), {}
    return _refusing(NoRoute(method, call.frame.path)), {}


def _refusing(error: GatewayError) -> Endpoint:
    async def answer(_call: Call) -> Response:
        raise error

    return Endpoint("", "", answer)


def _refuse(call: Call, endpoint: Endpoint, error: GatewayError) -> Response:
    _note(call, endpoint, error)
    return respond(call, call.dialect.render_error(error, call.frame))


def _note(call: Call, endpoint: Endpoint, error: BaseException) -> None:
    if endpoint.records:
        call.trace.fail(error)


def is_below(path: str, head: str, dialect: Dialect) -> bool:
    """Whether a path is this head of the dialect's or lies below it."""
    said = path.lower() if dialect.ignores_case else path
    return said == head or said.startswith(f"{head}/")


def below_base(path: str, dialect: Dialect) -> str:
    """What stands behind the longest of the dialect's bases that a path begins with."""
    return path[len(_base_of(path, dialect)) :] or "/"


def _base_of(path: str, dialect: Dialect) -> str:
    return max((b for b in dialect.bases if is_below(path, b, dialect)), key=len, default="")
