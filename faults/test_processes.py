"""Several gateways on one database, a pooler between them, and one that freezes."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle

import httpx
import pytest

from tests.faults.cluster import Cluster, emptied
from tests.faults.load import check, writing
from tests.serving import free_port, serving

READY_SECONDS = 1.5


@pytest.mark.parametrize("gateways", [2, 4])
async def test_gateways_on_one_database_are_one(url: str, gateways: int) -> None:
    with ExitStack() as stack:
        orgs = [("acme",), *[()] * (gateways - 1)]
        running = [stack.enter_context(serving(url, orgs=made)) for made in orgs]
        turns = cycle([server.url for server in running])
        async with writing(lambda: next(turns), running[0].token(), slots=1) as load:
            await load.until(100)
    assert (load.refused.total(), load.lost) == (0, 0)
    await check(url, load)


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


async def test_a_transaction_pooler_stands_between(postgres: Cluster) -> None:
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    assert program is not None, "this test needs pgbouncer; Debian has a package of that name"
    await emptied(postgres)
    with (
        pooler(program, postgres) as url,
        # Debian's PgBouncer is older than its support of prepared statements.
        serving(f"{url}?prepared_statement_cache_size=0", orgs=("acme",)) as server,
    ):
        async with writing(lambda: server.url, server.token(), slots=5) as load:
            await load.until(60)
    assert (load.refused.total(), load.lost) == (0, 0), load.refused
    await check(postgres.url, load)


@contextmanager
def pooler(program: str, postgres: Cluster) -> Iterator[str]:
    """PgBouncer in transaction mode, with fewer connections than the gateway has."""
    port = free_port()
    with tempfile.NamedTemporaryFile("w", dir="/tmp", suffix=".ini") as settings:
        settings.write(
            f"[databases]\npostgres = host=127.0.0.1 port={postgres.port} user=postgres\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
            "pool_mode = transaction\ndefault_pool_size = 4\nunix_socket_dir =\n"
        )
        settings.flush()
        user = "nobody" if os.geteuid() == 0 else None  # it does not serve root
        if user is not None:
            shutil.chown(settings.name, user)
        process = subprocess.Popen([program, "-q", settings.name], user=user)
        try:
            _await(port)
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _await(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "the pooler does not start"
            time.sleep(0.05)
        else:
            return
