"""The cases that need a gateway in this process: its records, its limits and its faults."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx

from gateway.conformance.addresses import addresses
from gateway.conformance.agreement import shown_alike, unheld
from gateway.conformance.cases import Case
from gateway.conformance.commands import facts_of
from gateway.conformance.exchanges import Exchange, exchanges_of, replay, send
from gateway.conformance.opened import BASE_URL, Inside
from gateway.conformance.operations import (
    have_examples,
    misreported,
    named,
    tell_fidelity,
    unsaid,
)
from gateway.conformance.outsiders import ACCESS
from gateway.conformance.places import dig
from gateway.conformance.refusals import misworded, unworded
from gateway.conformance.report import Level
from gateway.conformance.schemas import problems
from gateway.conformance.server import EXAMPLE_OWNER, Server
from gateway.core.errors import Crashed, GatewayError
from gateway.dialect import Dialect, Services
from gateway.dialect.frame import Frame
from gateway.dialect.http import Call
from gateway.dialect.ledger import Kept
from gateway.dialect.mount import mount

_SMALL = 1024


async def sound_schemas(inside: Inside) -> AsyncIterator[str]:
    """Create, record, list and error have a schema, which says where it is from."""
    for line in problems(inside.dialect):
        yield line


async def commands_of_examples(inside: Inside) -> AsyncIterator[str]:
    """Each example of a create is read as the command that it names; there is at least one."""
    creates = [e for e in exchanges_of(inside.dialect, inside.profile) if e.is_create]
    if not creates:
        yield "no example names the command of a create"
    status = inside.dialect.capabilities.created_status
    if creates and all(example.said["response"]["status"] != status for example in creates):
        yield f"created_status is {status}, and no example of a create is answered so"
    frame, able = Frame(options=inside.options), inside.dialect.capabilities
    for example in creates:
        try:
            command = inside.dialect.parse(example.body, EXAMPLE_OWNER, frame)
        except GatewayError as error:
            yield f"{example.name}: refused, {error!r}"
            continue
        if command.state not in able.states:
            yield f"{example.name}: state is {command.state}, which no capability names"
        if command.is_decommission and not able.can_decommission:
            yield f"{example.name}: decommissions, and can_decommission is false"
        said = _kept_of(inside.dialect, example.body)
        if said and not command.kept.get(inside.dialect.name):
            yield f"{example.name}: {', '.join(said)}: Kept by the ledger, and nothing is kept"
        facts = facts_of(command)
        for path in sorted(facts.keys() | example.said["command"].keys()):
            named, read = example.said["command"].get(path), facts.get(path)
            if named != read:
                yield f"{example.name}: {path} is {named!r} in the example, {read!r} is read"


async def keeping(inside: Inside) -> AsyncIterator[str]:
    """Each field that is kept for the dialect alone is said in an example of a create."""
    bodies = [e.body for e in exchanges_of(inside.dialect, inside.profile) if e.is_create]
    said = {name for body in bodies for name in _kept_of(inside.dialect, body)}
    for name, entry in inside.dialect.ledger.request.items():
        if isinstance(entry, Kept) and name not in said:
            yield f"{name} is Kept by the ledger, and no example of a create says it"


def _kept_of(dialect: Dialect, body: Any) -> list[str]:
    """The fields of a body that are said for this dialect alone."""
    kept = (name for name, entry in dialect.ledger.request.items() if isinstance(entry, Kept))
    return [name for name in kept if _says(body, name)]


def _says(body: Any, place: str) -> bool:
    try:
        return dig(body, place) is not None
    except LookupError:
        return False


def example_cases(dialect: Dialect, profile: str) -> Sequence[Case[Inside]]:
    """A case for each example in a profile: answered as written, and shown alike by everybody."""
    return [_example_case(example) for example in exchanges_of(dialect, profile)]


def _example_case(example: Exchange) -> Case[Inside]:
    async def answered(inside: Inside) -> AsyncIterator[str]:
        async with inside.lend(**example.surroundings) as world:
            answer, found = await replay(world.client, example, await world.token("admin"))
            for line in (*found, *unsaid(example, answer)):
                yield line
            if not example.is_create or found:
                return
            record = (await world.held())[-1]
            for line in (*unheld(example, record), *misreported(example.dialect, answer, record)):
                yield line
            reader = await world.token("read")
            async for line in shown_alike(world, reader, [*world.services.dialects]):
                yield line

    level: Level = "core" if example.said.get("evidence") == "docs" else "extended"
    title = f"{example.said['title']}: answered as in the example"
    return Case(f"example.{example.name}", title, level, answered)


async def column(inside: Inside) -> AsyncIterator[str]:
    """What the other dialects' examples wrote, this one shows as its ledger says."""
    async with inside.lend() as world:
        token = await world.token("admin")
        for other, options in world.services.dialects.values():
            if other.name == inside.dialect.name:
                continue
            for example in exchanges_of(other, options.profile):
                if example.is_create and not example.said.get("settings"):
                    await replay(world.client, example, token)
        async for line in shown_alike(world, await world.token("read"), [inside.dialect.name]):
            yield line


async def too_large(inside: Inside) -> AsyncIterator[str]:
    """A body beyond the limit is refused in the dialect's words."""
    async with inside.lend() as world:
        small = replace(world.services, max_body_bytes=_SMALL)
        token = await world.token()
        async with _alone(inside, inside.dialect, small, token) as server:
            body = b'{"a": "' + b"x" * 2 * _SMALL + b'"}'
            headers = {"content-type": "application/json"}
            answer = await server.ask("POST", server.creates, content=body, headers=headers)
            # Which 4xx is the provider's own: one counts the parameters of JSON first.
            if not 400 <= answer.status_code < 500:
                yield f"status: {answer.status_code} answered to {len(body)} bytes"
            for line in misworded(server, answer):
                yield line


async def astray(inside: Inside) -> AsyncIterator[str]:
    """Whatever a path or a query names, the answer is the dialect's and no crash."""
    async with inside.lend() as world:
        server = Server(inside.dialect, inside.profile, world.client, await world.token("admin"))
        for address in addresses(inside.dialect, inside.profile):
            for strange, request in address.astray():
                answer = await send(world.client, request, server.token)
                if answer.status_code >= 500:
                    yield f"{named(address.endpoint)}: {strange}: status {answer.status_code}"
                elif answer.status_code >= 400:
                    for line in misworded(server, answer):
                        yield f"{named(address.endpoint)}: {strange}: {line}"


async def crash(inside: Inside) -> AsyncIterator[str]:
    """A fault of the gateway's own is told in the dialect's words and says nothing more."""
    crashing = replace(inside.dialect, arrive=_fall)
    async with inside.lend() as world, _alone(inside, crashing, world.services) as server:
        answer = await server.ask("GET", server.creates)
        for line in unworded(server, answer, Crashed()):
            yield line
        if _SECRET in answer.text:
            yield f"body: {_SECRET!r} is told to the client"


_SECRET = "the inside of the gateway"  # noqa: S105 (what must not be told)


async def _fall(_call: Call) -> None:
    raise RuntimeError(_SECRET)


@asynccontextmanager
async def _alone(
    inside: Inside, dialect: Dialect, services: Services, token: str = ""
) -> AsyncIterator[Server]:
    """The dialect by itself, over these services."""
    transport = httpx.ASGITransport(app=mount(dialect, services, inside.options))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield Server(dialect, inside.profile, client, token)


INSIDE_CASES: Sequence[Case[Inside]] = (
    Case("schemas", "the schemas are sound", "core", sound_schemas),
    Case("commands", "each example is read as its command", "core", commands_of_examples),
    Case("commands.kept", "what is kept is said in an example", "core", keeping),
    Case("operations.examples", "each operation has an example", "core", have_examples),
    Case("operations.fidelity", "what an answer loses is named", "core", tell_fidelity),
    *ACCESS,
    Case("matrix.column", "what others wrote is shown as the ledger says", "core", column),
    Case("error.size", "a body too large is refused in words", "core", too_large),
    Case("error.astray", "strange paths and queries are refused in words", "core", astray),
    Case("error.crash", "a crash is told in words", "core", crash),
)


def cases_inside(dialect: Dialect, profile: str) -> Iterator[Case[Inside]]:
    """All of them, the examples' last."""
    yield from INSIDE_CASES
    yield from example_cases(dialect, profile)
