"""A dialect in one profile, with all that its document is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from jsonschema import Draft202012Validator

from gateway.dialect import Dialect, Options
from gateway.dialect.http import Endpoint
from gateway.dialect.resources import load_json
from gateway.openapi.components import components, reference
from gateway.openapi.exchanges import Exchange, exchanges_of
from gateway.openapi.meaning import meanings


@dataclass(frozen=True, slots=True)
class Described:
    """A dialect's endpoints, its schemas by name, the same as components, and its examples."""

    dialect: Dialect
    options: Options
    endpoints: Sequence[Endpoint]
    schemas: Mapping[str, Any]
    components: Mapping[str, Any]
    exchanges: Sequence[Exchange]
    meanings: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, dialect: Dialect, options: Options) -> Self:
        """Read what the dialect brings."""
        endpoints, schemas = dialect.routes(), dict(load_json(dialect.schemas))
        exchanges = exchanges_of(dialect, options, endpoints, schemas)
        meant = meanings(dialect, options)
        found = components(schemas, meant)
        return cls(dialect, options, endpoints, schemas, found, exchanges, meant)

    def exchanges_of(self, endpoint: Endpoint) -> list[Exchange]:
        """The examples that an endpoint answers."""
        return [exchange for exchange in self.exchanges if exchange.endpoint is endpoint]

    def fits(self, name: str, value: object) -> bool:
        """Whether a value is of a component."""
        document = {"components": {"schemas": self.components}, **reference(name)}
        return Draft202012Validator(document).is_valid(value)
