"""Whether a dialect shows what the core holds, computed from the dialect's own ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from gateway.conformance.commands import facts_of, plain_fact
from gateway.conformance.exchanges import Exchange, References
from gateway.conformance.opened import Opened
from gateway.conformance.operations import misreported
from gateway.conformance.places import dig, plain
from gateway.conformance.schemas import misfits
from gateway.conformance.server import EXAMPLE_OWNER, carrying
from gateway.core.model import Record
from gateway.dialect import Dialect
from gateway.dialect.frame import Frame, Wire
from gateway.dialect.ledger import fact

_RENAMED = {"occurred_at": "created_at"}


async def read(
    world: Opened, dialect: Dialect, record: Record, token: str
) -> tuple[Wire | None, list[str]]:
    """The record as a client of the dialect gets it over HTTP, if there is one to get.

    Beside it stands where the answer's header is not true of it.
    """
    path = dialect.lookup.path(record)
    if path is None:
        return None, []
    answer = await world.client.get(path, headers=carrying(dialect, token))
    if answer.status_code == 404:
        return None, []
    if answer.status_code != 200:
        raise AssertionError(f"{path}: {answer.status_code} {answer.text}")
    found = dialect.lookup.pick(answer.json(), record)
    return found, [] if found is None else list(misreported(dialect, answer, record))


async def disagreements(
    world: Opened, dialect: Dialect, options: Any, record: Record, token: str
) -> list[str]:
    """Where the dialect's answer is not what the core holds, one line each."""
    frame = Frame(options=options, base_url=str(world.client.base_url).rstrip("/"))
    seen, misreports = await read(world, dialect, record, token)
    if not dialect.shows(record):
        others = [other for other in await world.held() if other.slot.id == record.slot.id]
        shown = [None, *(plain(dialect.render(o, frame)) for o in others if dialect.shows(o))]
        return [] if seen in shown else [f"{dialect.name}: shows a record it should not"]
    if dialect.lookup.path(record) is None:
        return []
    if seen is None:
        return [f"{dialect.name}: does not show the record"]
    lines = (*_from_ledger(dialect, options, record, seen), *misreports)
    found = [f"{dialect.name}: {line}" for line in lines]
    rendered = plain(dialect.render(record, frame))
    if rendered != seen:
        places = References().differences(rendered, seen, "record")
        found += [f"{dialect.name}: {_as_rendered(line)}" for line in places]
    return found + [f"{dialect.name} {line}" for line in misfits(dialect, "record", seen)]


def _as_rendered(line: str) -> str:
    return line.replace("in the example", "as render gives it")


def _from_ledger(dialect: Dialect, options: Any, record: Record, seen: Wire) -> Iterator[str]:
    for place, (path, give, stand_in) in dialect.ledger.givers().items():
        held = fact(record, path)
        try:
            shown = dig(seen, dialect.spelled(place, options))
        except LookupError:
            yield f"{place} is missing"
            continue
        if stand_in is not None and held in (None, {}, ()):
            if shown is None:
                yield f"{place} is null, and nothing stands in for {path}"
            continue
        if shown != plain(give(held)):
            yield f"{place} is {shown!r}, and {path} is {held!r}"


async def shown_alike(world: Opened, reader: str, dialects: Sequence[str]) -> AsyncIterator[str]:
    """Where one of these dialects does not show what the core holds, for every record there is."""
    for record in await world.held():
        for name in dialects:
            dialect, options = world.services.dialects[name]
            for line in await disagreements(world, dialect, options, record, reader):
                yield line


def unheld(exchange: Exchange, record: Record) -> Iterator[str]:
    """The facts of an exchange's command that its record does not hold."""
    frame = Frame(options=exchange.dialect.options[exchange.profile])
    command = exchange.dialect.parse(exchange.body, EXAMPLE_OWNER, frame)
    for path, said in facts_of(command).items():
        if path in {"project.path", "project.number"}:
            held: object = record.project.path
            agrees = str(held).endswith(str(said).removeprefix("acme/"))
        else:
            held = plain_fact(fact(record, _RENAMED.get(path, path)))
            agrees = held == said
        if not agrees:
            yield f"{path}: {said!r} was said, {held!r} is held"
