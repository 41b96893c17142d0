"""References of golden exchanges, ``<number:1>`` or ``<time>``, as values that can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

_REFERENCE = re.compile(r"<(number|project-number|uuid|time|token|any)(:[A-Za-z0-9_-]+)?>")
_BEGAN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_FIRST_ID = 0x019AA000_0000_7000_8000_000000000000
_SPELLINGS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.000Z", "%Y-%m-%dT%H:%M:%S.000000Z")
_CONSTANT = {"token": "<token>", "any": "…"}


class Filling:
    """The values of one exchange: a labelled reference is the same value wherever it stands."""

    def __init__(self, spelling: str) -> None:
        self._spelling = spelling
        self._known: dict[str, int | str] = {}
        self._next = count(1)

    def fill(self, value: Any) -> Any:
        """``value`` with every reference in its keys and texts replaced."""
        if isinstance(value, Mapping):
            return {self._text(key): self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value
        whole = _REFERENCE.fullmatch(value)
        return self._of(whole) if whole is not None else self._text(value)

    def _text(self, text: str) -> str:
        return _REFERENCE.sub(lambda match: str(self._of(match)), text)

    def _of(self, match: re.Match[str]) -> int | str:
        if match[2] is None:
            return self._made(match[1])
        if match[0] not in self._known:
            self._known[match[0]] = self._made(match[1])
        return self._known[match[0]]

    def _made(self, kind: str) -> int | str:
        if kind in _CONSTANT:
            return _CONSTANT[kind]
        number = next(self._next)
        if kind == "uuid":
            return str(UUID(int=_FIRST_ID + number))
        if kind == "time":
            return (_BEGAN + timedelta(seconds=number)).strftime(self._spelling)
        return number


def spelling_of(schemas: Mapping[str, Any]) -> str:
    """How a dialect writes times: the first spelling that its record's patterns all take."""
    patterns = [re.compile(pattern) for pattern in _patterns(schemas.get("record"))]
    for spelling in _SPELLINGS:
        if all(pattern.search(_BEGAN.strftime(spelling)) for pattern in patterns):
            return spelling
    return _SPELLINGS[0]


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from _patterns(item)
    elif isinstance(schema, Mapping):
        if schema.get("format") == "date-time" and "pattern" in schema:
            yield schema["pattern"]
        for item in schema.values():
            yield from _patterns(item)
