"""What an endpoint reads of a request: its headers and its body."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from gateway.core.errors import BadText, TooLarge
from gateway.dialect.framing import frame_of
from gateway.dialect.http import Call
from tests.world import World

GONE: Message = {"type": "http.disconnect"}


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def receiving(messages: Iterable[Message]) -> Receive:
    rest = iter(messages)

    async def receive() -> Message:
        return next(rest)

    return receive


def call_of(world: World, *messages: Message, headers: Iterable[tuple[bytes, bytes]] = ()) -> Call:
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/",
        "query_string": b"",
        "headers": list(headers),
    }
    services = world.gateway.services
    dialect, options = services.dialects["gitlab"]
    frame = frame_of(scope, services, options, "/")
    return Call(Request(scope, receiving(messages)), dialect, services, frame)


async def test_a_body_is_all_its_parts_and_is_read_once(world: World) -> None:
    call = call_of(world, part(b"a", more=True), part(b"", more=True), part(b"b"))
    assert await call.body() == b"ab"
    assert await call.body() == b"ab"


async def test_a_body_of_nothing_is_empty(world: World) -> None:
    assert await call_of(world, {"type": "http.request"}).body() == b""


async def test_a_body_is_refused_as_soon_as_it_is_too_large(world: World) -> None:
    most = world.gateway.services.max_body_bytes
    with pytest.raises(TooLarge):
        await call_of(world, part(b"a" * most, more=True), part(b"a", more=True)).body()


async def test_a_body_whose_client_has_gone_is_refused(world: World) -> None:
    with pytest.raises(BadText):
        await call_of(world, part(b"a", more=True), GONE).body()


async def test_of_a_header_that_is_said_again_the_first_counts(world: World) -> None:
    call = call_of(world, headers=[(b"private-token", b"one"), (b"private-token", b"two")])
    assert call.header("Private-Token") == "one"
    assert call.frame.headers["private-token"] == "one"


async def test_space_around_a_header_is_no_part_of_it(world: World) -> None:
    call = call_of(world, headers=[(b"private-token", b"one\xa0two \t"), (b"content-type", b"\t")])
    assert call.header("Private-Token") == "one\xa0two"
    assert call.content_type == ""


async def test_a_header_is_latin_1_and_holds_nothing_that_no_database_does(world: World) -> None:
    call = call_of(world, headers=[(b"a", b"\xe9"), (b"b", b"x\0y")])
    assert call.header("a") == "\xe9"
    assert call.header("c") is None
    with pytest.raises(BadText):
        call.header("b")
