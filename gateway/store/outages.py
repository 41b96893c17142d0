"""Why the database does not answer, told to whoever runs the gateway.

Requests are refused without a reason, and there may be many of them: the log has one line for each
cause, and that again only after a while.
"""

from __future__ import annotations

import logging
import time

from sqlalchemy.exc import DBAPIError

_log = logging.getLogger("gateway.store")

_SECONDS = 10.0
"""For so long a cause that was told of is not told of again."""

_told: dict[str, float] = {}


def tell(error: BaseException) -> None:
    """Log the cause by its name alone: its text may repeat what a client sent."""
    name, now = _name(cause_of(error)), time.monotonic()
    if now - _told.get(name, -_SECONDS) >= _SECONDS:
        _told[name] = now
        _log.warning("the database does not answer: %s", name)


def reason(error: BaseException) -> str:
    """What the database or its driver says of it, in one line, for a command's own output."""
    cause = cause_of(error.__cause__ or error)
    said = str(cause).partition("\n")[0]
    return said or type(cause).__name__


def cause_of(error: BaseException) -> BaseException:
    """What a driver or the system has raised, beneath what wraps it."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    if isinstance(error, ConnectionError) and error.__cause__ is not None:
        return error.__cause__
    return error


def _name(cause: BaseException) -> str:
    """A kind of cause: there are not many."""
    return str(getattr(cause, "sqlite_errorname", None) or type(cause).__name__)
