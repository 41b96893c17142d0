"""What surrounds the events: credential, page, refusals as ``{"error": …}``."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gateway.core.context import Context
from gateway.core.errors import (
    BadMediaType,
    Conflict,
    Crashed,
    Forbidden,
    GatewayError,
    Invalid,
    Limited,
    NoRoute,
    NotFound,
    Several,
    TooLarge,
    Unauthenticated,
    Unavailable,
    WrongMethod,
)
from gateway.core.model import Presence, State
from gateway.core.search import Search
from gateway.dialect.frame import Frame, WireError
from gateway.dialect.http import Call
from gateway.dialect.paging import Page

MOST = 100
EXACT_COUNT = 2**31 - 1
_STATUSES: Sequence[tuple[type[GatewayError], int]] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (NoRoute, 404),
    (WrongMethod, 405),
    (Conflict, 409),
    (TooLarge, 413),
    (BadMediaType, 415),
    (Limited, 429),
    (Unavailable, 503),
    (Crashed, 500),
)


async def entered(call: Call) -> Context:
    """The caller inside the token's org. Raises ``Unauthenticated``."""
    scheme, _, token = (call.header("authorization") or "").partition(" ")
    caller = await call.admit(token.strip() if scheme.lower() == "bearer" else None)
    return await call.enter(caller)


def record_id(text: str) -> UUID:
    """The record a path names. Raises ``NotFound``."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("event", text) from None


def search(query: Sequence[tuple[str, str]]) -> tuple[Search, Page]:
    """What a list asks for. Raises ``Invalid``."""
    said = dict(query)
    page = Page(_number(said, "page", 1, EXACT_COUNT), _number(said, "size", 20, MOST))
    found = Search(
        environment_name=said.get("environment"),
        states=frozenset({State.SUCCESS}),
        presences=frozenset({Presence.LIVE, Presence.SUPERSEDED}),
        offset=page.offset,
        limit=page.size,
        count_limit=EXACT_COUNT,
    )
    return found, page


def _number(said: dict[str, str], name: str, default: int, most: int) -> int:
    text = said.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= most):
        raise Invalid(field=name, reason="range")
    return int(text)


def render_error(error: GatewayError, _frame: Frame) -> WireError:
    """The answer to any refusal."""
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
    if status is None:
        status = 500 if type(error) is GatewayError else 400
    return WireError(status, {"error": _sentence(error)})


def _sentence(error: GatewayError) -> str:
    match error:
        case Invalid(field, reason, _, detail):
            return f"{field or 'event'}: {detail or reason}"
        case Several(problems):
            return "; ".join(_sentence(problem) for problem in problems)
        case NotFound(what):
            return f"there is no such {what}"
        case _:
            return type(error).__name__
