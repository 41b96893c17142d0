"""A dialect as a sub-application with an error boundary of its own.

Inside, every failure is spoken in the dialect's words: an unknown path, a wrong verb, a body too
large, a crash. Paths are routed still encoded, so that ``group%2Fproject`` stays one segment.
"""

from __future__ import annotations

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.core.errors import Crashed, GatewayError, NoRoute, Unavailable, WrongMethod
from gateway.dialect import Dialect, Options, Services
from gateway.dialect.framing import frame_of
from gateway.dialect.http import REQUEST_HEADER, Call, Endpoint, respond, server_timing
from gateway.dialect.routing import Bases, Endpoints, encoded_path

_log = logging.getLogger("gateway.dialect")

_REQUEST_NAME = REQUEST_HEADER.lower().encode()


def mount(dialect: Dialect, services: Services, options: Options) -> ASGIApp:
    """The ASGI application that answers for a dialect."""
    endpoints, bases = Endpoints(dialect.routes()), Bases(dialect)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = encoded_path(scope)
        call = Call(request, dialect, services, frame_of(scope, services, options, path))
        call.trace.dialect = dialect.name
        response = dialect.dress(call, await _answer(call, endpoints, *bases.of(path)))
        response.raw_headers.append((_REQUEST_NAME, call.request_id.encode()))
        if services.server_timing:
            response.raw_headers.append((b"server-timing", server_timing(call.trace).encode()))
        await response(scope, receive, send)

    return application


async def _answer(call: Call, endpoints: Endpoints, base: str, below: str) -> Response:
    endpoint, parameters = _find(endpoints, call, below)
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
    except asyncio.CancelledError:  # the process ends, and has waited for it long enough
        return _refuse(call, endpoint, Unavailable())


def _find(endpoints: Endpoints, call: Call, path: str) -> tuple[Endpoint, dict[str, str]]:
    """The endpoint that is asked, or one that refuses a path or a verb which is not there."""
    method, dialect = call.request.method, call.dialect
    asked = "GET" if method == "HEAD" and dialect.capabilities.answers_head else method
    path = dialect.route_path(path)
    found = endpoints.find(asked, path)
    if found is not None:
        return found
    allowed = endpoints.methods(path)
    if allowed:
        return _refusing(WrongMethod(method, call.frame.path, allowed)), {}
    return _refusing(NoRoute(method, call.frame.path)), {}


def _refusing(error: GatewayError) -> Endpoint:
    async def answer(_call: Call) -> Response:
        raise error

    return Endpoint("", "", answer)


def _refuse(call: Call, endpoint: Endpoint, error: GatewayError) -> Response:
    if endpoint.records:
        call.trace.fail(error)
    return respond(call, call.dialect.render_error(error, call.frame))
