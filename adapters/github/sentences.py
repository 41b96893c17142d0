"""The sentences of a 422: what of a body does not fit its schema, in GitHub's words and order.

GitHub's answers are word for word those of the Ruby validator ``json_schema``
(https://github.com/brandur/json_schema, checked 2026-11-20): all problems of a value, then of its
parts, with values written as Ruby's ``inspect`` writes them. Pure; knows no endpoint.

A hostile body cannot make the answer long: quoted values are cut, sentences are counted, and of an
array or an object beyond its size limit only the head is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from adapters.github.ruby import interpolated, literal, literal_pattern
from gateway.core.errors import Invalid

Schema = Mapping[str, Any]

MAX_SENTENCES = 100
"""How many problems one answer names; a last sentence says that there were more."""

KEYWORDS = frozenset(
    {"type", "enum", "items", "maxItems", "uniqueItems", "additionalProperties", "maxProperties"}
    | {"properties", "required", "maxLength", "minLength", "pattern"}
)
"""The keywords of JSON Schema that are judged; titles, defaults and comments say nothing here."""

_TYPES: Mapping[str, type] = {"string": str, "object": dict, "array": list, "boolean": bool}


def problems(schema: Schema, value: object) -> tuple[Invalid, ...]:
    """Each way in which a JSON value does not fit, with its sentence as ``detail``."""
    found = tuple(islice(_problems(_Place(None, "", "#"), schema, value), MAX_SENTENCES + 1))
    if len(found) <= MAX_SENTENCES:
        return found
    more = Invalid(field="", reason="more", detail="More problems were found.")
    return (*found[:MAX_SENTENCES], more)


class _Place(NamedTuple):
    """Where a value lies: under what, its own name, and the last step of its schema's pointer."""

    above: _Place | None
    name: str
    fragment: str

    @property
    def field(self) -> str:
        """The dotted name."""
        if self.above is None or not self.above.name:
            return self.name
        return f"{self.above.field}.{self.name}"

    def problem(self, reason: str, sentence: str) -> Invalid:
        return Invalid(field=self.field, reason=reason, detail=sentence)


_Found = Iterator[Invalid]


def _problems(place: _Place, schema: Schema, value: object) -> _Found:
    if "enum" in schema and value not in schema["enum"]:
        members = literal(schema["enum"])
        yield place.problem("enum", f"{interpolated(value)} is not a member of {members}.")
    wanted = schema.get("type")
    if wanted is not None and not isinstance(value, _TYPES[wanted]):
        article = "an" if wanted[0] in "aeiou" else "a"
        sentence = f"For '{place.fragment}', {literal(value)} is not {article} {wanted}."
        yield place.problem("type", sentence)
    judge = _BY_TYPE.get(type(value))
    if judge is not None:
        yield from judge(place, schema, value)


def _array(place: _Place, schema: Schema, value: list[Any]) -> _Found:
    limit = schema.get("maxItems")
    head = value[: _looked_at(limit)]
    if "items" in schema:
        for index, item in enumerate(head):
            if not _is_fit_text(schema["items"], item):
                yield from _problems(_Place(place, str(index), "items"), schema["items"], item)
    if limit is not None and len(value) > limit:
        yield place.problem("max_items", _too_many(limit, len(value), "item", "items"))
    if schema.get("uniqueItems") and not _are_unique(head):
        yield place.problem("unique", "Duplicate items are not allowed.")


def _are_unique(items: list[Any]) -> bool:
    # Cut as quoted: two values alike that far are no members of any short list of words.
    return len(items) < 2 or len({literal(item) for item in items}) == len(items)


def _object(place: _Place, schema: Schema, value: dict[str, Any]) -> _Found:
    declared = schema.get("properties", {})
    limit = schema.get("maxProperties")
    if "additionalProperties" in schema:
        extra = (item for item in value.items() if item[0] not in declared)
        for name, item in islice(extra, _looked_at(limit)):
            if not _is_fit_text(schema["additionalProperties"], item):
                below = _Place(place, name, "additionalProperties")
                yield from _problems(below, schema["additionalProperties"], item)
    if limit is not None and len(value) > limit:
        sentence = _too_many(limit, len(value), "property", "properties")
        yield place.problem("max_properties", sentence)
    for name, part in declared.items():
        if name in value and not _is_fit_text(part, value[name]):
            yield from _problems(_Place(place, name, f"properties/{name}"), part, value[name])
    missing = sorted([name for name in schema.get("required", ()) if name not in value])
    if missing:
        names = ", ".join(f'"{name}"' for name in missing)
        verb = "wasn't" if len(missing) == 1 else "weren't"
        yield place.problem("required", f"{names} {verb} supplied.")


def _is_fit_text(schema: Schema, value: object) -> bool:
    """Whether it is text without a problem: nearly all that is sent is, and needs no place."""
    if not isinstance(value, str) or schema.get("type") != "string":
        return False
    return value in schema.get("enum", (value,)) and not _text_problems(schema, value)


def _string(place: _Place, schema: Schema, value: str) -> _Found:
    return (place.problem(*problem) for problem in _text_problems(schema, value))


def _text_problems(schema: Schema, value: str) -> list[tuple[str, str]]:
    """The reason and the sentence of each problem of a text."""
    found = []
    longest, shortest = schema.get("maxLength"), schema.get("minLength")
    if longest is not None and len(value) > longest:
        allowed = _counted(longest, "character", "characters")
        sentence = f"Only {allowed} allowed; {len(value)} {_were(len(value))} supplied."
        found.append(("max_length", sentence))
    if shortest is not None and len(value) < shortest:
        required = _counted(shortest, "character", "characters")
        sentence = f"At least {required} required; only {len(value)} {_were(len(value))} supplied."
        found.append(("min_length", sentence))
    pattern = schema.get("pattern")
    if pattern is not None and not _compiled(pattern).search(value):
        sentence = f"{interpolated(value)} does not match {literal_pattern(pattern)}."
        found.append(("pattern", sentence))
    return found


_BY_TYPE: Mapping[type, Callable[[_Place, Schema, Any], _Found]] = {
    list: _array,
    dict: _object,
    str: _string,
}


def _looked_at(limit: int | None) -> int | None:
    return None if limit is None else max(limit, MAX_SENTENCES)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """With ``$`` for the very end: no line break may hide behind it."""
    return re.compile(re.sub(r"\$$", r"\\Z", pattern))


def _too_many(limit: int, size: int, one: str, many: str) -> str:
    return f"No more than {_counted(limit, one, many)} allowed; {size} {_were(size)} supplied."


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one} is" if number == 1 else f"{number} {many} are"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
