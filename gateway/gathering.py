"""Writes of one turn of the event loop, sent to the socket together.

The server writes an answer's head and its body one after the other. Sent one by one, each would be
a system call and a packet, and would wake the client.
"""

from __future__ import annotations

import asyncio
from typing import Any

_MOST_BYTES = 16 * 1024


class Gathering:
    """A transport that buffers what is written until the loop's next turn.

    More than 16 KiB is passed on at once, so that a slow reader still slows the writer down. All
    but writing and closing is the transport's own. The loop closes that transport itself when the
    client has sent everything: whoever is told of it calls ``flush`` first.
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
