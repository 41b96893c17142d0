"""The documents and the page of them, made when first asked for."""

from __future__ import annotations

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from gateway.dialect import Services
from gateway.dialect.framing import base_url_of
from gateway.openapi import document, served
from gateway.pages.page import HEADERS, page
from gateway.pages.reading import chapter


class Showing:
    """What is shown of the dialects that are spoken."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._described = cache(self._describe)
        self._page = cache(self._make_page)

    def document(self, request: Request, name: str) -> Response:
        """A dialect's OpenAPI document, with the host that was asked as its server."""
        dialect, _ = self._services.dialects[name]
        base = base_url_of(request, self._services)
        return JSONResponse(served(self._described(name), dialect, base))

    def page(self) -> Response:
        """All of them to read."""
        return HTMLResponse(self._page(), headers=HEADERS)

    def _describe(self, name: str) -> dict[str, Any]:
        return document(*self._services.dialects[name])

    def _make_page(self) -> str:
        dialects = self._services.dialects.items()
        return page([chapter(dialect, self._described(name)) for name, (dialect, _) in dialects])
