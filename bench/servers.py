"""What the benchmarks start: a PostgreSQL that syncs, the floor, a load."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx

from tests.databases import execute, own_server
from tests.serving import free_port

_START_SECONDS = 30


@contextmanager
def durable_server() -> Iterator[str]:
    """The URL of a PostgreSQL server that waits for the disk, as one in production does."""
    with own_server() as url:
        with ThreadPoolExecutor() as beside:  # whether or not an event loop runs here
            beside.submit(asyncio.run, _sync(url)).result()
        yield url


async def _sync(url: str) -> None:
    await execute(url, "ALTER SYSTEM RESET fsync")
    await execute(url, "SELECT pg_reload_conf()")


@contextmanager
def bare(service: str, database_url: str, size: int, *own: str) -> Iterator[int]:
    """The port of ``bench.floor`` or ``bench.rows``; it is ended by its own process id."""
    port = free_port()
    words = ("--port", str(port), "--database-url", database_url, "--size", str(size), *own)
    process = subprocess.Popen([sys.executable, "-m", service, *words])  # noqa: S603 (ours)
    try:
        _await_answer(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=_START_SECONDS)


def _await_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.put(f"http://127.0.0.1:{port}/")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("it did not come up")


def load(port: int, kind: str, *, count: int, first: int, token: str = "") -> dict[str, Any]:
    """What a load came to; every answer must be a success."""
    words = ("--port", port, "--kind", kind, "--count", count, "--first", first, "--token", token)
    command = [sys.executable, "-m", "bench.load", *map(str, words)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (ours)
    answer: dict[str, Any] = json.loads(done.stdout)
    failed = {status for status in answer["statuses"] if not status.startswith("2")}
    assert not failed, answer["statuses"]
    return answer
