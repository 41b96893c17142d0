"""A full disk: each dialect says so in its own words, and nothing is half written."""

from __future__ import annotations

from pathlib import Path

import psutil

from tests.faults.writes import Writes
from tests.serving import serving


def test_a_full_disk_is_a_503_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gateway.db"
    with serving(url, orgs=("acme",)) as server, Writes(server) as writes:
        writes.once()
        full = max(path.stat().st_size for path in tmp_path.iterdir())
        process = psutil.Process(server.process.pid)
        process.rlimit(psutil.RLIMIT_FSIZE, (full, -1))
        writes.until_refused()
        writes.check()  # reading goes on
        process.rlimit(psutil.RLIMIT_FSIZE, (-1, -1))
        writes.once()
        writes.check()
