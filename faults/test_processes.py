"""Several gateways on one PostgreSQL, a pooler between them, and one that freezes."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from tests.faults.cluster import Cluster, emptied
from tests.faults.load import check, writing
from tests.serving import free_port, serving

READY_SECONDS = 1.5


@pytest.mark.parametrize("gateways", [2, 4])
async def test_gateways_on_one_postgresql_are_one(postgres: Cluster, gateways: int) -> None:
    await emptied(postgres)
    with ExitStack() as stack:
        orgs = [("acme",), *[()] * (gateways - 1)]
        running = [stack.enter_context(serving(postgres.url, orgs=made)) for made in orgs]
        turns = cycle([server.url for server in running])
        async with writing(lambda: next(turns), running[0].token(), slots=1) as load:
            await load.until(100)
    assert (load.refused.total(), load.lost) == (0, 0)
    await check(postgres.url, load)


async def test_a_frozen_postgresql_is_told_at_once_and_waited_for(postgres: Cluster) -> None:
    await emptied(postgres)
    with serving(postgres.url, orgs=("acme",)) as running:
        async with writing(lambda: running.url, running.token(), slots=5) as load:
            await load.until(20)
            postgres.freeze()
            try:
                async with httpx.AsyncClient(base_url=running.url, timeout=10) as client:
                    began = time.monotonic()
                    answers = await asyncio.gather(*(client.get("/readyz") for _ in range(40)))
                    assert {answer.status_code for answer in answers} == {503}
                    assert time.monotonic() - began < 2 * READY_SECONDS
                    assert (await client.get("/healthz")).status_code == 200
            finally:
                postgres.thaw()
            await load.until(20)
    await check(postgres.url, load)


async def test_a_transaction_pooler_stands_between(postgres: Cluster, tmp_path: Path) -> None:
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    assert program is not None, "this test needs pgbouncer; Debian has a package of that name"
    await emptied(postgres)
    with pooler(program, postgres, tmp_path) as url:
        for options in ("", "?prepared_statement_cache_size=0"):
            with serving(url + options, orgs=("acme",)) as one:
                turns = cycle([one.url])
                async with writing(lambda turns=turns: next(turns), one.token(), slots=5) as load:
                    await load.until(60)
            assert (load.refused.total(), load.lost) == (0, 0), load.refused
            await check(postgres.url, load)
            await emptied(postgres)


@contextmanager
def pooler(program: str, postgres: Cluster, folder: Path) -> Iterator[str]:
    """PgBouncer in transaction mode, with fewer connections than the gateway has."""
    port = free_port()
    settings = folder / "pgbouncer.ini"
    folder.chmod(0o755)
    settings.write_text(
        f"[databases]\npostgres = host=127.0.0.1 port={postgres.port} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 4\nunix_socket_dir =\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    process = subprocess.Popen([program, "-q", str(settings)], user="nobody")
    try:
        time.sleep(0.5)
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(timeout=30)
