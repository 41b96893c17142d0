"""What nobody should send and somebody will: any JSON, and refusals with any field values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from gateway.core.errors import GatewayError
from gateway.dialect import Dialect

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
wild_texts = texts | st.sampled_from(
    ("", " ", "\r\nSet-Cookie: a=b", "\u202e\U0001f600", "%s{0}", '"><script>', "x" * 5000)
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | wild_texts
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(wild_texts, inner, max_size=3),
    max_leaves=6,
)
"""Any JSON value that a strict reader lets through."""

_REASONS = (
    *("required", "missing", "type", "format", "unknown", "unmakeable", "empty", "invalid"),
    *("value", "too_long", "range", "zone", "duplicate", "contradiction", "length", "word"),
    *("sentences", "attributes", "unprocessable", "none_of", "finder", "together", "repeated"),
)
_WHATS = (
    *("org", "project", "environment", "record", "user", "token", "group", "protection", "job"),
    *("view", "cluster", "repository", "unfinished job", "live record"),
)


def kinds_of_errors(root: type[GatewayError] = GatewayError) -> Iterator[type[GatewayError]]:
    """The root of all refusals and each kind beneath it."""
    yield root
    for kind in root.__subclasses__():
        yield from kinds_of_errors(kind)


def errors(dialect: Dialect) -> st.SearchStrategy[GatewayError]:
    """Every kind of refusal, its fields holding what a dialect says, or anything."""
    return st.one_of([errors_of(kind, dialect) for kind in kinds_of_errors()])


def errors_of(kind: type[GatewayError], dialect: Dialect) -> st.SearchStrategy[GatewayError]:
    """Refusals of one kind."""
    return _built(kind, sorted({*dialect.ledger.request, *_paths(dialect)}))


def _paths(dialect: Dialect) -> Iterator[str]:
    for entry in dialect.ledger.request.values():
        yield getattr(entry, "path", "")


def _built(kind: Any, names: list[str]) -> st.SearchStrategy[Any]:
    if not is_dataclass(kind):
        return st.builds(kind)
    hints, made = get_type_hints(kind), dict[str, st.SearchStrategy[Any]]()
    known = {
        "field": st.sampled_from(names) | wild_texts,
        "reason": st.sampled_from(_REASONS) | wild_texts.filter(bool),
        "what": st.sampled_from(_WHATS) | wild_texts,
        "allowed": st.sampled_from(((), ("GET",), ("GET", "POST"))),  # the routes' own words
    }
    for own in fields(kind):
        made[own.name] = known[own.name] if own.name in known else _typed(hints[own.name], names)
    said = {own.name: made[own.name] for own in fields(kind) if _is_required(own)}
    return st.one_of([st.fixed_dictionaries(some).map(_maker(kind)) for some in (said, made)])


def _maker(kind: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda said: kind(**said)


def _is_required(own: Any) -> bool:
    return own.default is MISSING and own.default_factory is MISSING


def _typed(hint: Any, names: list[str]) -> st.SearchStrategy[Any]:
    """Values of a field's type, as the fields of refusals are typed."""
    if get_origin(hint) in {Union, UnionType}:
        return st.one_of([_typed(choice, names) for choice in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(_typed(get_args(hint)[0], names), min_size=1, max_size=3).map(tuple)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if is_dataclass(hint):
        return _built(hint, names)
    return _PLAIN[hint]


_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    type(None): st.none(),
    str: wild_texts,
    int: st.integers(0, 2**63 - 1),
    bool: st.booleans(),
    object: json_values,
}
