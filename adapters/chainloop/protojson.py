"""Bodies as proto3 JSON: what protobuf's reader takes, drops and refuses, and in which words.

Either spelling of a name is read; unknown names and ``null`` are dropped, and so is an unknown name
of an enum. A field said twice, also in its two spellings, and a wrong type are refused with the
line and the column of the token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.chainloop.wire import Field, Message, fields, is_int32
from gateway.core.errors import BadBody, BodyFault
from gateway.dialect.text import parse_json

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")
_WORD = re.compile(r"[\w.+-]{1,50}")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a JSON object: its value, that value's first token as written, and where."""

    name: str
    value: object
    token: str
    name_at: int = 0
    value_at: int = 0


def read(message: type[Message], raw: bytes) -> Mapping[str, Any]:
    """What a body says, by proto name. Raises ``BadBody`` and ``BadText``."""
    value = _parsed(raw)
    text = raw.decode()
    if not isinstance(value, dict):
        raise _not_an_object(value, text, _skip(text, 0))
    return _values(message, _members(text), text)


def read_value(message: type[Message], value: object) -> Mapping[str, Any]:
    """As ``read``, for a body that is decoded already. Raises ``BadBody``."""
    if not isinstance(value, dict):
        raise _not_an_object(value)
    said = (Member(name, item, _token(item)) for name, item in value.items())
    return _values(message, said)


def _parsed(raw: bytes) -> object:
    try:
        return parse_json(raw)
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


def _values(message: type[Message], said: Iterable[Member], text: str = "") -> Mapping[str, Any]:
    known = fields(message)
    values: dict[str, object] = {}
    for member in said:
        field = known.get(member.name)
        if field is None:
            continue
        if field.name in values:
            detail = f'duplicate field "{member.name}"'
            raise BadBody(BodyFault.DUPLICATE, detail, *_place(text, member.name_at))
        values[field.name] = _value(field, member, text)
    return {name: value for name, value in values.items() if value is not None}


def _value(field: Field, member: Member, text: str) -> object:
    value = member.value
    if value is None:
        return None
    if field.words is None:
        if isinstance(value, str):
            return value
        raise _misfit("string", field, member, text)
    if isinstance(value, str):
        return field.words.__members__.get(value)
    if is_int32(value):
        return int(value)
    raise _misfit("enum", field, member, text)


def _misfit(kind: str, field: Field, member: Member, text: str) -> BadBody:
    detail = f"invalid value for {kind} field {field.json_name}: {member.token}"
    return BadBody(BodyFault.SHAPE, detail, *_place(text, member.value_at))


def _not_an_object(value: object, text: str = "", at: int = 0) -> BadBody:
    return BadBody(BodyFault.SYNTAX, f"unexpected token {_token(value)}", *_place(text, at))


def _token(value: object) -> str:
    if isinstance(value, dict | list):
        return "{" if isinstance(value, dict) else "["
    return json.dumps(value, ensure_ascii=False)


def _members(text: str) -> Iterator[Member]:
    """The members of the object that ``text``, known to be JSON, holds; repeated ones too."""
    at = _skip(text, _skip(text, 0) + 1)
    while text[at] != "}":
        name, end = _DECODER.raw_decode(text, at)
        start = _skip(text, _skip(text, end) + 1)
        value, end = _DECODER.raw_decode(text, start)
        token = text[start] if isinstance(value, dict | list) else text[start:end]
        yield Member(name, value, token, at, start)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _place(text: str, at: int) -> tuple[int, int]:
    """Line and column, both from 1."""
    before = text[:at]
    return before.count("\n") + 1, at - before.rfind("\n")
