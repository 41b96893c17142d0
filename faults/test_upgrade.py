"""The schema is brought to head while a gateway of the schema before goes on serving.

A migration expands: what it adds may be left out by whoever does not know it. What nobody uses any
more is taken away by a later one.
"""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import pytest

from gateway.store import migrate
from tests import serving as processes
from tests.faults.cluster import cluster
from tests.faults.load import check, writing
from tests.serving import Server, environment, serving

HERE = Path(__file__).parent.parent
VERSIONS = "gateway/store/migrations/versions"


def git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=HERE, capture_output=True, check=True).stdout


@pytest.fixture
def older() -> Iterator[Path]:
    """The gateway as it was before the newest migration, from the repository's history."""
    newest = max(path.name for path in (HERE / VERSIONS).glob("[0-9]*.py"))
    made = ["log", "--diff-filter=A", "--format=%H", "--", f"{VERSIONS}/{newest}"]
    commit = git(*made).decode().split()[-1]
    with tempfile.TemporaryDirectory() as folder:
        packed = git("archive", f"{commit}^", "gateway", "adapters", "schemas")
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


@contextmanager
def serving_older(code: Path, url: str) -> Iterator[Server]:
    """A gateway of that code, its own schema migrated."""
    words = [sys.executable, "-c", "from gateway.cli import main; main()"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(code))
        said = environment(DATABASE_URL=url)
        subprocess.run([*words, "migrate"], env=said, cwd=code, check=True)
        patch.setattr(processes, "command", lambda *more: [*words, *more])
        patch.chdir(code)
        with serving(url, orgs=("acme",)) as server:
            yield server


async def test_a_migration_runs_while_an_older_gateway_serves(older: Path) -> None:
    with cluster() as postgres, serving_older(older, postgres.url) as before:
        urls = [before.url]
        turns = (urls[n % len(urls)] for n in cycle([0, 1]))
        async with writing(lambda: next(turns), before.token(), slots=5) as load:
            await load.until(30)
            await migrate(postgres.url)
            await load.until(30)
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(HERE)
                patch.setenv("PYTHONPATH", str(HERE))
                patch.setattr(processes, "command", _head)
                newer = serving(postgres.url, orgs=())
                after = await asyncio.to_thread(newer.__enter__)
            try:
                urls.append(after.url)
                await load.until(30)
            finally:
                urls.pop()
        newer.__exit__(None, None, None)
        assert (load.refused.total(), load.lost) == (0, 0), load.refused
        await check(postgres.url, load)


def _head(*words: str) -> list[str]:
    return [sys.executable, "-c", "from gateway.cli import main; main()", *words]
