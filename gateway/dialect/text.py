"""Bytes from the network into text and JSON: strict, bounded, and never half read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote_to_bytes

from gateway.core.errors import BadBody, BadText, BodyFault

Json = dict[str, Any] | list[Any] | str | int | float | bool | None

_UNFIT = re.compile("[\\0\ud800-\udfff]")

MAX_DEPTH = 64
"""How deep JSON may nest; no dialect's documented body goes beyond four."""


def parse_json(raw: bytes, *, refuse_duplicates: bool = False) -> Json:
    """The JSON value in ``raw``. Raises ``BadBody`` and ``BadText``, nothing else.

    NaN and Infinity are refused, so is text that no database can hold. With
    ``refuse_duplicates`` a key said twice is refused, else the last one wins.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadBody(BodyFault.ENCODING, str(error.reason)) from None
    try:
        value: Json = json.loads(
            text,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique if refuse_duplicates else None,
        )
    except json.JSONDecodeError as error:
        raise BadBody(BodyFault.SYNTAX, error.msg, error.lineno, error.colno) from None
    except RecursionError:
        raise BadBody(BodyFault.DEPTH) from None
    except ValueError as error:  # an integer of thousands of digits
        raise BadBody(BodyFault.SYNTAX, str(error)) from None
    _check(value)
    return value


def compact_json(value: object) -> bytes:
    """JSON in UTF-8 without needless spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def parse_pairs(raw: bytes, *, where: str) -> list[tuple[str, str]]:
    """A query string or a form as pairs, blanks kept. Raises ``BadText``."""
    try:
        text = raw.decode("utf-8")  # curl sends its --data as typed, without percent-encoding
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        raise BadText(where) from None
    check_text((part for pair in pairs for part in pair), where=where)
    return pairs


def decode_segment(encoded: str) -> str:
    """One path segment, percent-decoded once. Raises ``BadText``."""
    try:
        text = unquote_to_bytes(encoded).decode("utf-8")
    except UnicodeDecodeError:
        raise BadText("path") from None
    check_text((text,), where="path")
    return text


def check_text(texts: Iterable[str], *, where: str) -> None:
    """Raise ``BadText`` for a NUL or a lone surrogate."""
    for text in texts:
        if _UNFIT.search(text) is not None:
            raise BadText(where)


def _refuse_constant(name: str) -> NoReturn:
    raise BadBody(BodyFault.CONSTANT, name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadBody(BodyFault.DUPLICATE, key)
        found[key] = value
    return found


def _check(value: Json, depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise BadBody(BodyFault.DEPTH)
    if isinstance(value, str):
        check_text((value,), where="body")
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        check_text(value, where="body")
        for item in value.values():
            _check(item, depth + 1)
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise BadBody(BodyFault.CONSTANT, "Infinity")  # 1e999 overflows on the way in
