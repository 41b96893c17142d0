"""The server: one process or several on one socket, with bounds on what a connection may take."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from tempfile import TemporaryDirectory
from typing import cast

from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.supervisors import Multiprocess

from gateway.gathering import Gathering
from gateway.metrics import SHARED
from gateway.settings import Settings

_log = logging.getLogger("gateway.serve")

_GRACE_SECONDS = 30
"""How long requests that are under way may take when the process is to end."""

_BEGIN_SECONDS = 60
"""How long a worker process may take to begin, on a machine that has a lot to do."""

_MOST_HEAD_BYTES = 64 * 1024
"""The most bytes of a request's head, or of what follows a body that came in chunks."""

_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n"
_LOOK_SECONDS = 0.05
_NOT_BEGUN = 3
"""How the server's worker processes say that they could not begin."""


def bound(host: str, port: int) -> socket.socket:
    """A socket at this address, which nobody hears yet. Raises ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind((host, port))
    found.set_inheritable(True)
    return found


def url_of(host: str, port: int) -> str:
    """Where a client finds who listens there; an address of IPv6 stands in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(settings: Settings, listener: socket.socket, workers: int) -> bool:
    """Serve until a signal ends it; whether it ever began. Workers read the environment."""
    config = _Config(
        "gateway.app:from_environment",
        factory=True,
        http=_Punctual,
        workers=workers,
        access_log=False,
        log_config=None,
        server_header=False,
        ws="none",  # no dialect speaks WebSocket; an upgrade is answered as any request
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_worker_healthcheck=_BEGIN_SECONDS,
    )
    config.request_seconds = settings.request_seconds
    _log.info("listening on %s", url_of(*listener.getsockname()[:2]))
    return _several(config, listener) if workers > 1 else _one(config, listener)


def _one(config: Config, listener: socket.socket) -> bool:
    # The server raises the signal that has ended it once more; a drained process has ended well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return server.started


def _several(config: Config, listener: socket.socket) -> bool:
    with TemporaryDirectory(prefix="deployment-gateway-") as folder:
        os.environ.setdefault(SHARED, folder)
        workers = _Workers(config, sockets=[listener])
        workers.run()
    return not workers.has_failed


class _Workers(Multiprocess):
    """Worker processes, started again when they die. A second signal ends them at once."""

    @property
    def has_failed(self) -> bool:
        """Whether a worker could not even begin."""
        return any(process.exitcode == _NOT_BEGUN for process in self.processes)

    def init_processes(self) -> None:
        """Start them."""
        super().init_processes()
        self._leave_to_them()

    def keep_subprocess_alive(self) -> None:
        """Replace those that are gone or do not answer."""
        super().keep_subprocess_alive()
        self._leave_to_them()

    def terminate_all(self) -> None:
        """Tell them to end. Whoever comes when they have is refused, and does not wait for us."""
        super().terminate_all()
        for listener in self.sockets:
            listener.close()

    def join_all(self) -> None:
        """Wait for them to finish what they have begun."""
        while any(process.process.is_alive() for process in self.processes):
            if self.signal_queue:
                for process in self.processes:
                    process.kill()
            time.sleep(_LOOK_SECONDS)
        super().join_all()

    def _leave_to_them(self) -> None:
        """Close their ends of the pipes here: one that dies while it is asked is heard of at once.

        Else it would be waited for as for one that begins, and so would any signal.
        """
        for process in self.processes:
            process.child_conn.close()


class _Config(Config):
    """``request_seconds`` is how long a request may take to arrive, its body included."""

    request_seconds: float


class _Punctual(HttpToolsProtocol):
    """HTTP/1.1 with bounds on the time and the memory that a connection takes.

    A connection is closed whose request does not arrive within ``request_seconds``, or whose client
    reads nothing of an answer for as long. The length of a head is bounded, and so are the requests
    that wait for the one before them.
    """

    config: _Config
    _deadline: asyncio.TimerHandle | None = None
    _look: asyncio.TimerHandle | None = None
    """When to check next whether the client has read more of an answer."""
    _gathering: Gathering
    _unread = 0
    """Bytes since the last end of a head, piece of a body, or end of a request."""
    _is_in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        # Any byte that the client has not read counts, also of an answer that is closed behind.
        transport.set_write_buffer_limits(0)
        self._gathering = Gathering(transport, self.loop)
        super().connection_made(cast(asyncio.Transport, self._gathering))
        self._arm()

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        super().data_received(data)
        if self._unread > _MOST_HEAD_BYTES and not self.transport.is_closing():
            if not self._is_answering():
                self.transport.write(_TOO_LONG)
            self.transport.close()

    def eof_received(self) -> None:
        super().eof_received()
        self._gathering.flush()  # the loop closes the connection next

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head = True
        self._arm()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_in_head:  # what follows a body is no part of it
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_in_head, self._unread = False, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        super().on_message_complete()
        self._disarm()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.pipeline:  # nobody hears the next ones before those that wait are answered
            self.flow.pause_reading()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_again(self._left())

    def resume_writing(self) -> None:
        super().resume_writing()
        self._look_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._disarm()
        self._look_no_more()

    def _is_answering(self) -> bool:
        cycle = cast(RequestResponseCycle | None, self.cycle)  # of the last request, if any
        return cycle is not None and not cycle.response_complete

    def _arm(self) -> None:
        self._disarm()
        late = self.config.request_seconds
        self._deadline = self.loop.call_later(late, self.timeout_keep_alive_handler)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _left(self) -> int:
        return int(self._gathering.get_write_buffer_size())

    def _look_again(self, left: int) -> None:
        self._look_no_more()
        self._look = self.loop.call_later(self.config.request_seconds, self._require_less, left)

    def _look_no_more(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _require_less(self, than: int) -> None:
        if self._left() < than:
            self._look_again(self._left())
        else:
            self._gathering.abort()
