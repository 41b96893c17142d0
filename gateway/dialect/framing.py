"""The frame of a request, and the address under which its client reaches the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.types import Scope

from gateway.dialect.frame import Frame

if TYPE_CHECKING:
    from gateway.dialect import Services

_OWN_URLS = 256
"""So many addresses are remembered: a client may say any host."""


def frame_of(scope: Scope, services: Services, options: object, path: str) -> Frame:
    """The frame of a request."""
    headers = _headers(scope)
    return Frame(
        options=options,
        base_url=_base_url(scope, headers, services),
        method=scope["method"],
        path=path,
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
    )


def base_url_of(request: Request, services: Services) -> str:
    """Where clients reach the gateway; the public URL wins over the request's own host."""
    return _base_url(request.scope, request.headers, services)


def _headers(scope: Scope) -> Mapping[str, str]:
    """By lower-case name, as the server has them; of one that is said again the first.

    Space around a value is no part of it (RFC 9110, 5.5); the server leaves what is behind it.
    """
    said = reversed(scope["headers"])
    return {name.decode("latin-1"): value.strip(b" \t").decode("latin-1") for name, value in said}


def _base_url(scope: Scope, headers: Mapping[str, str], services: Services) -> str:
    if services.public_url is not None:
        return services.public_url.rstrip("/")
    server = scope.get("server")
    return _own_url(scope["scheme"], headers.get("host"), tuple(server or ()))


@lru_cache(maxsize=_OWN_URLS)
def _own_url(scheme: str, host: str | None, server: tuple[str, int] | tuple[()]) -> str:
    """What a request says of its own address, as Starlette reads it."""
    headers = [] if host is None else [(b"host", host.encode("latin-1"))]
    url = URL(scope={"scheme": scheme, "server": server or None, "path": "/", "headers": headers})
    return f"{url.scheme}://{url.netloc}".rstrip("/")
