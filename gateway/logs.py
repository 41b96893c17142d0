"""One line per request, with an id that the answer carries too. No query, no header, no body."""

from __future__ import annotations

import logging
import sys
import time

import uuid_utils.compat as uuid_utils
from pythonjsonlogger.json import JsonFormatter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("gateway.request")


def configure(log_format: str, level: str) -> None:
    """Send the gateway's log to stderr as text or as one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )
        if log_format == "json"
        else logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)


class RequestLog:
    """Gives each request an id and logs how it was answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid_utils.uuid7().hex
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            facts = {
                "request_id": request_id,
                "method": scope["method"],
                "path": _as_sent(scope),
                "status": status,
                "duration_ms": round((time.perf_counter() - began) * 1000, 1),
            }
            _log.info("%(method)s %(path)s %(status)s %(duration_ms)sms", facts, extra=facts)


def _as_sent(scope: Scope) -> str:
    """The path still encoded, so that nobody can write lines of their own into the log."""
    raw: bytes = scope.get("raw_path") or b""
    return raw.partition(b"?")[0].decode("ascii", "backslashreplace")
