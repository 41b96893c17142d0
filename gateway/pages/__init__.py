"""What the gateway says of itself, to anybody: each dialect's document, a page of them, a 404.

No page asks for a credential, and none holds what any org has said.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gateway.dialect import Services
from gateway.dialect.http import base_url_of
from gateway.dialect.mount import encoded_path
from gateway.openapi import document, served
from gateway.pages.page import HEADERS, page
from gateway.pages.reading import chapter


def routes(services: Services) -> Sequence[Route]:
    """The pages; documents are made when first asked for."""

    @cache
    def described(name: str) -> dict[str, Any]:
        return document(*services.dialects[name])

    async def openapi(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in services.dialects:
            return nowhere(encoded_path(request.scope))
        dialect, _ = services.dialects[name]
        return JSONResponse(served(described(name), dialect, base_url_of(request, services)))

    @cache
    def shown() -> str:
        dialects = ((name, dialect) for name, (dialect, _) in services.dialects.items())
        return page([chapter(dialect, described(name)) for name, dialect in dialects])

    async def docs(_request: Request) -> Response:
        return HTMLResponse(shown(), headers=HEADERS)

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
