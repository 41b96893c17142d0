"""Bytes from the network into text and JSON: strict, bounded, and never half read."""

from __future__ import annotations

import gc
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from pydantic_core import to_json

from gateway.core.errors import BadBody, BadText, BodyFault

Json = dict[str, Any] | list[Any] | str | int | float | bool | None

MakeObject = Callable[[list[tuple[str, Any]]], Any]
"""Makes a value of an object's members."""

_SURROGATE = re.compile("[\ud800-\udfff]")

MAX_DEPTH = 64
"""How deep JSON may nest; no dialect's documented body goes beyond four."""

_SHOWN = 100
"""How much of a key is told of one said twice."""

_MAX_PAIRS = 1000
_MAX_ESCAPES = 2**18

# A body is parsed before its sender is known, so it must cost little however large it is. These
# look at its bytes, which is cheaper than a walk through its values. Only for a small body the walk
# is the cheaper one.
_SMALL = 2**12
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_MAY_BE_UNFIT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_MAY_BE_HUGE = re.compile(rb"[eE]\+?[0-9]{3}")
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_MANY_DIGITS = b"0" * 200
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")


def parse_json(
    raw: bytes,
    *,
    refuse_duplicates: bool = False,
    make_object: MakeObject | None = None,
) -> Json:
    """The JSON value in ``raw``. Raises ``BadBody`` and ``BadText``, nothing else.

    NaN and Infinity are refused, so is text that no database can hold. With
    ``refuse_duplicates`` a key said twice is refused, else the last one wins; ``make_object``
    makes something other than a dict of an object's members.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadBody(BodyFault.ENCODING, str(error.reason)) from None
    try:
        value: Json = _decoded(text, raw, _unique if refuse_duplicates else make_object)
    except json.JSONDecodeError as error:
        raise _syntax(error) from None
    except RecursionError:
        raise BadBody(BodyFault.DEPTH) from None
    except ValueError as error:  # an integer of thousands of digits
        raise BadBody(BodyFault.SYNTAX, str(error)) from None
    _check_depth(raw)
    if _MAY_BE_UNFIT.search(raw) is not None:
        _check_texts(value)
    return value


def _syntax(error: json.JSONDecodeError) -> BadBody:
    """Pointed at what stands where something else was expected, whichever Python reads.

    Of a comma too many 3.13 points at the comma, those before it at what comes next.
    """
    if error.msg.startswith("Illegal trailing comma"):
        rest = error.doc[error.pos + 1 :].lstrip(" \t\r\n")
        expected = "value" if rest[0] == "]" else "property name enclosed in double quotes"
        pos = len(error.doc) - len(rest)
        error = json.JSONDecodeError(f"Expecting {expected}", error.doc, pos)
    return BadBody(BodyFault.SYNTAX, error.msg, error.lineno, error.colno)


def compact_json(value: object) -> bytes:
    """JSON in UTF-8 without needless spaces."""
    return to_json(value)


def parse_pairs(raw: bytes, *, where: str) -> list[tuple[str, str]]:
    """A query string or a form as pairs, blanks kept. Raises ``BadText``."""
    if not raw:
        return []
    if raw.count(b"&") >= _MAX_PAIRS or raw.count(b"%") > _MAX_ESCAPES:
        raise BadText(where)
    halves = (pair.partition(b"=") for pair in raw.split(b"&") if pair)
    try:
        pairs = [(_unquoted(name), _unquoted(value)) for name, _, value in halves]
    except UnicodeDecodeError:
        raise BadText(where) from None
    check_text((part for pair in pairs for part in pair), where=where)
    return pairs


def _unquoted(raw: bytes) -> str:
    """As a form quotes; curl sends its --data as typed, without."""
    if b"%" not in raw:
        return raw.replace(b"+", b" ").decode("utf-8")
    return _ESCAPES.sub(_unescaped, raw.replace(b"+", b" ")).decode("utf-8")


def _unescaped(run: re.Match[bytes]) -> bytes:
    return bytes.fromhex(run[0].replace(b"%", b"").decode("ascii"))


def decode_segment(encoded: str) -> str:
    """One path segment, percent-decoded once. Raises ``BadText``."""
    text = encoded
    if "%" in encoded:
        try:
            text = unquote_to_bytes(encoded).decode("utf-8")
        except UnicodeDecodeError:
            raise BadText("path") from None
    if not is_fit(text):
        raise BadText("path")
    return text


def check_text(texts: Iterable[str], *, where: str) -> None:
    """Raise ``BadText`` for a NUL or a lone surrogate."""
    for text in texts:
        if not is_fit(text):
            raise BadText(where)


def is_fit(text: str) -> bool:
    """Whether a database can hold it: neither a NUL nor a lone surrogate is in it."""
    return "\0" not in text and (text.isascii() or _SURROGATE.search(text) is None)


def _decoded(text: str, raw: bytes, make_object: MakeObject | None) -> Any:
    if text.startswith("\ufeff"):
        json.loads(text)  # refuses the mark in words of its own
    if len(raw) <= _SMALL:
        return _decoder(make_object, _finite).decode(text)
    with _uncollected():
        return _decoder(make_object, _finite if _may_overflow(raw) else None).decode(text)


@lru_cache(maxsize=16)
def _decoder(
    make_object: MakeObject | None, parse_float: Callable[[str], float] | None
) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=make_object, parse_float=parse_float, parse_constant=_refuse_constant
    )


def _refuse_constant(name: str) -> NoReturn:
    raise BadBody(BodyFault.CONSTANT, name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadBody(BodyFault.DUPLICATE, key[:_SHOWN] if is_fit(key) else "")
        found[key] = value
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage is collected meanwhile: it would look through all that was parsed, many times."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _may_overflow(raw: bytes) -> bool:
    """Whether a number in it may be beyond a float, as 1e999 is."""
    return _MAY_BE_HUGE.search(raw) is not None or _MANY_DIGITS in raw.translate(_DIGITS)


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise BadBody(BodyFault.CONSTANT, "Infinity")
    return value


def _check_depth(raw: bytes) -> None:
    """Raise ``BadBody`` for JSON that nests too deeply: pair by pair its brackets vanish."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return
    brackets = _STRING.sub(b"", raw).translate(None, _NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise BadBody(BodyFault.DEPTH)


def _check_texts(value: Json) -> None:
    """Raise ``BadText`` when a text in the value is one that no database holds."""
    said = json.dumps(value, ensure_ascii=False)
    if not is_fit(said) or _NUL.search(said) is not None:
        raise BadText("body")
