"""The cases of access: without a credential, with a read-only one, and from elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from gateway.conformance.addresses import addresses
from gateway.conformance.cases import Case
from gateway.conformance.examination import names_owner
from gateway.conformance.exchanges import Exchange
from gateway.conformance.opened import Inside, Opened
from gateway.conformance.operations import named
from gateway.conformance.refusals import misworded, unworded
from gateway.conformance.server import Made, Server, new_mark
from gateway.core.errors import Forbidden
from gateway.core.model import Record

_NOBODYS = UUID("019aa000-0000-7000-8000-000000000000")
_NOBODYS_NUMBER = 8_123_456_789_012_345
_ELSEWHERE = ("acme/elsewhere",)


async def nobody(inside: Inside) -> AsyncIterator[str]:
    """Every operation that is not public is refused to nobody; some do not say that they exist."""
    async with inside.lend() as world:
        server = _server(inside, world, "")
        for address in addresses(inside.dialect, inside.profile):
            if address.endpoint.is_public:
                continue
            answer = await server.ask(address.endpoint.method, address.path(), json={})
            lines = misworded(server, answer)
            if not 400 <= answer.status_code < 500:
                lines = iter([f"status {answer.status_code} without a credential"])
            for line in lines:
                yield f"{named(address.endpoint)}: {line}"


async def reader(inside: Inside) -> AsyncIterator[str]:
    """A create by somebody who may only read is refused, and nothing is recorded."""
    async with inside.lend() as world:
        server = _server(inside, world, await world.token("read"))
        answer = await server.offer(server.examples()[0], new_mark())
        for line in unworded(server, answer, Forbidden("write")):
            yield line
        for record in await world.held():
            yield f"record {record.id} was made with a token that may only read"


async def outsiders(inside: Inside) -> AsyncIterator[str]:
    """What is recorded does not exist for another org, nor for a token of other projects."""
    async with inside.lend() as world:
        server = _server(inside, world, await world.token())
        example, mark = server.examples()[0], new_mark()
        made = await server.create(example, mark)
        held = await world.held()
        foreign = _server(inside, world, await world.token("admin", org="umbrella"))
        limited = _server(inside, world, await world.token("admin", _ELSEWHERE))
        async for _ in _shown(server, made, held[-1], mark):
            pass  # an answer that is kept by its path is kept from here on
        for name, other in (("another org", foreign), ("a token of other projects", limited)):
            async for line in _shown(other, made, held[-1], mark):
                yield f"{line} to {name}"
            async for line in _told(other, held[-1]):
                yield f"{line} to {name}"
        if names_owner(inside.dialect):
            async for line in _let_in(foreign, example, made, mark):
                yield f"{line} to another org"
        await foreign.offer(example, mark)
        if await world.held() != held:
            yield "a create by another org changes what is recorded here"


async def _shown(asker: Server, made: Made, record: Record, mark: str) -> AsyncIterator[str]:
    """Where somebody is shown a record of ours."""
    dialect, client = asker.dialect, asker.dialect.client
    path = dialect.lookup.path(record)
    found = None if path is None else await _answered(asker, path)
    if found is not None and dialect.lookup.pick(found, record) is not None:
        yield f"GET {path} is shown"
    path = client.again(asker.owner, made.record)
    found = None if path is None else await _answered(asker, path)
    if found is not None and client.pick(found, made.record) is not None:
        yield f"GET {path} is shown"
    if client.listing is not None:
        path = client.listing.first(asker.owner, made.listed_under(mark), 5, asker.options)
        found = await _answered(asker, path)
        if found is not None and client.listing.items(found):
            yield f"GET {path} is shown"


async def _answered(asker: Server, path: str) -> Any:
    answer = await asker.ask("GET", path)
    return answer.json() if answer.status_code == 200 else None


async def _told(other: Server, record: Record) -> AsyncIterator[str]:
    """Where a refusal tells somebody that there is a record."""
    nobodys = replace(record, id=_NOBODYS, number=_NOBODYS_NUMBER)
    path, nowhere = (other.dialect.lookup.path(one) for one in (record, nobodys))
    if path is None or nowhere is None:
        return
    answer, missing = await other.ask("GET", path), await other.ask("GET", nowhere)
    if answer.status_code != missing.status_code:
        yield f"GET {path} is {answer.status_code}, {missing.status_code} where there is none,"


async def _let_in(foreign: Server, example: Exchange, made: Made, mark: str) -> AsyncIterator[str]:
    """Where a path that names our org is answered well."""
    listing = foreign.dialect.client.listing
    if listing is not None:
        path = listing.first(foreign.owner, made.listed_under(mark), 5, foreign.options)
        answer = await foreign.ask("GET", path)
        if answer.status_code < 300:
            yield f"GET {path} is {answer.status_code}"
    answer = await foreign.offer(example, mark)
    if answer.status_code < 300:
        yield f"POST {foreign.creates} is {answer.status_code}"


def _server(inside: Inside, world: Opened, token: str) -> Server:
    return Server(inside.dialect, inside.profile, world.client, token)


ACCESS: Sequence[Case[Inside]] = (
    Case("access.nobody", "nobody is refused by every operation", "core", nobody),
    Case("access.reader", "who may only read records nothing", "core", reader),
    Case("access.outsiders", "another org, or project, does not see it", "core", outsiders),
)
