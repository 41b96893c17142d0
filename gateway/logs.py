"""The gateway's log: lines on stderr, as text or as one JSON object each.

No line holds a query, a header, a body or an exception's own text, which may repeat them.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from gateway.core.trace import Trace

_log = logging.getLogger("gateway.request")

_OURS = ("gateway", "uvicorn")

OPERATIONS = "operations"
"""What probes and scrapes ask for, in the place of a dialect."""

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure(log_format: str, level: str) -> None:
    """Send everything that logs in this process, the server too, to stderr in one format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if log_format == "json" else _Text())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in _OURS:  # a driver's own lines would repeat what a client sent
        logging.getLogger(name).setLevel(level)


def log_request(trace: Trace, *, method: str, status: int, seconds: float) -> None:
    """One line per request; what succeeds of the probes and scrapes is for ``DEBUG`` alone."""
    is_routine = trace.dialect == OPERATIONS and status < 400
    level = logging.DEBUG if is_routine else logging.INFO
    if not _log.isEnabledFor(level):
        return
    facts = {
        "method": method,
        "route": trace.route,
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
        "dialect": trace.dialect,
        "org": trace.org,
        "request_id": trace.request_id,
    }
    _log.log(level, _REQUEST, facts, extra=facts)


_REQUEST = "%(method)s %(route)s %(status)s %(duration_ms)sms dialect=%(dialect)s org=%(org)s"


class _Json(JsonFormatter):
    def __init__(self) -> None:
        names = {"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "exception"}
        super().__init__(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields=names,
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],  # the server's, for terminals
        )

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 (the library's name)
        return _where(ei)


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the library's name)
        line = super().formatMessage(record)
        request_id = getattr(record, "request_id", None)
        return line if request_id is None else f"{line} request_id={request_id}"

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 (the library's name)
        return _where(ei)


def _where(raised: _Raised) -> str:
    """Where an exception comes from, and its causes: their types and frames."""
    found, error = [], raised[1]
    while error is not None:
        frames = "".join(traceback.format_tb(error.__traceback__))
        found.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich comes from\n".join(found)
