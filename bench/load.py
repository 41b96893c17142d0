"""A client that costs little: HTTP/1.1 over kept-alive connections, a process of its own.

    python -m bench.load --port 8080 --kind gitlab-create --count 2000 --first 1

Sends each request as soon as its connection has the former answer, and prints one JSON object:
the seconds it took, how many answers had which status, and the size of the last body.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import cast

import uvloop

from bench.traffic import requests

CONNECTIONS = 16


class Load:
    """What is still to be sent, and what came back."""

    def __init__(self, sent: Iterator[bytes]) -> None:
        self.sent = sent
        self.statuses: Counter[int] = Counter()
        self.size = 0


class Connection(asyncio.Protocol):
    """One connection: a request, its whole answer, the next request."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._received = b""
        self._transport: asyncio.Transport
        self.is_done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count an answer once it is whole."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < (size := _length(head)):
            return
        self._received = b""
        self._load.statuses[int(head[9:12])] += 1
        self._load.size = size
        self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        """Nobody waits for what never comes."""
        if not self.is_done.done():
            self.is_done.set_exception(ConnectionError("the server closed the connection"))

    def _send(self) -> None:
        request = next(self._load.sent, None)
        if request is not None:
            self._transport.write(request)
        elif not self.is_done.done():
            self.is_done.set_result(None)
            self._transport.close()


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.index(b"content-length:") + 15
    return int(lower[start : lower.find(b"\r", start) % (len(lower) + 1)])


async def run(port: int, sent: Iterator[bytes], connections: int) -> dict[str, object]:
    """Send all; what came of it."""
    load, loop = Load(sent), asyncio.get_running_loop()
    began = time.perf_counter()
    made = [
        (await loop.create_connection(lambda: Connection(load), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.is_done for connection in made))
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "statuses": dict(load.statuses), "size": load.size}


def main() -> None:
    """Read the command line, send, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--kind", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--first", type=int, default=0, help="the number of the first request")
    parser.add_argument("--token", default="")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    said = parser.parse_args()
    made = list(requests(said.kind, said.first, said.count, said.token))
    answer = uvloop.run(run(said.port, iter(made), said.connections))
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
