"""Bodies as proto3 JSON: what protobuf's reader takes, drops and refuses, and in which words.

Either spelling of a name is read; unknown names and ``null`` are dropped, and so is an unknown name
of an enum. A field said twice, also in its two spellings, and a wrong type are refused with the
line and the column of the token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.chainloop.wire import Field, Message, fields, is_int32
from gateway.core.errors import BadBody, BodyFault
from gateway.dialect.text import parse_json

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")
_WORD = re.compile(r"[\w.+-]{1,50}")

MAX_PLACED = 2**16
"""In a body of more bytes a fault has no place: finding it costs more than it tells."""

Place = tuple[int, int]
"""Line and column, both from 1."""


class Pairs(list[tuple[str, object]]):
    """The members of an object, with those that a dict would swallow."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Member:
    """Where a member of an object stands, and its value's first token as written."""

    token: str
    name_at: Place = (1, 1)
    value_at: Place = (1, 1)


def read(message: type[Message], raw: bytes) -> Mapping[str, Any]:
    """What a body says, by proto name. Raises ``BadBody`` and ``BadText``."""
    value = _parsed(raw)
    text = raw.decode()
    if not isinstance(value, Pairs):
        raise _not_an_object(value, _place(text, _skip(text, 0)))
    return _values(message, value, text if len(raw) <= MAX_PLACED else None)


def read_value(message: type[Message], value: object) -> Mapping[str, Any]:
    """As ``read``, for a body that is decoded already. Raises ``BadBody``."""
    if not isinstance(value, dict):
        raise _not_an_object(value, (1, 1))
    return _values(message, Pairs(value.items()))


def _parsed(raw: bytes) -> object:
    try:
        return parse_json(raw, make_object=Pairs)
    except BadBody as error:
        if error.fault is not BodyFault.SYNTAX:
            raise
        raise replace(error, detail=_unexpected(raw.decode(), error)) from None


def _unexpected(text: str, error: BadBody) -> str:
    """What protobuf's reader says of the token at which it stops."""
    lines = text.split("\n")
    rest = lines[error.line - 1][error.column - 1 :]
    word = _WORD.match(rest)
    if word:
        return f"invalid value {word[0]}"
    if rest:
        return f"unexpected token {rest[0]}"
    return "unexpected EOF" if error.line == len(lines) else "invalid character '\\n' in string"


def _values(message: type[Message], pairs: Pairs, text: str | None = None) -> Mapping[str, Any]:
    known = fields(message)
    values: dict[str, object] = {}
    for index, (name, value) in enumerate(pairs):
        field = known.get(name)
        if field is None:
            continue
        if field.name in values:
            place = _member(text, index, value).name_at
            raise BadBody(BodyFault.DUPLICATE, f'duplicate field "{name}"', *place)
        try:
            values[field.name] = _value(field, value)
        except ValueError as misfit:
            member = _member(text, index, value)
            detail = f"invalid value for {misfit} field {field.json_name}: {member.token}"
            raise BadBody(BodyFault.SHAPE, detail, *member.value_at) from None
    return {name: value for name, value in values.items() if value is not None}


def _value(field: Field, value: object) -> object:
    """Raises ``ValueError`` with the kind of field that the value does not fit."""
    if value is None:
        return None
    if field.words is None:
        if isinstance(value, str):
            return value
        raise ValueError("string")
    if isinstance(value, str):
        return field.words.__members__.get(value)
    if is_int32(value):
        return int(value)
    raise ValueError("enum")


def _not_an_object(value: object, place: Place) -> BadBody:
    return BadBody(BodyFault.SYNTAX, f"unexpected token {_token(value)}", *place)


def _token(value: object) -> str:
    if isinstance(value, dict | list):
        return "{" if isinstance(value, dict | Pairs) else "["
    return json.dumps(value, ensure_ascii=False)


def _member(text: str | None, index: int, value: object) -> Member:
    """The member of this index; only a fault asks for it, so only a fault costs the walk."""
    if text is None:
        return Member(_token(value))
    at = _skip(text, _skip(text, 0) + 1)
    for _ in range(index):
        end = _value_of(text, at)[1]
        at = _skip(text, _skip(text, end) + 1)
    start, end = _value_of(text, at)
    token = text[start] if text[start] in "{[" else text[start:end]
    return Member(token, _place(text, at), _place(text, start))


def _value_of(text: str, at: int) -> tuple[int, int]:
    """Where the value of the member at ``at`` begins and ends; the text is known to be JSON."""
    _, end = _DECODER.raw_decode(text, at)
    start = _skip(text, _skip(text, end) + 1)
    return start, _DECODER.raw_decode(text, start)[1]


def _skip(text: str, at: int) -> int:
    if text[at] > " ":
        return at
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _place(text: str, at: int) -> Place:
    before = text[:at]
    return before.count("\n") + 1, at - before.rfind("\n")
