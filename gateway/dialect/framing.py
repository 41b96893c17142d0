"""The frame of a request, and the address under which its client reaches the gateway."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from starlette.datastructures import URL
from starlette.requests import Request

from gateway.dialect.frame import Frame

if TYPE_CHECKING:
    from gateway.dialect import Services

_OWN_URLS = 256
"""So many addresses are remembered: a client may say any host."""


def frame_of(request: Request, services: Services, options: object, path: str) -> Frame:
    """The frame of a request."""
    return Frame(
        options=options,
        base_url=base_url_of(request, services),
        method=request.method,
        path=path,
        query=request.scope["query_string"].decode("latin-1"),
        headers=request.headers,
    )


def base_url_of(request: Request, services: Services) -> str:
    """Where clients reach the gateway; the public URL wins over the request's own host."""
    if services.public_url is not None:
        return services.public_url.rstrip("/")
    scheme, server = request.scope["scheme"], request.scope.get("server")
    return _own_url(scheme, request.headers.get("host"), tuple(server or ()))


@lru_cache(maxsize=_OWN_URLS)
def _own_url(scheme: str, host: str | None, server: tuple[str, int] | tuple[()]) -> str:
    """What a request says of its own address, as Starlette reads it."""
    headers = [] if host is None else [(b"host", host.encode("latin-1"))]
    url = URL(scope={"scheme": scheme, "server": server or None, "path": "/", "headers": headers})
    return f"{url.scheme}://{url.netloc}".rstrip("/")
