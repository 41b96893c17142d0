"""Where the operations of a dialect are asked: as their examples ask, and astray."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.routing import compile_path

from gateway.conformance.exchanges import Exchange, exchanges_of
from gateway.conformance.schemas import schemas_by_name
from gateway.dialect import Dialect
from gateway.dialect.http import Endpoint
from gateway.dialect.routing import endpoint_of

STRANGE = ("x", "-1", "1.5", "9" * 25, "%00", "%FF", "%0A")
"""What may stand where an address names something, percent-encoded as it is sent."""

_ANY = "1"


@dataclass(frozen=True, slots=True)
class Address:
    """An operation, asked as in its first example; with any arguments where it has none."""

    dialect: Dialect
    endpoint: Endpoint
    arguments: Mapping[str, str]
    request: Mapping[str, Any]

    def path(self, **others: str) -> str:
        """The path, still encoded, with these arguments in the place of the example's."""
        arguments = {**self.arguments, **others}
        return self.dialect.bases[0] + self.endpoint.path.format_map(arguments)

    def astray(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Which argument or parameter is strange, and a request that is right but for it."""
        for name in self.arguments:
            for text in STRANGE:
                yield f"{name}={text}", {**self.request, "path": self.path(**{name: text})}
        for name in self._parameters():
            for text in ("", *STRANGE):
                yield f"?{name}={text}", self._asking(name, text)

    def _parameters(self) -> Sequence[str]:
        if self.endpoint.query is None:
            return ()
        schema = schemas_by_name(self.dialect)[self.endpoint.query]
        return tuple(schema.get("properties", {}))

    def _asking(self, name: str, text: str) -> Mapping[str, Any]:
        said = self.request.get("query") or {}
        others = urlencode({key: value for key, value in said.items() if key != name})
        query = f"{others}&{quote(name)}={text}".removeprefix("&")
        return {**self.request, "path": f"{self.path()}?{query}", "query": None}


def addresses(dialect: Dialect, profile: str) -> Iterator[Address]:
    """Every operation of a dialect as it is asked in a profile."""
    endpoints, examples = dialect.routes(), exchanges_of(dialect, profile)
    for endpoint in endpoints:
        yield _address(dialect, endpoint, endpoints, examples)


def _address(
    dialect: Dialect,
    endpoint: Endpoint,
    endpoints: Sequence[Endpoint],
    examples: Sequence[Exchange],
) -> Address:
    for example in examples:
        request = example.request
        found = endpoint_of(dialect, endpoints, request["method"], request["path"])
        if found is not None and found[0] is endpoint:
            said = {k: _ANY if value.startswith("<") else value for k, value in found[1].items()}
            return Address(dialect, endpoint, said, request)
    arguments = dict.fromkeys(compile_path(endpoint.path)[2], _ANY)
    address = Address(dialect, endpoint, arguments, {"method": endpoint.method})
    return Address(dialect, endpoint, arguments, {**address.request, "path": address.path()})
