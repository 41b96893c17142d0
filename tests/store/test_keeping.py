"""Kept answers about a file that others write: none is ever older than the question."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import bindparam, column, select, table

from gateway.core.errors import GatewayError
from gateway.store.connection import Pool
from gateway.store.drivers import FileConnection
from gateway.store.engine import open_engines
from gateway.store.keeping import Kept, Watch
from gateway.store.prepared import Statements
from gateway.store.session import Session
from gateway.store.standing import Standing

_THINGS = table("things", column("name"), column("worth"))
_WORTH = select(_THINGS).where(_THINGS.c.name.in_(bindparam("names", expanding=True)))
_WRITE = "INSERT INTO things VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET worth = excluded.worth"


class Asked:
    """The question what things are worth: how often it was asked, and what happens meanwhile."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.before: list[tuple[str, int]] = []
        self.after: list[tuple[str, int]] = []
        self.file = Path()

    async def __call__(self, session: Session, names: Sequence[str]) -> Mapping[str, int]:
        self.names += names
        write(self.file, *self.before)
        rows = await session.all(_WORTH, {"names": names})
        write(self.file, *self.after)
        return {row.name: row.worth for row in rows}


def write(file: Path, *things: tuple[str, int]) -> None:
    """Commit what the things are worth, over a connection of its own."""
    with closing(sqlite3.connect(file)) as other, other:
        other.executemany(_WRITE, things)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "things.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE things (name TEXT PRIMARY KEY, worth INTEGER)")
    write(path, ("a", 1), ("b", 1))
    return path


@pytest.fixture
async def standing(file: Path) -> AsyncIterator[Standing]:
    engines = open_engines(f"sqlite:///{file}")
    opened = Standing(Pool(engines.readers, "BEGIN"), Statements(engines.readers.dialect))
    yield opened
    await opened.close()
    await engines.dispose()


@pytest.fixture
def asked(file: Path) -> Asked:
    asked = Asked()
    asked.file = file
    return asked


@pytest.fixture
def kept(standing: Standing, asked: Asked) -> Kept[str, int]:
    return Kept(Watch(standing), asked, _any)


def _any(_worth: int) -> bool:
    return True


async def heard_of() -> None:
    """A step later: nobody hears of a commit in the step in which it is made."""
    await asyncio.sleep(0)


@pytest.fixture
def other(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, isolation_level=None)) as opened:
        yield opened


async def test_nothing_is_asked_again_while_nobody_commits(
    kept: Kept[str, int], asked: Asked, other: sqlite3.Connection
) -> None:
    assert [await kept.find(name) for name in "abab"] == [1, 1, 1, 1]
    other.execute("BEGIN IMMEDIATE")
    other.execute(_WRITE, ("a", 2))
    assert await kept.find("a") == 1
    other.execute("ROLLBACK")
    assert await kept.find("a") == 1
    assert asked.names == ["a", "b"]


async def test_what_is_committed_is_seen_by_the_next_question(
    kept: Kept[str, int], other: sqlite3.Connection
) -> None:
    for worth in range(2, 20):
        other.execute(_WRITE, ("a", worth))
        await heard_of()
        assert await kept.find("a") == worth
    other.execute("DELETE FROM things")
    await heard_of()
    assert await kept.find("a") is None


async def test_what_another_process_commits_is_seen_by_the_next_question(
    kept: Kept[str, int], file: Path
) -> None:
    assert await kept.find("a") == 1
    said = f"import sqlite3; c = sqlite3.connect({str(file)!r}); c.execute({_WRITE!r}, ('a', 2))"
    words = [sys.executable, "-c", f"{said}; c.commit()"]
    await asyncio.to_thread(subprocess.run, words, check=True)
    assert await kept.find("a") == 2


@pytest.mark.parametrize("how", ["PASSIVE", "FULL", "RESTART", "TRUNCATE"])
async def test_a_checkpoint_hides_no_commit(
    kept: Kept[str, int], other: sqlite3.Connection, how: str
) -> None:
    for worth in range(2, 8):
        other.execute(_WRITE, ("a", worth))
        other.execute(f"PRAGMA wal_checkpoint({how})")
        await heard_of()
        assert await kept.find("a") == worth
        other.execute(f"PRAGMA wal_checkpoint({how})")
        await heard_of()
        assert await kept.find("a") == worth


async def test_what_is_committed_before_the_statement_or_after_it_is_seen_at_the_latest_next(
    kept: Kept[str, int], asked: Asked
) -> None:
    asked.before = [("a", 2)]
    assert await kept.find("a") == 2
    asked.before, asked.after = [], [("a", 3)]
    write(asked.file, ("b", 2))
    await heard_of()
    assert await kept.find("a") == 2
    asked.after = []
    await heard_of()
    assert await kept.find("a") == 3


async def test_the_file_is_looked_at_once_in_a_turn_of_the_loop(
    standing: Standing, asked: Asked
) -> None:
    watch, looked = Watch(standing), list[str]()
    worth, cost = Kept(watch, asked, _any), Kept(watch, asked, _any)
    assert [await worth.find("a"), await cost.find("a")] == [1, 1]
    idle = standing.idle()
    assert idle is not None
    assert isinstance(idle._driver, FileConnection)
    idle._driver._raw.set_trace_callback(looked.append)
    for times in range(1, 4):
        await heard_of()
        assert [await one.find("a") for one in (worth, cost, worth)] == [1, 1, 1]
        assert looked == ["PRAGMA data_version"] * times


async def test_who_hears_of_a_commit_sees_it_in_the_very_turn(
    kept: Kept[str, int], other: sqlite3.Connection
) -> None:
    committed = asyncio.Event()

    async def hear() -> int | None:
        await committed.wait()
        return await kept.find("a")

    assert await kept.find("a") == 1
    await heard_of()
    hearing = asyncio.create_task(hear())
    await heard_of()
    assert await kept.find("a") == 1
    other.execute(_WRITE, ("a", 2))
    committed.set()
    assert await hearing == 2


async def test_another_connection_counts_anew(
    kept: Kept[str, int], standing: Standing, file: Path
) -> None:
    for worth in range(2, 8):
        assert await kept.find("a") == worth - 1
        await standing.close()
        write(file, ("a", worth))
    assert await kept.find("a") == 7


async def test_who_asks_during_a_statement_does_not_see_with_its_eyes(
    standing: Standing, other: sqlite3.Connection
) -> None:
    may_end = asyncio.Event()

    async def ask(session: Session, names: Sequence[str]) -> Mapping[str, int]:
        driver = session._driver
        assert isinstance(driver, FileConnection)
        rows = driver._raw.execute("SELECT name, worth FROM things ORDER BY name")
        found = [rows.fetchone()]
        if "b" in names:
            await may_end.wait()
        return dict([*found, *rows.fetchall()])

    kept = Kept(Watch(standing), ask, _any)
    assert await kept.find("a") == 1
    under_way = asyncio.create_task(kept.find("b"))
    await asyncio.sleep(0)
    other.execute(_WRITE, ("a", 2))
    next_one = asyncio.create_task(kept.find("a"))
    await asyncio.sleep(0)
    may_end.set()
    assert (await under_way, await next_one) == (1, 2)


async def test_what_is_not_there_or_large_is_not_kept(standing: Standing, asked: Asked) -> None:
    kept = Kept(Watch(standing), asked, lambda worth: worth < 10)
    write(asked.file, ("large", 10), ("nothing", 0))
    names = ["large", "missing", "nothing"]
    assert [await kept.find(name) for name in names * 2] == [10, None, 0] * 2
    assert asked.names == [*names, "large", "missing"]


async def test_the_oldest_answer_gives_way(
    kept: Kept[str, int], asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.keeping._MOST", 2)
    write(asked.file, ("c", 1))
    for name in "abcbca":
        assert await kept.find(name) == 1
    assert asked.names == ["a", "b", "c", "a"]


async def test_a_connection_that_fails_is_told_of_and_replaced(
    kept: Kept[str, int], standing: Standing
) -> None:
    assert await kept.find("a") == 1
    idle = standing.idle()
    assert idle is not None
    assert isinstance(idle._driver, FileConnection)
    idle._driver._raw.close()
    with pytest.raises(GatewayError):
        await kept.find("a")
    assert await kept.find("a") == 1
