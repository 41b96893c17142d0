"""A server at a URL, held to what needs HTTP alone; bounded in requests and in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count

import httpx

from gateway.conformance.cases import Case, judged, levelled
from gateway.conformance.http import CLEANUP, HTTP_CASES
from gateway.conformance.report import Report, Verdict
from gateway.conformance.server import Server, new_mark
from gateway.dialect import Dialect
from gateway.dialect.frame import Owner

MOST_REQUESTS = 300
ANSWER_SECONDS = 10.0
ALL_SECONDS = 120.0
CLEANING_SECONDS = 30.0
_MASK = "********"


class Unreachable(Exception):
    """Nothing answers at the URL."""


class NeedsOwner(Exception):
    """The dialect's paths name an org and a project, and none was said."""


def owner_of(dialect: Dialect, org: str | None, project: str | None) -> Owner:
    """Whose records to make: as said, else a project of our own. Raises ``NeedsOwner``."""
    if org is None and project is not None and "/" in project:
        org = project.partition("/")[0]
    if org is None and names_owner(dialect):
        raise NeedsOwner(dialect.name)
    return Owner(org, project or f"{org or 'conformance'}/{new_mark()}")


def names_owner(dialect: Dialect) -> bool:
    """Whether a create's path says whose record it is."""
    creates = dialect.capabilities.creates
    return creates("one", "one/a") != creates("other", "other/b")


async def examined(url: str, dialect: Dialect, profile: str, *, token: str, owner: Owner) -> Report:
    """What a server that claims the dialect does. Raises ``Unreachable``.

    What is made is called ``conformance-…`` and taken away again where the dialect can; nothing
    else is changed. The token stands in no message.
    """
    async with _client(url) as client:
        await _reached(client, dialect)
        server = Server(dialect, profile, client, token, owner, is_shared=True)
        end = asyncio.get_running_loop().time() + ALL_SECONDS
        verdicts = [await _timed(case, server, end) for case in HTTP_CASES]
        verdicts.append(await _timed(CLEANUP, server, end + CLEANING_SECONDS))
    told = [replace(verdict, message=_masked(verdict.message, token)) for verdict in verdicts]
    return Report(dialect.name, dialect.version, profile, told)


async def _timed(case: Case[Server], server: Server, end: float) -> Verdict:
    levelled_case = levelled(case, server.dialect)
    try:
        async with asyncio.timeout_at(end):
            return await judged(levelled_case, server)
    except TimeoutError:
        unsaid = Verdict(case.id, case.title, levelled_case.level)
        return unsaid.as_failed(f"not done: all of them have {ALL_SECONDS:.0f} s")


def _client(url: str) -> httpx.AsyncClient:
    hooks = {"request": [_bounded()]}
    try:
        return httpx.AsyncClient(base_url=url, timeout=ANSWER_SECONDS, event_hooks=hooks)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Unreachable(type(error).__name__) from None


async def _reached(client: httpx.AsyncClient, dialect: Dialect) -> None:
    try:
        await client.get(dialect.paths[0])
    except (httpx.TransportError, UnicodeError) as error:  # no host can have such a name
        raise Unreachable(type(error).__name__) from None


def _bounded() -> Callable[[httpx.Request], Awaitable[None]]:
    """Refuses to send more requests than may be asked of somebody else's server."""
    numbers = count(1)

    async def counted(request: httpx.Request) -> None:
        if next(numbers) > MOST_REQUESTS:
            raise httpx.RequestError(f"more than {MOST_REQUESTS} requests", request=request)

    return counted


def _masked(text: str, token: str) -> str:
    return text.replace(token, _MASK) if token else text
