"""The cases that hold every operation of a dialect to what its endpoint says of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

import httpx

from gateway.conformance.exchanges import Exchange, body_of, exchanges_of, replay
from gateway.conformance.opened import Inside
from gateway.conformance.schemas import misfits
from gateway.core.model import Record
from gateway.dialect import Dialect
from gateway.dialect.http import FIDELITY_HEADER, Endpoint
from gateway.dialect.routing import endpoint_of

_REFUSED = 300
_LINES = "application/x-ndjson"
_UNASKED = "OPTIONS"  # what a browser asks before it asks is alike on every path


def named(endpoint: Endpoint) -> str:
    """An operation as its reader knows it."""
    return f"{endpoint.method} {endpoint.path}"


async def have_examples(inside: Inside) -> AsyncIterator[str]:
    """Every operation has an example in the profile, of a success or of a refusal."""
    for endpoint, examples in _by_endpoint(inside):
        if endpoint.method != _UNASKED and not examples:
            yield f"{named(endpoint)} has no example in the {inside.profile} profile"


async def tell_fidelity(inside: Inside) -> AsyncIterator[str]:
    """An operation that is said to name what is lost does so in one of its examples."""
    for endpoint, examples in _by_endpoint(inside):
        if endpoint.tells_fidelity and not [e async for e in _told(inside, examples)]:
            yield f"{named(endpoint)} tells_fidelity, and no example's answer has {FIDELITY_HEADER}"


def unsaid(example: Exchange, answer: httpx.Response) -> Iterator[str]:
    """What is answered and the endpoint does not speak of: a header, a status, another body."""
    endpoint = _endpoint_of(example, example.dialect.routes())
    if endpoint is None:
        return
    if FIDELITY_HEADER in answer.headers and not endpoint.tells_fidelity:
        yield f"{named(endpoint)} answers with {FIDELITY_HEADER} and does not say tells_fidelity"
    if endpoint.shapes and answer.status_code < _REFUSED:
        yield from _misshapen(example.dialect, endpoint, answer)


def _misshapen(dialect: Dialect, endpoint: Endpoint, answer: httpx.Response) -> Iterator[str]:
    status, body = answer.status_code, body_of(answer)
    if status not in endpoint.shapes:
        yield f"{named(endpoint)} answers {status}, which is not among its shapes"
        return
    shape = endpoint.shapes[status]
    if shape is None and body is not None:
        yield f"{named(endpoint)} answers {status} with a body, and its shape is none"
    if shape is not None and answer.headers.get("content-type") != _LINES:
        yield from (f"{named(endpoint)} answers {line}" for line in misfits(dialect, shape, body))


def misreported(dialect: Dialect, answer: httpx.Response, record: Record) -> Iterator[str]:
    """A header that says something else of a record than the ledger does."""
    told, report = answer.headers.get(FIDELITY_HEADER), dialect.fidelity(record)
    wanted = None if report.is_lossless else report.header()
    if told is not None and told != wanted:
        yield f"header {FIDELITY_HEADER} is {told!r}, and {wanted!r} by the ledger"


async def _told(inside: Inside, examples: list[Exchange]) -> AsyncIterator[Exchange]:
    for example in examples:
        if example.said["response"]["status"] >= _REFUSED:
            continue
        async with inside.lend(**example.surroundings) as world:
            answer, _ = await replay(world.client, example, await world.token("admin"))
        if FIDELITY_HEADER in answer.headers:
            yield example
            return


def _by_endpoint(inside: Inside) -> Iterator[tuple[Endpoint, list[Exchange]]]:
    """Every endpoint with its examples."""
    endpoints = inside.dialect.routes()
    examples = exchanges_of(inside.dialect, inside.profile)
    for endpoint in endpoints:
        yield endpoint, [one for one in examples if _endpoint_of(one, endpoints) is endpoint]


def _endpoint_of(example: Exchange, endpoints: Sequence[Endpoint]) -> Endpoint | None:
    request = example.request
    found = endpoint_of(example.dialect, endpoints, request["method"], request["path"])
    return None if found is None else found[0]
