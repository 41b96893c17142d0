"""Queries and forms as go-kratos binds them to a message, in its words.

Keys nest by dots; either spelling of a name is read, unknown ones are dropped, a blank value is
unset. Where the JSON reader drops an unknown enum name, this one refuses it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters.chainloop.wire import Field, Message, fields, is_int32
from gateway.core.errors import Invalid
from gateway.dialect.text import parse_pairs

CODEC = "codec"
"""The reason of an ``Invalid`` whose detail is the binder's whole sentence."""

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_INTEGER = re.compile(r"([+-]?)0*([0-9]+)")
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}

# Only the message's own name is published; the package before it is a guess.
_PAGINATION = "platform.v1.OffsetPaginationRequest"


def query_pairs(raw: bytes) -> list[tuple[str, str]]:
    """A query's pairs; one with a ``;`` or a bad escape is dropped. Raises ``BadText``."""
    good = (p for p in raw.split(b"&") if b";" not in p and not _BAD_ESCAPE.search(p))
    return parse_pairs(b"&".join(good), where="query")


def form_pairs(raw: bytes) -> list[tuple[str, str]]:
    """A form's pairs. Raises ``Invalid`` for what ``query_pairs`` drops, and ``BadText``."""
    if b";" in raw:
        raise _codec("invalid semicolon separator in query")
    bad = _BAD_ESCAPE.search(raw)
    if bad:
        raise _codec(f"invalid URL escape {_quoted(bad[0].decode('latin-1'))}")
    return parse_pairs(raw, where="body")


def read(message: type[Message], pairs: Iterable[tuple[str, str]]) -> Mapping[str, Any]:
    """What the pairs say, by proto name. Raises ``Invalid``."""
    said: dict[str, list[str]] = {}
    for key, value in pairs:
        said.setdefault(key, []).append(value)
    values: dict[str, Any] = {}
    for key, texts in said.items():
        _bind(message, key.split("."), texts, values)
    return values


def _bind(
    message: type[Message], path: Sequence[str], texts: Sequence[str], into: dict[str, Any]
) -> None:
    field = _named(message, path[0])
    if field is None:
        return
    if len(path) > 1:
        if field.message is None:
            raise _codec(f"invalid path: {_quoted(path[0])} is not a message")
        _bind(field.message, path[1:], texts, into.setdefault(field.name, {}))
        return
    if len(texts) > 1:
        raise _codec(f'too many values for field "{field.name}": {", ".join(texts)}')
    if texts[0]:
        into[field.name] = _parsed(field, texts[0])


def _named(message: type[Message], name: str) -> Field | None:
    """``status``, ``status[]`` and ``status[x]`` are the same field."""
    head, bracket, _ = name.partition("[")
    return fields(message).get(head if bracket and name.endswith("]") else name)


def _parsed(field: Field, text: str) -> object:
    try:
        return _value(field, text)
    except ValueError as error:
        raise _codec(f'parsing field "{field.name}": {error}') from None


def _value(field: Field, text: str) -> object:
    if field.message is not None:
        raise ValueError(f'unsupported message type: "{_PAGINATION}"')
    if field.words is not None:
        return _enum(field, text)
    if field.kind is bool:
        return _boolean(text)
    return _int32(text) if field.kind is int else text


def _enum(field: Field, text: str) -> int:
    words = field.words.__members__ if field.words else {}
    if text in words:
        return words[text]
    try:
        number = _int32(text)
    except ValueError:
        number = -1
    if number not in words.values():
        raise ValueError(f"{_quoted(text)} is not a valid value")
    return number


def _boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        raise ValueError(f"strconv.ParseBool: parsing {_quoted(text)}: invalid syntax")
    return _BOOLEANS[text]


def _int32(text: str) -> int:
    match = _INTEGER.fullmatch(text)
    if match is None:
        raise ValueError(f"strconv.ParseInt: parsing {_quoted(text)}: invalid syntax")
    sign, digits = match.groups()
    number = int(f"{sign}{digits[:11]}")  # eleven digits are out of range whatever follows
    if not is_int32(number):
        raise ValueError(f"strconv.ParseInt: parsing {_quoted(text)}: value out of range")
    return number


def _codec(detail: str) -> Invalid:
    return Invalid(field="", reason=CODEC, detail=detail)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
