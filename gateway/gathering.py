"""A connection that sends once what is written in one turn of the loop.

The server writes an answer's head and its body one after the other. Each would be a call of the
system and a packet of its own, and whoever waits for it would be woken twice, while the answers of
others are still to be made.
"""

from __future__ import annotations

import asyncio
from typing import Any

_MOST_BYTES = 16 * 1024


class Gathering:
    """A transport that keeps what is written until the loop's next turn.

    More than 16 KiB is passed on at once: whoever writes may have to wait for who reads. All but
    writing and closing is the transport's own, which may be closed beneath it: by the loop, when
    the other side has said all. Whoever hears of that passes on what is kept first.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._kept: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send this with what else is written in this turn."""
        if not self._kept:
            self._loop.call_soon(self.flush)
        self._kept.append(data)
        self._size += len(data)
        if self._size > _MOST_BYTES:
            self.flush()

    def close(self) -> None:
        """Send what is kept, and nothing after it."""
        self.flush()
        self._transport.close()

    def flush(self) -> None:
        """Send what is kept."""
        kept, self._kept, self._size = self._kept, [], 0
        if kept and not self._transport.is_closing():
            self._transport.write(b"".join(kept))
