"""Which dialects are installed: the built-in ones by name, strangers' by entry point."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from gateway.core.trace import OPERATIONS
from gateway.dialect import API_VERSION, DOCUMENTED, ENTRY_POINTS, Dialect
from gateway.dialect.resources import BadFile, load_examples, load_json

OWN_PATHS = ("/docs", "/healthz", "/metrics", "/openapi", "/readyz")
"""What the gateway answers itself; no dialect owns any of it."""

_NAME = re.compile(r"[a-z][a-z0-9_-]*")

BUILT_IN = ("canonical", "chainloop", "github", "gitlab", "iftrue")


class BadDialect(Exception):
    """An adapter that cannot be installed; the text says why."""


def installed() -> Mapping[str, Dialect]:
    """All dialects by name. Raises ``BadDialect``."""
    found = [import_module(f"adapters.{name}").dialect for name in BUILT_IN]
    found += [_loaded(entry) for entry in entry_points(group=ENTRY_POINTS)]
    return _checked(found)


def beside(dialect: Dialect) -> Mapping[str, Dialect]:
    """All dialects with this one among them, in the place of an installed namesake.

    Raises ``BadDialect``.
    """
    others = (other for name, other in installed().items() if name != dialect.name)
    return _checked([*others, dialect])


def _loaded(entry: EntryPoint) -> Dialect:
    try:
        value = entry.load()
    except Exception as error:  # a stranger's code may fail in any way, one of another version too
        raise BadDialect(
            f"the {entry.name} adapter ({entry.value}) does not load in this gateway, which has "
            f"version {API_VERSION} of the adapter API: {type(error).__name__}: {_in_line(error)}"
        ) from error
    if not isinstance(value, Dialect):
        raise BadDialect(f"the {entry.name} adapter ({entry.value}) is not a Dialect: {value!r}")
    if value.name != entry.name:  # its settings are found under the name of the entry
        raise BadDialect(f"the {entry.name} adapter ({entry.value}) is called {value.name!r}")
    try:
        _check_files(value)
    except (BadFile, OSError) as error:
        raise BadDialect(f"the {entry.name} adapter ({entry.value}): {_in_line(error)}") from None
    return value


def _check_files(dialect: Dialect) -> None:
    """Raise ``BadFile`` or ``OSError`` where no document could be made, of any dialect."""
    dict(load_examples(dialect.examples))
    schemas = dict(load_json(dialect.schemas))
    for endpoint in dialect.routes():
        for name in (endpoint.query, endpoint.body, *endpoint.shapes.values()):
            if name is not None and name not in schemas:
                raise BadFile(f"{endpoint.method} {endpoint.path} names no schema: {name}.json")


def _in_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _checked(dialects: Iterable[Dialect]) -> Mapping[str, Dialect]:
    by_name: dict[str, Dialect] = {}
    owners: dict[str, str] = {}
    for dialect in dialects:
        _check(dialect)
        if dialect.name in by_name:
            raise BadDialect(f"two adapters are called {dialect.name}")
        by_name[dialect.name] = dialect
        for path in dialect.paths:
            if path in owners:
                raise BadDialect(f"{dialect.name} and {owners[path]} both own {path}")
            owners[path] = dialect.name
    return by_name


def _check(dialect: Dialect) -> None:
    if not _NAME.fullmatch(dialect.name) or dialect.name == OPERATIONS:
        raise BadDialect(
            f"an adapter is called {dialect.name!r}: a name is {_NAME.pattern}, not {OPERATIONS}"
        )
    if dialect.api_version != API_VERSION:
        raise BadDialect(
            f"the {dialect.name} adapter is for version {dialect.api_version} of the adapter "
            f"API; this gateway has version {API_VERSION}"
        )
    if DOCUMENTED not in dialect.options:
        raise BadDialect(f"the {dialect.name} adapter has no {DOCUMENTED} profile")
    for path in dialect.paths:
        if any(_is_below(own, path) or _is_below(path, own) for own in OWN_PATHS):
            raise BadDialect(
                f"the {dialect.name} adapter owns {path or 'all paths'}, and the gateway itself "
                f"answers at {', '.join(OWN_PATHS)}"
            )
    for base in dialect.bases:
        if not any(_is_below(base, path) or _is_below(path, base) for path in dialect.paths):
            raise BadDialect(
                f"the {dialect.name} adapter is never asked below {base}: "
                f"its paths are {', '.join(dialect.paths)}"
            )


def _is_below(path: str, head: str) -> bool:
    return path == head or path.startswith(f"{head}/")
