"""The examples of a dialect, each with the endpoint that answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from gateway.dialect import Dialect, Options
from gateway.dialect.http import Endpoint
from gateway.dialect.resources import load_json
from gateway.dialect.routing import endpoint_of
from gateway.openapi.filling import Filling, spelling_of

BODIES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
"""The keys of an example's body that schemas speak of, and the media types they are sent in."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that an endpoint answered, with readable values for what was volatile.

    ``arguments`` are the path parameters, ``query`` the last value of each query parameter.
    """

    name: str
    endpoint: Endpoint
    arguments: Mapping[str, str]
    query: Mapping[str, str]
    said: Mapping[str, Any]

    @property
    def status(self) -> int:
        """The status of the answer."""
        status: int = self.said["response"]["status"]
        return status

    @property
    def is_success(self) -> bool:
        """Whether the request was answered and not refused."""
        return self.status < 400

    @property
    def body(self) -> tuple[str, Any] | None:
        """The media type and the value of the body that was sent, if it can be spoken of."""
        for key, media_type in BODIES.items():
            if key in self.said["request"]:
                return media_type, self.said["request"][key]
        return None


def exchanges_of(
    dialect: Dialect,
    options: Options,
    endpoints: Sequence[Endpoint],
    schemas: Mapping[str, Any],
) -> Sequence[Exchange]:
    """The examples of the profile that one of the dialect's endpoints answers, by name.

    What asks for an unknown path, or for a verb that a path does not have, belongs to none.
    """
    spelling = spelling_of(schemas)
    filled = (
        (name, Filling(spelling).fill(said))
        for name, said in load_json(dialect.examples)
        if options.profile in said["profiles"]
    )
    found = (_matched(dialect, endpoints, name, said) for name, said in filled)
    return [exchange for exchange in found if exchange is not None]


def _matched(
    dialect: Dialect, endpoints: Sequence[Endpoint], name: str, said: Mapping[str, Any]
) -> Exchange | None:
    method, path = said["request"]["method"], said["request"]["path"]
    found = endpoint_of(dialect, endpoints, method, path)
    if found is None:
        return None
    endpoint, named = found
    arguments = {key: unquote(value) for key, value in named.items()}
    asked = {**dict(parse_qsl(path.partition("?")[2])), **said["request"].get("query", {})}
    return Exchange(name, endpoint, arguments, asked, said)
