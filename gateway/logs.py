"""The gateway's log: lines on stderr, as text or as one JSON object each.

No line holds a query, a header, a body or an exception's own text, which may repeat them.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import TracebackType

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from gateway.core.trace import OPERATIONS, Trace

_log = logging.getLogger("gateway.request")

_to_json = json.JSONEncoder().encode

_OURS = ("gateway", "uvicorn")

# A command that does not serve says itself, in one line, what has failed.
logging.getLogger("gateway").addHandler(logging.NullHandler())

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure(log_format: str, level: str) -> None:
    """Send everything that logs in this process, the server too, to stderr in one format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FORMATTERS[log_format]())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # none is said
    for name in _OURS:  # a driver's own lines would repeat what a client sent
        logging.getLogger(name).setLevel(level)


def log_request(trace: Trace, *, method: str, status: int, seconds: float) -> None:
    """One line per request; what succeeds of the probes and scrapes is for ``DEBUG`` alone."""
    is_routine = trace.dialect == OPERATIONS and status < 400
    level = logging.DEBUG if is_routine else logging.INFO
    if not _log.isEnabledFor(level):
        return
    spent, dialect, org = round(seconds * 1000, 1), trace.dialect, trace.org
    message = f"{method} {trace.route} {status} {spent}ms dialect={dialect} org={org}"
    facts = {
        "method": method,
        "route": trace.route,
        "status": status,
        "duration_ms": spent,
        "dialect": dialect,
        "org": org,
        "request_id": trace.request_id,
    }
    _log.handle(_Answered(level, message, facts))


class _Answered(logging.LogRecord):
    """The log record of a request; ``facts`` are attributes of it too, as extras are.

    It is made here and not by a logger, which would look through the stack for its caller.
    """

    __slots__ = ("facts",)

    def __init__(self, level: int, message: str, facts: Mapping[str, object]) -> None:
        super().__init__(_log.name, level, "", 0, message, (), None)
        self.__dict__.update(facts)
        self.facts = facts


@lru_cache(maxsize=1)
def _second(since_epoch: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(since_epoch))


def _time_of(record: logging.LogRecord) -> str:
    """As the standard library writes it; a second has many lines."""
    return f"{_second(int(record.created))},{int(record.msecs):03}"


class _Json(JsonFormatter):
    def __init__(self) -> None:
        names = {"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "exception"}
        super().__init__(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields=names,
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],  # the server's, for terminals
        )

    def format(self, record: logging.LogRecord) -> str:
        if not isinstance(record, _Answered):
            return super().format(record)
        said = {"level": record.levelname, "logger": record.name, "message": record.msg}
        return _to_json({"time": _time_of(record), **said, **record.facts})

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 (the library's name)
        return _where(ei)


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        if not isinstance(record, _Answered):
            return super().format(record)
        said = f"{record.levelname} {record.name} {record.msg}"
        return f"{_time_of(record)} {said} request_id={record.facts['request_id']}"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the library's name)
        line = super().formatMessage(record)
        request_id = getattr(record, "request_id", None)
        return line if request_id is None else f"{line} request_id={request_id}"

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 (the library's name)
        return _where(ei)


FORMATTERS: Mapping[str, Callable[[], logging.Formatter]] = {"text": _Text, "json": _Json}
"""How lines are written, by the name of the format."""


def _where(raised: _Raised) -> str:
    """Where an exception comes from, and its causes: their types and frames."""
    found, error = [], raised[1]
    while error is not None:
        frames = "".join(traceback.format_tb(error.__traceback__))
        found.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich comes from\n".join(found)
