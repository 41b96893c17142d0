"""The parameters of a request, wherever GitLab lets a client put them: query, form or JSON."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.core.errors import BadMediaType, Invalid, TooLarge
from gateway.dialect.http import Call
from gateway.dialect.text import parse_json

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_FORMS = frozenset({_FORM, "multipart/form-data"})
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})

Said = dict[str, object]
"""Parameters by name, as text or as JSON values."""


async def read(call: Call) -> Said:
    """All parameters of a request; the body's win over the query's.

    Raises ``BadBody``, ``BadText``, ``BadMediaType``, ``TooLarge``, and ``Invalid`` for a JSON
    body beyond the gateway's limit.
    """
    media = _media_type(call)
    raw = await _raw(call, media)
    if not raw:
        return named(call.query)
    if media == _JSON:
        value = parse_json(raw)  # an array or a word is JSON, and says no parameter
        return {**named(call.query), **(value if isinstance(value, dict) else {})}
    said = named(call.query)
    if media in _FORMS:
        return {**said, **named(await call.form())}
    if call.frame.method in _BODILESS:
        return said
    raise BadMediaType(media)


def named(pairs: Iterable[tuple[str, str]]) -> Said:
    """Pairs as Rack reads them: the last of a name counts, brackets make an array."""
    said: Said = {}
    for name, value in pairs:
        base, bracket, _ = name.partition("[")
        said[base if bracket and base else name] = [value] if bracket and base else value
    return said


def _media_type(call: Call) -> str:
    """The body's media type; an unnamed one is a form in a POST and JSON elsewhere."""
    media = call.content_type.partition(";")[0].strip().lower()
    return media or (_FORM if call.frame.method == "POST" else _JSON)


async def _raw(call: Call, media: str) -> bytes:
    try:
        return await call.body()
    except TooLarge:
        if media == _JSON:
            raise Invalid(field="body", reason="json_too_large") from None
        raise
