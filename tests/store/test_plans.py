"""No list costs more for the records outside its page: plans among 20,000 records."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.core.audit import AuditSearch
from gateway.core.model import Presence, Record, Source, State
from gateway.core.search import Bounds, Scope, Search, SortKey, View
from gateway.store import open_store
from gateway.store.engine import open_engines
from gateway.store.prepared import Statements
from gateway.store.session import Session
from gateway.store.sql import SqlReading
from gateway.store.tables import artifacts, events, records, slots
from tests.databases import MakeDatabase, copied
from tests.store.house import at, happening, image, opened_house

MANY, SLOTS, ARTIFACTS = 20_000, 2_000, 1_000
FEW = 600
"""Rows that a page of 20 may look at: each is joined with six others, and sorted once more."""

ASKED = 2_000
"""The same where each of 3 blocks of each of 50 refs is asked, in a few steps."""

COMMIT = "c" * 40
MILLISECONDS = "extract(epoch FROM recorded_at + n * interval '10 minutes') * 1000"
FAILED, SUCCESS = frozenset({State.FAILED}), frozenset({State.SUCCESS})

IN_PROJECT = {
    "number": Search(),
    "environment": Search(environment_name="production"),
    "state": Search(states=FAILED),
    "updated": Search(sort=SortKey.UPDATED_AT),
    "updated since": Search(sort=SortKey.UPDATED_AT, updated=Bounds(after=at(30))),
    "finished since": Search(
        sort=SortKey.FINISHED_AT, states=SUCCESS, finished=Bounds(after=at(30))
    ),
    "finished": Search(sort=SortKey.FINISHED_AT, states=SUCCESS),
    "ref": Search(sort=SortKey.REF),
}
IN_ORG = {
    "number": Search(),
    "cursor": Search(below_number=MANY // 2),
    "created": Search(sort=SortKey.CREATED_AT),
    "created since": Search(sort=SortKey.CREATED_AT, created=Bounds(after=at(30))),
    "commit": Search(commit=COMMIT),
    "commit as digest": Search(digest=("gitCommit", COMMIT)),
    "unknown digest": Search(digest=("sha256", "f" * 64)),
    "known digest": Search(digest=("sha256", "b" * 64)),
    "current": Search(view=View.CURRENT),
    "current by time": Search(view=View.CURRENT, sort=SortKey.CREATED_AT),
    "live": Search(view=View.LIVE),
}
SEARCHES = [
    pytest.param(replace(search, is_descending=is_descending), where, id=f"{name}-{where}-{end}")
    for where, searches in (("project", IN_PROJECT), ("org", IN_ORG))
    for name, search in searches.items()
    for is_descending, end in ((False, "oldest"), (True, "newest"))
]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Many records in many slots of one project and environment."""

    engine: AsyncEngine
    scope: Scope
    record: Record


@pytest.fixture(scope="module")
async def crowd(postgres_url_factory: MakeDatabase) -> AsyncIterator[Crowd]:
    url = await postgres_url_factory()
    store, engines = open_store(url), open_engines(url)
    house = await opened_house(store)
    record = await house.add(presence=Presence.LIVE, finished_at=at(0))
    await house.add(artifact=image("b"), source=Source(commit=COMMIT))
    async with store.writing() as tx:
        await tx.append([happening(record)])
    await store.close()
    async with engines.writers.begin() as connection:
        await _multiply(connection, slots, SLOTS, name="'s' || n", number="1000 + n")
        await _multiply(connection, artifacts, ARTIFACTS, id="md5('a' || n)::uuid")
        await _multiply(
            connection,
            records,
            MANY,
            number="1000 + n",
            artifact_id=f"md5('a' || n % {ARTIFACTS} + 1)::uuid",
            project_number="10 + n",
            slot_id=f"(SELECT id FROM slots WHERE slots.number = 1000 + n % {SLOTS} + 1)",
            presence=f"CASE WHEN n <= {SLOTS} THEN 'live' ELSE 'none' END",
            state="CASE WHEN n % 3 = 0 THEN 'failed' ELSE 'success' END",
            source_ref="'r' || n % 50",
            **{
                moment: f"{moment} + n * interval '1 second'"
                for moment in ("created_at", "updated_at", "finished_at")
            },
        )
        await connection.execute(
            text(
                "UPDATE slots SET current_record_id = records.id, current_number = records.number,"
                " current_created_at = records.created_at FROM records"
                " WHERE records.slot_id = slots.id AND presence = 'live'"
            )
        )
        await _multiply(
            connection,
            events,
            MANY,
            order="id",
            id=f"(lpad(to_hex(({MILLISECONDS})::bigint), 12, '0') || lpad('', 20, '7'))::uuid",
            recorded_at="recorded_at + n * interval '10 minutes'",
        )
        await connection.execute(text("ANALYZE"))
    yield Crowd(engines.readers, house.scope, record)
    await engines.dispose()


async def _multiply(
    connection: AsyncConnection,
    table: Table,
    times: int,
    *,
    order: str = "created_at, id",
    **said: str,
) -> None:
    """Insert copies of a row of the table, the n-th of them with what is said."""
    said = {"id": "gen_random_uuid()", **said}
    names = [column.name for column in table.c]
    values = ", ".join(said.get(name, name) for name in names)
    await connection.execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values}"
            f" FROM (SELECT * FROM {table.name} ORDER BY {order} LIMIT 1) one,"
            f" generate_series(1, {times}) n"
        )
    )


@contextmanager
def _heard(engine: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that the engine executes meanwhile, with their parameters."""
    statements: list[tuple[str, Any]] = []

    def listen(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", listen)
    yield statements
    event.remove(engine.sync_engine, "before_cursor_execute", listen)


def _reading(connection: AsyncConnection) -> SqlReading:
    """One to which every statement is new, so that the engine executes it and tells of it."""
    return SqlReading(Session(connection, Statements(connection.dialect), None))


async def _looked_at(connection: AsyncConnection, statement: str, parameters: Any) -> int:
    """How many rows the statement's plan goes through, those it leaves out included."""
    analyzed = await connection.exec_driver_sql(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
    )
    plan = analyzed.scalar_one()
    nodes = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
    total = 0.0
    for node in nodes:
        nodes.extend(node.get("Plans", ()))
        removed = sum(rows for name, rows in node.items() if name.startswith("Rows Removed"))
        total += (node["Actual Rows"] + removed) * node["Actual Loops"]
    return round(total)


@pytest.mark.parametrize(("search", "where"), SEARCHES)
async def test_a_page_looks_at_few_rows(crowd: Crowd, search: Search, where: str) -> None:
    project_id = crowd.record.project.id if where == "project" else None
    async with crowd.engine.connect() as connection:
        with _heard(crowd.engine) as statements:
            found = await _reading(connection).search(crowd.scope, search, project_id)
        (said,) = statements
        assert len(found.records) in {0, 1, 20}
        assert await _looked_at(connection, *said) <= FEW


async def _believe_in_a_million(connection: AsyncConnection) -> None:
    """Let SQLite plan as for one project's million records, no two of one moment."""
    await connection.execute(text("ANALYZE"))
    for index in records.indexes:
        same = " 1000000" * (len(index.expressions) - 1)
        await connection.execute(
            text("INSERT INTO sqlite_stat1 VALUES ('records', :name, :said)"),
            {"name": index.name, "said": f"1000000{same} 1"},
        )


LATELY = [
    pytest.param(Search(sort=sort, is_descending=is_descending, **asked), id=f"{sort}-{end}-{name}")
    for sort in (SortKey.NUMBER, SortKey.REF)
    for is_descending, end in ((False, "oldest"), (True, "newest"))
    for name, asked in (
        ("project", {}),
        ("state", {"states": FAILED}),
        ("environment", {"environment_name": "production"}),
        ("both", {"environment_name": "production", "states": FAILED}),
    )
]


@pytest.mark.parametrize("search", LATELY)
@pytest.mark.parametrize("count_limit", [10_000, 10], ids=["short", "wide"])
async def test_a_window_in_another_order_looks_at_few_rows(
    crowd: Crowd, search: Search, count_limit: int
) -> None:
    """One of more than the limit counts as wide, however few lie outside of it."""
    window = Bounds(after=at((MANY - 90) / 60))
    async with crowd.engine.connect() as connection:
        with _heard(crowd.engine) as statements:
            asked = replace(search, updated=window, count_limit=count_limit)
            found = await _reading(connection).search(crowd.scope, asked, crowd.record.project.id)
        assert (found.total is None) == (count_limit == 10)
        assert len(found.records) == min(20, found.total or 20) > 0
        assert len(statements) == 2
        walks_refs = search.sort is SortKey.REF and found.total is None
        for said in statements:
            assert await _looked_at(connection, *said) <= (ASKED if walks_refs else FEW)


@pytest.mark.parametrize("search", LATELY)
@pytest.mark.parametrize("is_analyzed", [True, False])
@pytest.mark.parametrize("count_limit", [10_000, None], ids=["short", "wide"])
async def test_a_window_in_another_order_is_found_by_its_time_on_sqlite_too(
    sqlite_template: Path,
    tmp_path: Path,
    search: Search,
    is_analyzed: bool,
    count_limit: int | None,
) -> None:
    """One that nobody counts might be wide: its blocks are asked."""
    engines = open_engines(copied(sqlite_template, tmp_path / "analyzed.db"))
    if is_analyzed:
        async with engines.writers.begin() as connection:
            await _believe_in_a_million(connection)
    await engines.writers.dispose()
    asked = replace(search, updated=Bounds(after=at(30)), count_limit=count_limit)
    plans = []
    async with engines.readers.connect() as connection:
        with _heard(engines.readers) as statements:
            await _reading(connection).search(Scope(UUID(int=1)), asked, UUID(int=2))
        for said, parameters in statements:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", parameters)
            plans.append([step.detail for step in plan])
    await engines.dispose()
    blocks = ["by_ref", "by_updated"] if search.sort is SortKey.REF else ["by_block"]
    indexes = ["by_updated", "by_updated"] if count_limit is not None else blocks
    for steps, index in zip(plans, indexes, strict=True):
        assert any(index in step and "updated_at>" in step for step in steps), steps
        assert not any("SCAN records" in step or "AUTOMATIC" in step for step in steps), steps
        read = [step for step in steps if "LEFT-JOIN" in step]
        assert bool(read) == (index != "by_updated")
        assert all(index in step and "updated_at>" in step for step in read), steps


MIDDLE = at(MANY * 10 // 2)


@pytest.mark.parametrize(
    "search",
    [
        AuditSearch(limit=20),
        AuditSearch(since=MIDDLE, limit=20),
        AuditSearch(until=MIDDLE, limit=20),
        AuditSearch(below=UUID(int=int(MIDDLE.timestamp() * 1000) << 80), limit=20),
        AuditSearch(action="token.created"),
        AuditSearch(action="record.recorded", limit=20),
    ],
    ids=["newest", "since", "until", "below", "action", "action of records"],
)
async def test_a_page_of_the_audit_looks_at_few_lines(crowd: Crowd, search: AuditSearch) -> None:
    async with crowd.engine.connect() as connection:
        with _heard(crowd.engine) as statements:
            found = await _reading(connection).acts(crowd.scope.org_id, search)
        assert len(found) == (0 if search.action == "token.created" else 20)
        for said in statements:
            assert await _looked_at(connection, *said) <= FEW


async def test_a_total_counts_no_further_than_its_limit(crowd: Crowd) -> None:
    async with crowd.engine.connect() as connection:
        with _heard(crowd.engine) as statements:
            search = Search(limit=1, count_limit=100)
            found = await _reading(connection).search(crowd.scope, search, None)
        assert found.total is None
        assert len(statements) == 2
        assert await _looked_at(connection, *statements[1]) <= FEW


@pytest.mark.parametrize(
    "ask",
    [
        lambda reading, at: reading.last_deployment(
            at.scope, at.record.project.id, at.record.environment.id
        ),
        lambda reading, at: reading.current_record(at.scope, at.record.slot.id),
        lambda reading, at: reading.record(at.scope, at.record.id),
        lambda reading, at: reading.record_by_number(
            at.scope, at.record.project.id, at.record.number
        ),
        lambda reading, at: reading.org_of_record(at.record.id),
        lambda reading, at: reading.org_of_project(at.record.project.number),
    ],
    ids=["last deployment", "current", "by id", "by number", "org of record", "org of project"],
)
async def test_finding_one_looks_at_few_rows(crowd: Crowd, ask: Any) -> None:
    async with crowd.engine.connect() as connection:
        with _heard(crowd.engine) as statements:
            assert await ask(_reading(connection), crowd) is not None
        (said,) = statements
        assert await _looked_at(connection, *said) <= 20


@pytest.mark.parametrize(("search", "where"), SEARCHES)
async def test_a_page_walks_an_index_on_sqlite_too(
    sqlite_template: Path, search: Search, where: str
) -> None:
    engines = open_engines(f"sqlite:///{sqlite_template}")
    scope, project_id = Scope(UUID(int=1)), UUID(int=2) if where == "project" else None
    async with engines.readers.connect() as connection:
        with _heard(engines.readers) as statements:
            await _reading(connection).search(scope, search, project_id)
        said, parameters = statements[-1]
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", parameters)
        steps = plan.all()
    await engines.dispose()
    (chosen,) = (s.id for s in steps if s.detail in {"MATERIALIZE chosen", "CO-ROUTINE chosen"})
    inside = [step.detail for step in steps if step.parent == chosen]
    assert all("USING INDEX" in step for step in inside if step.startswith("SEARCH"))
    assert not any(step.startswith("SCAN") for step in inside)
    is_sorted = any("TEMP B-TREE" in step for step in inside)
    assert is_sorted == (search.digest is not None and search.digest[0] != "gitCommit")
