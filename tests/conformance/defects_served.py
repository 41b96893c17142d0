"""Dialects that are right but for how they are served: whom they answer, and with what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from starlette.responses import Response

from adapters.github import dialect as github
from adapters.gitlab import dialect as gitlab
from adapters.iftrue import dialect as iftrue
from gateway.core.commands import RecordDeployment
from gateway.core.errors import Forbidden, GatewayError, IllegalMove
from gateway.core.model import State
from gateway.dialect import Dialect
from gateway.dialect.frame import Frame, Owner, WireError
from gateway.dialect.http import FIDELITY_HEADER, Call
from gateway.dialect.ledger import Kept
from tests.conformance.defects import Defect, relisted, rerouted

Answer = Callable[[Call], Awaitable[Response]]

CREATE, LIST, SHOW = ("POST", "/deployment"), ("GET", "/deployment"), ("GET", "/deployment/{id}")


def around(
    operation: tuple[str, str], spoil: Callable[[Call, Answer], Awaitable[Response]]
) -> Dialect:
    """iftrue's dialect with something around an endpoint, which gets the right answer too."""
    (right,) = [one.answer for one in iftrue.routes() if (one.method, one.path) == operation]

    async def answer(call: Call) -> Response:
        return await spoil(call, right)

    return rerouted(iftrue, *operation, answer=answer)


async def counting(call: Call, right: Answer) -> Response:
    """A parameter is taken for a number."""
    int(dict(call.query).get("limit", "20"))
    return await right(call)


async def naming(call: Call, right: Answer) -> Response:
    """What a path names is taken for an id."""
    UUID(call.segment("id"))
    return await right(call)


async def lenient(call: Call, right: Answer) -> Response:
    """Who may not record is told that all went well."""
    try:
        return await right(call)
    except Forbidden:
        return call.reply({}, status=201)


async def open_to_all(call: Call, _right: Answer) -> Response:
    """Nobody is asked who they are."""
    return call.reply({"data": [], "page": 1, "limit": 20, "total": 0})


async def boasting(call: Call, right: Answer) -> Response:
    """A header says that next to nothing is lost."""
    answer = await right(call)
    answer.headers[FIDELITY_HEADER] = "loses=nothing"
    return answer


def remembering() -> Dialect:
    """An answer is kept, and given to whoever asks for the same."""
    known: dict[str, Any] = {}

    async def answer(call: Call, right: Answer) -> Response:
        if call.frame.path not in known:
            known[call.frame.path] = await right(call)
        return call.reply(bytes(known[call.frame.path].body))

    return around(SHOW, answer)


def unbounded(body: Any, owner: Owner, frame: Frame) -> RecordDeployment:
    """A number is believed to be a moment."""
    if isinstance(body, dict) and type(body.get("commits_count")) is int:
        datetime.fromtimestamp(body["commits_count"], UTC)
    return iftrue.parse(body, owner, frame)


def praising(error: GatewayError, frame: Frame) -> WireError:
    """One kind of refusal is a success."""
    answer = github.render_error(error, frame)
    return replace(answer, status=200) if isinstance(error, IllegalMove) else answer


def able(**said: Any) -> Dialect:
    """A dialect that says something else of what it can."""
    return replace(gitlab, capabilities=replace(gitlab.capabilities, **said))


SERVED: Mapping[str, Defect] = {
    "a value that is too large": Defect(
        replace(iftrue, parse=unbounded), "every value is met", "commits_count"
    ),
    "a refusal that is a success": Defect(
        replace(github, render_error=praising), "every failure is worded", "IllegalMove"
    ),
    "a 500 on a parameter": Defect(around(LIST, counting), "error.astray", "limit"),
    "a 500 on an id": Defect(around(SHOW, naming), "error.astray", "id"),
    "an operation open to all": Defect(
        around(LIST, open_to_all), "access.nobody", "GET /deployment"
    ),
    "a create by who may only read": Defect(around(CREATE, lenient), "access.reader", "status"),
    "a record that another org sees": Defect(remembering(), "access.outsiders", "another org"),
    "a header that is not true": Defect(around(SHOW, boasting), "matrix.column", FIDELITY_HEADER),
    "an answer of another shape": Defect(
        rerouted(iftrue, *SHOW, shapes={200: "list"}), "example.show__one", "GET /deployment/{id}"
    ),
    "a status that no shape has": Defect(
        rerouted(iftrue, *SHOW, shapes={201: "record"}), "example.show__one", "shapes"
    ),
    "a state that no capability names": Defect(
        able(states=frozenset({State.BLOCKED})), "commands", "state"
    ),
    "a create that is answered otherwise": Defect(
        able(created_status=202), "commands", "created_status"
    ),
    "a kept field that no example says": Defect(
        relisted(iftrue, {"environment_note": Kept("for iftrue alone")}),
        "commands.kept",
        "environment_note",
    ),
    "a field that is kept nowhere": Defect(
        relisted(gitlab, {"tag": Kept("for GitLab alone")}), "commands", "tag"
    ),
}
