"""The parameters of a request, wherever GitLab lets a client put them: query, form or JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.core.errors import BadBody, BadMediaType, BodyFault, Invalid, TooLarge
from gateway.dialect.http import Call
from gateway.dialect.text import Json

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_FORMS = frozenset({_FORM, "multipart/form-data"})
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})

_NESTED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_KEY = re.compile(r"\[([^\[\]]*)\]")
_MAX_KEYS = 32

MAX_DEPTH, MAX_ARRAY, MAX_HASH, MAX_TOTAL = 32, 50_000, 50_000, 100_000
"""What GitLab 18.9 lets a JSON body hold unless its operator says otherwise."""

Said = dict[str, object]
"""Parameters by name, as text or as JSON values."""


async def check_json(call: Call) -> None:
    """Refuse a body that is no JSON, or too much of it, before anything else is looked at.

    Raises ``BadBody``, ``BadText``, and ``Invalid`` for a body beyond a limit.
    """
    if not _is_json(call):
        return
    try:
        raw = await call.body()
    except TooLarge:
        raise Invalid(field="body", reason="json_too_large") from None
    if raw:
        _check_limits(await call.json())


async def read(call: Call) -> Said:
    """All parameters of a request; the body's win over the query's.

    Raises ``BadBody``, ``BadText``, ``BadMediaType``, ``TooLarge``.
    """
    said, raw = named(call.query), await call.body()
    if not raw:
        return said
    media = _media_type(call)
    if media == _JSON:
        value = await call.json()  # an array or a word is JSON, and says no parameter
        return {**said, **(value if isinstance(value, dict) else {})}
    if media in _FORMS:
        return {**said, **named(await call.form())}
    if call.frame.method in _BODILESS:
        return said
    raise BadMediaType(media)


def named(pairs: Iterable[tuple[str, str]]) -> Said:
    """Pairs as Rack reads them: the last of a name counts, brackets make arrays and hashes."""
    said: Said = {}
    for name, value in pairs:
        nested = _NESTED.fullmatch(name)
        keys = _KEY.findall(nested[2]) if nested is not None else []
        if nested is None or len(keys) > _MAX_KEYS:
            said[name] = value
        else:
            _put(said, nested[1], keys, value)
    return said


def _put(said: Said, name: str, keys: list[str], value: str) -> None:
    if not keys:
        said[name] = value
        return
    key, *rest = keys
    held = said.get(name)
    if key:
        inner = held if isinstance(held, dict) else {}
        said[name] = inner
        _put(inner, key, rest, value)
        return
    items = held if isinstance(held, list) else []
    said[name] = items
    if not rest:
        items.append(value)
        return
    if not items or not isinstance(items[-1], dict) or rest[0] in items[-1]:
        items.append({})  # a key said again begins the next entry
    _put(items[-1], rest[0], rest[1:], value)


def _is_json(call: Call) -> bool:
    """A body without a type is taken for JSON, but in a POST for a form."""
    return _media_type(call) == _JSON


def _media_type(call: Call) -> str:
    return call.media_type or (_FORM if call.frame.method == "POST" else _JSON)


def _check_limits(value: Json) -> None:
    total = 0
    level: list[Json] = [value]
    for _depth in range(MAX_DEPTH):
        below: list[Json] = []
        for item in level:
            if isinstance(item, list):
                if len(item) > MAX_ARRAY:
                    raise Invalid(field="body", reason="array_too_large")
                below.extend(item)
            elif isinstance(item, dict):
                if len(item) > MAX_HASH:
                    raise Invalid(field="body", reason="hash_too_large")
                below.extend(item.values())
        total += len(below)
        if total > MAX_TOTAL:
            raise Invalid(field="body", reason="too_many")
        level = [item for item in below if isinstance(item, list | dict)]
        if not level:
            return
    raise BadBody(BodyFault.DEPTH)
