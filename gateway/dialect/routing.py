"""Which dialect, base and endpoint a request is for. Paths are those of the wire, still encoded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from starlette.routing import compile_path
from starlette.types import Scope

from gateway.dialect import Dialect
from gateway.dialect.http import Endpoint


def encoded_path(scope: Scope) -> str:
    """The path as it came, percent-encoding and all, without the query."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")


_NOTHING = "(?!)"
"""Matches no path, as none of no heads does."""


class Heads:
    """Beginnings of paths, each in the case of letters that its dialect finds it in."""

    def __init__(self, heads: Iterable[tuple[str, Dialect]]) -> None:
        longest_first = sorted(enumerate(heads), key=lambda head: len(head[1][0]), reverse=True)
        self._places = [place for place, _ in longest_first]
        patterns = [_pattern(*head) for _, head in longest_first]
        self._any = re.compile("|".join(patterns) or _NOTHING)

    def find(self, path: str) -> int | None:
        """The place of the longest head that a path is or lies below; ``None`` for none."""
        found = self._any.match(path)
        return None if found is None else self._places[(found.lastindex or 0) - 1]


def _pattern(head: str, dialect: Dialect) -> str:
    flags = "i" if dialect.ignores_case else ""
    return rf"((?{flags}:{re.escape(head)}))(?=/|\Z)"


class Bases:
    """The prefixes below which a dialect's routes live."""

    def __init__(self, dialect: Dialect) -> None:
        doubled = [(f"/{base}", base) for base in dialect.bases if f"/{base}" in dialect.paths]
        self._bases = [*((base, base) for base in dialect.bases), *doubled]
        self._heads = Heads((spelled, dialect) for spelled, _ in self._bases)

    def of(self, path: str) -> tuple[str, str]:
        """The longest that a path begins with, empty where none does, and what stands behind it.

        A dialect that owns a base with its first slash doubled has the same routes there.
        """
        found = self._heads.find(path)
        if found is None:
            return "", path or "/"
        spelled, base = self._bases[found]
        return base, path[len(spelled) :] or "/"


class Endpoints:
    """What a dialect answers, by verb and path below its base."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._by_method: dict[str, list[tuple[re.Pattern[str], Endpoint]]] = {}
        for endpoint in endpoints:
            pattern = compile_path(endpoint.path)[0]
            self._by_method.setdefault(endpoint.method, []).append((pattern, endpoint))

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """The first that has this verb and path, and the path's parameters."""
        for pattern, endpoint in self._by_method.get(method, ()):
            match = pattern.match(path)
            if match is not None:
                return endpoint, match.groupdict()
        return None

    def methods(self, path: str) -> tuple[str, ...]:
        """The verbs that a path has, sorted; none for an unknown path."""
        return tuple(method for method in sorted(self._by_method) if self.find(method, path))


def endpoint_of(
    dialect: Dialect, endpoints: Sequence[Endpoint], method: str, path: str
) -> tuple[Endpoint, Mapping[str, str]] | None:
    """The first that has this verb and path, and the path's parameters.

    ``None`` for an unknown path, or a verb that the path does not have.
    """
    path = path.partition("?")[0]
    _, below = Bases(dialect).of(path)
    return Endpoints(endpoints).find(method, dialect.route_path(below))
