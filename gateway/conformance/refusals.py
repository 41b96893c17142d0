"""The cases of what a server refuses: in the dialect's status, media type and words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace

import httpx

from gateway.conformance.cases import Case
from gateway.conformance.hostile_bodies import RAW
from gateway.conformance.schemas import misfits
from gateway.conformance.server import Server, new_mark
from gateway.core.errors import (
    BadBody,
    BodyFault,
    Doubt,
    GatewayError,
    NoRoute,
    Unauthenticated,
    WrongMethod,
)


def _nowhere(server: Server) -> str:
    return f"{server.dialect.paths[0]}{f'/{new_mark()}' * 3}"


async def unknown_path(server: Server) -> AsyncIterator[str]:
    """A path that the dialect does not have."""
    path = _nowhere(server)
    for line in unworded(server, await server.ask("GET", path), NoRoute("GET", path)):
        yield line


async def wrong_method(server: Server) -> AsyncIterator[str]:
    """A verb that the path does not have."""
    path = server.creates
    error = WrongMethod("PATCH", path, ("POST",))
    for line in unworded(server, await server.ask("PATCH", path, json={}), error):
        yield line


async def no_credential(server: Server) -> AsyncIterator[str]:
    """A create by nobody."""
    answer = await server.ask("POST", server.creates, token="", json={})
    for line in unworded(server, answer, Unauthenticated(Doubt.MISSING)):
        yield line


async def bad_credential(server: Server) -> AsyncIterator[str]:
    """A create with a credential that nobody was given."""
    stranger = replace(server, token=new_mark())
    answer = await stranger.offer(server.examples()[0], new_mark())
    for line in unworded(server, answer, Unauthenticated(Doubt.UNKNOWN)):
        yield line


async def broken_json(server: Server) -> AsyncIterator[str]:
    """A body that ends in the middle."""
    answer = await _post_raw(server, b'{"a":')
    for line in unworded(server, answer, BadBody(BodyFault.SYNTAX, "Expecting value", 1, 6)):
        yield line


async def hostile_bodies(server: Server) -> AsyncIterator[str]:
    """Bodies that no client should send are refused in words, never with a crash."""
    for name, raw in RAW.items():
        answer = await _post_raw(server, raw)
        if answer.status_code >= 500:
            yield f"{name}: status {answer.status_code}"
        elif answer.status_code >= 400:
            for line in misworded(server, answer):
                yield f"{name}: {line}"


async def _post_raw(server: Server, raw: bytes) -> httpx.Response:
    headers = {"content-type": "application/json"}
    return await server.ask("POST", server.creates, content=raw, headers=headers)


def unworded(server: Server, answer: httpx.Response, error: GatewayError) -> Iterator[str]:
    """Where an answer is not how the dialect refuses for this reason, one line each."""
    method, path = answer.request.method, answer.request.url.raw_path.decode().partition("?")[0]
    wanted = server.dialect.render_error(error, server.frame(method, path))
    if answer.status_code != wanted.status:
        yield f"status: {answer.status_code} answered to {method} {path}, not {wanted.status}"
        return
    media_type = _bare(wanted.media_type or server.dialect.media_type)
    shown = _bare(answer.headers.get("content-type", ""))
    if wanted.body is not None and shown != media_type:
        yield f"content-type: {shown or 'none'} answered to {method} {path}, not {media_type}"
    yield from misworded(server, answer)


def misworded(server: Server, answer: httpx.Response) -> Iterator[str]:
    """Where the JSON of a refusal does not fit the dialect's schema of errors."""
    if "json" in answer.headers.get("content-type", ""):
        yield from misfits(server.dialect, "error", answer.json())


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


REFUSALS: Sequence[Case[Server]] = (
    Case("error.path", "an unknown path is refused in words", "core", unknown_path),
    Case("error.method", "a wrong verb is refused in words", "core", wrong_method),
    Case("error.nobody", "nobody is refused in words", "core", no_credential),
    Case("error.credential", "a bad credential is refused in words", "core", bad_credential),
    Case("error.json", "broken JSON is refused in words", "core", broken_json),
    Case("error.hostile", "hostile bodies are refused in words", "extended", hostile_bodies),
)
