"""PostgreSQL's disk is full: the one with its data, or the one with its log of writes.

Each is a file system in memory, which only root may mount.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.store import migrate
from tests.faults.cluster import cluster
from tests.faults.load import check, writing
from tests.faults.writes import Writes
from tests.serving import serving

DATA_MEGABYTES, LOG_MEGABYTES = 128, 64
_CHUNK = bytes(64 * 1024)


class Disk:
    """A small file system."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no block free."""
        with self._ballast.open("ab", buffering=0) as file, suppress(OSError):
            while file.write(_CHUNK):
                pass

    def make_room(self) -> None:
        """All that was filled is free again."""
        self._ballast.unlink()


@contextmanager
def disk(megabytes: int) -> Iterator[Disk]:
    """A disk of so many megabytes, open to any user."""
    assert os.geteuid() == 0, "this test mounts a file system, which takes root"
    folder = Path(tempfile.mkdtemp(prefix="disk-faults-", dir="/tmp"))
    said = f"size={megabytes}m,mode=1777"
    subprocess.run(["mount", "-t", "tmpfs", "-o", said, "tmpfs", folder], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


async def test_no_room_for_data_is_a_503_and_leaves_nothing_half_written() -> None:
    with disk(DATA_MEGABYTES) as small, cluster(data_on=small.folder) as postgres:
        await migrate(postgres.url)
        with serving(postgres.url, orgs=("acme",)) as server, Writes(server) as writes:
            writes.once()
            small.fill()
            writes.until_refused()
            writes.check()  # reading goes on
            small.make_room()
            writes.once()
            writes.check()


async def test_no_room_for_the_log_of_writes_loses_nothing_that_was_acknowledged() -> None:
    with disk(LOG_MEGABYTES) as small, cluster(log_on=small.folder) as postgres:
        await migrate(postgres.url)
        with serving(postgres.url, orgs=("acme",)) as server:
            async with writing(lambda: server.url, server.token(), slots=5) as load:
                await load.until(30)
                small.fill()
                await load.until_refused()
                small.make_room()
                await asyncio.to_thread(postgres.recover)
                await load.until(30)
        await check(postgres.url, load)
