"""How a process ends: it is taken out of service first, then it finishes what it has begun."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from types import FrameType

_log = logging.getLogger("gateway.serve")


class Drain:
    """The end of a process, begun by a signal.

    On SIGTERM the process says at ``/readyz`` that it is not ready, serves on for ``seconds`` while
    the load balancer notices, then takes no more requests and finishes those under way. On SIGINT
    it does so without the wait. A second signal ends it at once.

    A worker process ignores a second signal: its supervisor passes the first one on, so that one
    sent to all processes arrives twice, and it is the supervisor that ends workers at once. A
    worker whose supervisor is gone drains as on SIGTERM.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.is_begun = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Signals are heard meanwhile, before the server's own handlers are."""
        if threading.current_thread() is not threading.main_thread():
            yield  # nobody else hears signals
            return
        loop = asyncio.get_running_loop()
        stops = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        supervisor = parent_process()

        def handle(number: int, frame: FrameType | None) -> None:
            if self.is_begun and supervisor is not None:
                return
            if self.is_begun:
                signal.signal(number, signal.SIG_DFL)
                os.kill(os.getpid(), number)
            self.is_begun = True
            stop = stops[signal.Signals(number)]
            if callable(stop):
                wait = self._seconds if number == signal.SIGTERM else 0.0
                loop.call_soon_threadsafe(self._begin, loop, wait, lambda: stop(number, frame))

        for number in stops:
            signal.signal(number, handle)
        if supervisor is not None:
            loop.add_reader(supervisor.sentinel, self._end, loop, supervisor.sentinel)
        try:
            yield
        finally:
            if supervisor is not None:
                loop.remove_reader(supervisor.sentinel)
            for number, stop in stops.items():
                signal.signal(number, stop)

    def _end(self, loop: asyncio.AbstractEventLoop, sentinel: int) -> None:
        loop.remove_reader(sentinel)  # it says so for ever
        os.kill(os.getpid(), signal.SIGTERM)

    def _begin(
        self, loop: asyncio.AbstractEventLoop, wait: float, stop: Callable[[], object]
    ) -> None:
        _log.info("draining")
        loop.call_later(wait, stop)
