"""What the gateway says of itself, to anybody: each dialect's document, a page of them, a 404.

No page asks for a credential, and none holds what any org has said.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.dialect import Services
from gateway.dialect.routing import encoded_path

if TYPE_CHECKING:
    from gateway.pages.showing import Showing


def routes(services: Services) -> Sequence[Route]:
    """The pages. What makes them is loaded with the first that is asked for."""

    @cache
    def showing() -> Showing:
        from gateway.pages.showing import Showing  # noqa: PLC0415 (a start need not wait for it)

        return Showing(services)

    async def openapi(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in services.dialects:
            return nowhere(encoded_path(request.scope))
        return showing().document(request, name)

    async def docs(_request: Request) -> Response:
        return showing().page()

    return [Route("/docs", docs), Route("/openapi/{name}.json", openapi)]


def nowhere(path: str) -> Response:
    """Nothing is at a path that no dialect has."""
    problem = {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "nothing is at this path",
        "instance": path,
    }
    return JSONResponse(problem, 404, media_type="application/problem+json")
