"""Where a built-in dialect's schemas and examples lie, in a checkout and in an installed wheel."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any


class BadFile(ValueError):
    """A file of an adapter that cannot be used; the text names it and says why."""


def examples_of(package: str) -> Traversable:
    """The ``examples`` folder beside an adapter's modules."""
    return files(package) / "examples"


def schemas_of(name: str) -> Traversable:
    """A built-in dialect's folder of JSON Schemas.

    The wheel carries them inside the package; a checkout has them at its top.
    """
    packaged = files("gateway") / "schemas" / name
    if packaged.is_dir():
        return packaged
    return files("gateway") / ".." / "schemas" / name


def load_json(folder: Traversable) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each ``*.json`` of a folder by its name without the ending, sorted. Raises ``BadFile``."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".json"):
            yield entry.name.removesuffix(".json"), _read(folder, entry)


def load_examples(folder: Traversable) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each example of a folder by its name.

    Raises ``BadFile``, also for one that leaves out what every example says.
    """
    for name, said in load_json(folder):
        for place in _SAID:
            if not _says(said, place):
                raise BadFile(f"{folder.name}/{name}.json does not say {place}")
        yield name, said


_SAID = (
    *("title", "source", "checked", "evidence", "profiles"),
    *("request.method", "request.path", "response.status"),
)


def _says(said: Any, place: str) -> bool:
    for step in place.split("."):
        if not isinstance(said, dict) or step not in said:
            return False
        said = said[step]
    return True


def _read(folder: Traversable, entry: Traversable) -> Mapping[str, Any]:
    place = f"{folder.name}/{entry.name}"
    try:
        read = json.loads(entry.read_text("utf-8"))
    except ValueError as error:
        raise BadFile(f"{place} is no JSON: {error}") from None
    if not isinstance(read, dict):
        raise BadFile(f"{place} is no object")
    return read
