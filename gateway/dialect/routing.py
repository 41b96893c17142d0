"""Which endpoint of a dialect a request is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.routing import compile_path

from gateway.dialect import Dialect
from gateway.dialect.http import Endpoint
from gateway.dialect.mount import below_base


def endpoint_of(
    dialect: Dialect, endpoints: Sequence[Endpoint], method: str, path: str
) -> tuple[Endpoint, Mapping[str, str]] | None:
    """The first that has this verb and path, still encoded, and the path's parameters.

    ``None`` for an unknown path, or a verb that the path does not have.
    """
    below = dialect.route_path(below_base(path.partition("?")[0], dialect))
    for endpoint in endpoints:
        match = compile_path(endpoint.path)[0].match(below)
        if match is not None and endpoint.method == method:
            return endpoint, match.groupdict()
    return None
