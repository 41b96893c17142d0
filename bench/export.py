"""Memory of an export of few records and of many: python -m bench.export

On SQLite; the peak of the resident memory of a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess

from bench.databases import database
from bench.large import FEW, fill
from tests.serving import command, environment


def exported(url: str) -> tuple[int, float]:
    """How many lines ``export`` prints, and the MiB that it needs."""
    words = command("export", "--database-url", url)
    process = subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE)  # noqa: S603 (ours)
    assert process.stdout is not None
    lines = sum(1 for _ in process.stdout)
    process.stdout.close()
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    return lines, used.ru_maxrss / 1024


async def main() -> None:
    """Fill, export, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=1_000_000)
    for many in (1, parser.parse_args().many):
        async with database(None) as url:
            await fill(url, many)
            lines, mebibytes = await asyncio.to_thread(exported, url)
            assert lines >= FEW + many
            print(f"export of {lines} records: {mebibytes:.0f} MiB", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
