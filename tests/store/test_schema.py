"""The schema: what is migrated is what the tables say, and what they promise."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Index, inspect, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.core.errors import Conflict, Invalid
from gateway.core.model import Presence
from gateway.store import is_at_head, migrate, open_store
from gateway.store.engine import open_writer
from gateway.store.schema import SCRIPTS
from gateway.store.tables import metadata
from gateway.store.upgrading import offline_sql
from tests.databases import MakeDatabase
from tests.store.house import House, add, image

GATEWAY_WIDE = {"orgs", "org_names", "secrets"}


@pytest.fixture
async def engine(database_url: str) -> Any:
    opened = open_writer(database_url)
    yield opened
    await opened.dispose()


def differences(connection: Connection) -> list[Any]:
    is_postgresql = connection.dialect.name == "postgresql"
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "include_object": lambda _, name, kind, *__: (
                not (is_postgresql and kind == "table" and name == "counters")
            ),
        },
    )
    return list(compare_metadata(context, metadata))


# Of an index by an expression SQLite tells only the definition; another test compares those.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
async def test_the_migrated_schema_equals_the_tables(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_columns_are_the_types_the_tables_say(engine: AsyncEngine) -> None:
    def types(connection: Connection) -> dict[str, dict[str, str]]:
        return {
            table: {
                column["name"]: column["type"].compile(connection.dialect)
                for column in inspect(connection).get_columns(table)
            }
            for table in inspect(connection).get_table_names()
            if table not in {"alembic_version", "counters"}
        }

    async with engine.connect() as connection:
        dialect = connection.dialect
        migrated = await connection.run_sync(types)
    declared = {
        name: {column.name: column.type.compile(dialect) for column in table.c}
        for name, table in metadata.tables.items()
        if name != "counters"
    }
    assert migrated == declared


async def definitions(engine: AsyncEngine) -> dict[str, str]:
    """How each index was made, as the database tells it."""
    told = {
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    }
    async with engine.connect() as connection:
        rows = await connection.execute(text(told[connection.dialect.name]))
        return dict(iter(rows))


async def test_every_migrated_index_is_defined_as_the_tables_say(empty_database_url: str) -> None:
    def words(definition: str) -> list[str]:
        return definition.replace("(", " ").replace(")", " ").replace(",", " ").split()

    engine = open_writer(empty_database_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    declared = await definitions(engine)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
    await migrate(empty_database_url)
    migrated = await definitions(engine)
    await engine.dispose()
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        assert words(migrated[str(index.name)]) == words(declared[str(index.name)])


async def test_every_unique_partial_index_is_there_with_its_condition(engine: AsyncEngine) -> None:
    found = await definitions(engine)
    one_live = found["one_live_record_per_slot"]
    assert "UNIQUE" in one_live
    assert "WHERE" in one_live
    assert "presence = 'live'" in one_live
    assert "idempotency_key IS NOT NULL" in found["one_event_per_idempotency_key"]


def test_every_key_and_index_of_an_orgs_table_begins_with_the_org() -> None:
    for name, table in metadata.tables.items():
        if name in GATEWAY_WIDE:
            continue
        keys: list[Any] = [table.primary_key, *table.indexes, *table.foreign_key_constraints]
        for key in keys:
            assert next(iter(key.columns)).name == "org_id", (name, key.name)


def test_names_of_keys_and_indexes_are_unique() -> None:
    names = [
        thing.name
        for table in metadata.tables.values()
        for thing in (*table.constraints, *table.indexes)
    ]
    assert None not in names
    assert len(names) == len(set(names))


def test_no_index_repeats_the_beginning_of_another() -> None:
    """Such an index serves no query that the longer one does not."""
    for table in metadata.tables.values():
        plain = [index for index in table.indexes if _condition(index) is None]
        keys = [[c.name for c in index.columns] for index in plain]
        keys.append([c.name for c in table.primary_key.columns])
        for one in plain:
            columns = [column.name for column in one.columns]
            longer = [key for key in keys if key != columns and key[: len(columns)] == columns]
            assert one.unique or not longer, (one.name, longer)


def _condition(index: Index) -> Any:
    return index.dialect_options["postgresql"]["where"]


async def test_tables_of_an_org_can_be_hash_partitioned(
    postgres_url_factory: MakeDatabase,
) -> None:
    engine = open_writer(await postgres_url_factory())
    async with engine.begin() as connection:
        for table in ("records", "events", "slots", "artifact_digests"):
            await connection.execute(
                text(
                    f"CREATE TABLE parted_{table} (LIKE {table} INCLUDING ALL)"
                    " PARTITION BY HASH (org_id)"
                )
            )
    await engine.dispose()


async def test_a_second_live_record_in_a_slot_is_refused(house: House) -> None:
    await house.add(presence=Presence.LIVE)
    with pytest.raises(Conflict) as refused:
        async with house.store.writing() as tx:
            record = await add(tx, house.org, artifact=image("b"))
            await tx.save(replace(record, presence=Presence.LIVE))
    assert refused.value.what == "live record"
    assert await house.numbers(presences=frozenset({Presence.LIVE})) == [1]


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    await migrate(database_url)
    assert await is_at_head(database_url)


async def test_processes_that_migrate_at_once_are_safe(empty_database_url: str) -> None:
    script = f"import asyncio, gateway.store as s; asyncio.run(s.migrate({empty_database_url!r}))"
    running = [await asyncio.create_subprocess_exec(sys.executable, "-c", script) for _ in range(3)]
    assert [await process.wait() for process in running] == [0, 0, 0]
    assert await is_at_head(empty_database_url)


async def test_a_database_is_ready_once_it_is_at_head(empty_database_url: str) -> None:
    store = open_store(empty_database_url)
    assert not await is_at_head(empty_database_url)
    assert not await store.is_ready()
    await asyncio.gather(migrate(empty_database_url), migrate(empty_database_url))
    assert await is_at_head(empty_database_url)
    assert await store.is_ready()
    await store.close()


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
async def test_a_new_database_that_does_not_hold_every_text_is_refused(
    postgres_server: str, encoding: str
) -> None:
    name = f"dgw_{uuid4().hex}"
    operator = await asyncpg.connect(postgres_server)
    await operator.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'"
    )
    url = make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with pytest.raises(Invalid) as refused:
        await migrate(url)
    assert (refused.value.field, refused.value.value) == ("database", encoding)
    assert not await is_at_head(url)
    await operator.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await operator.close()


def test_a_migration_is_in_a_file_that_begins_with_its_revision() -> None:
    scripts = list(ScriptDirectory(str(SCRIPTS)).walk_revisions())
    assert len(scripts) == len(list((SCRIPTS / "versions").glob("*.py")))
    for script in scripts:
        assert Path(script.path).name.startswith(f"{script.revision}_")


@pytest.mark.parametrize("url", ["sqlite:///nowhere.db", "postgresql://nobody@nowhere/nothing"])
def test_the_sql_of_the_migrations_is_printed_without_a_database(url: str) -> None:
    sql = offline_sql(url)
    for table in metadata.tables:
        is_made = f"CREATE TABLE {table} (" in sql
        assert is_made or (table == "counters" and url.startswith("postgresql"))
    assert ("CREATE SEQUENCE" in sql) == url.startswith("postgresql")
