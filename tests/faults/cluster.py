"""A PostgreSQL server of a test's own, to be killed, stopped and started again."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import httpx
import psutil
import pytest

from gateway.store import migrate
from tests.databases import wheel
from tests.serving import free_port

START_SECONDS = 30


class Cluster:
    """A server on the loopback, all of its processes in one session of their own."""

    def __init__(self, data: Path, programs: Path, user: str | None) -> None:
        self._data = data
        self._programs = programs
        self._user = user
        self._server: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it; it answers, its recovery done, when this returns."""
        (self._data / "postmaster.pid").unlink(missing_ok=True)  # its owner is dead for certain
        options = ["-p", str(self.port), "-h", "127.0.0.1", "-k", ""]
        with (self._data / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", str(self._data), *options],
                user=self._user,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, "PostgreSQL does not start"
            time.sleep(0.05)

    def recover(self) -> None:
        """Wait until it answers, which it does by itself unless it has given up; then start it."""
        assert self._server is not None
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._server.poll() is not None:
                self.start()
                return
            assert time.monotonic() < deadline, "PostgreSQL does not recover"
            time.sleep(0.05)

    def kill(self) -> None:
        """End all of its processes at once, as a power cut does, but for the disk's own memory."""
        assert self._server is not None
        for process in self._processes():
            process.kill()
        self._server.wait()
        self._server = None

    def freeze(self) -> None:
        """Let it hold all its connections and answer on none."""
        for process in self._processes():
            process.suspend()

    def thaw(self) -> None:
        """Let it go on."""
        for process in self._processes():
            process.resume()

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self._server is not None:
            self.thaw()
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(timeout=START_SECONDS)

    def _processes(self) -> list[psutil.Process]:
        assert self._server is not None
        first = psutil.Process(self._server.pid)
        return [first, *first.children(recursive=True)]

    def _answers(self) -> bool:
        asked = [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0


@contextmanager
def cluster(*, data_on: Path | None = None, log_on: Path | None = None) -> Iterator[Cluster]:
    """A running server; its data goes with it. These disks have its data, and its log of writes."""
    programs, user = wheel()
    data = Path(tempfile.mkdtemp(prefix="pg-faults-", dir=data_on or "/tmp"))
    log = Path(tempfile.mkdtemp(prefix="pg-faults-", dir=log_on or "/tmp"))
    for folder in (data, log):
        if user is not None:
            shutil.chown(folder, user)
    try:
        made = [programs / "initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-N"]
        made += ["--waldir", str(log), "--wal-segsize", "1"]
        subprocess.run(made, user=user, check=True, capture_output=True, cwd="/tmp")
        running = Cluster(data, programs, user)
        running.start()
        try:
            yield running
        finally:
            running.close()
    finally:
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(log, ignore_errors=True)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Cluster]:
    with cluster() as running:
        asyncio.run(migrate(running.url))
        yield running


async def emptied(postgres: Cluster) -> None:
    """Take away what the test before has written."""
    connection = await asyncpg.connect(postgres.url)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = ", ".join(row[0] for row in tables if row[0] not in {"alembic_version", "secrets"})
    await connection.execute("SET session_replication_role = replica")  # no trigger fires
    await connection.execute(f"TRUNCATE {names} CASCADE")
    await connection.close()


async def refuses(url: str) -> None:
    """Wait until nobody listens there any more."""
    while True:
        try:
            async with httpx.AsyncClient() as client:
                await client.get(f"{url}/healthz", timeout=5)
        except httpx.TransportError:
            return
        await asyncio.sleep(0.02)
