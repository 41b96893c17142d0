"""A small server that claims to be GitLab, faithful but for the faults that are seeded in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.serving import free_port

Record = dict[str, Any]
TIME = "2026-11-20T08:00:00.000Z"


class Claimant:
    """Answers a create, a read and a list; ``spoil`` has its way with every record."""

    def __init__(self, spoil: Callable[[Record], Record] = lambda record: record) -> None:
        self._spoil = spoil
        self._made: list[Record] = []
        self._numbers = count(1)
        self.seen: list[str] = []

    async def create(self, request: Request) -> Response:
        if not {"authorization", "private-token"} & set(request.headers.keys()):
            return JSONResponse({"message": "401 Unauthorized"}, 401)
        said = dict(parse_qsl((await request.body()).decode("latin-1")))
        if not {"sha", "ref", "status", "environment"} <= said.keys():
            return Response("<h1>Bad Request</h1>", 400, media_type="text/html")
        self._made.append(_record(next(self._numbers), said))
        return JSONResponse(self._spoil(dict(self._made[-1])), 201)

    async def one(self, request: Request) -> Response:
        number = int(request.path_params["number"])
        found = [record for record in self._made if record["id"] == number]
        return JSONResponse(self._spoil(dict(found[0])))

    async def listed(self, request: Request) -> Response:
        mark = request.query_params["environment"]
        found = [record for record in self._made if record["environment"]["name"] == mark]
        return JSONResponse([self._spoil(dict(record)) for record in found])

    async def remove(self, request: Request) -> Response:
        self.seen.append(request.url.path)
        return JSONResponse({"message": "202 Accepted"}, 202)

    def application(self) -> Starlette:
        """The server as ASGI."""
        base = "/api/v4/projects/{project:path}/deployments"
        return Starlette(
            routes=[
                Route(base, self.create, methods=["POST"]),
                Route(base, self.listed, methods=["GET"]),
                Route(f"{base}/{{number:int}}", self.one, methods=["GET"]),
                Route(f"{base}/{{number:int}}", self.remove, methods=["DELETE"]),
            ]
        )


def _record(number: int, said: dict[str, str]) -> Record:
    user = {"id": 1, "username": "ada", "name": "Ada", "state": "active", "locked": False}
    user |= {"public_email": None, "avatar_url": None, "web_url": "http://127.0.0.1/ada"}
    place = {"id": 1, "name": said["environment"], "slug": "e", "external_url": None}
    place |= {"created_at": TIME, "updated_at": TIME}
    record = {"id": number, "iid": number, "ref": said["ref"], "sha": said["sha"]}
    record |= {"created_at": TIME, "updated_at": TIME, "user": user, "environment": place}
    record |= {"deployable": None, "status": said["status"], "pending_approval_count": 0}
    return {**record, "approvals": [], "approval_summary": {"rules": []}}


@contextmanager
def listening(application: Starlette) -> Iterator[str]:
    """The application on a real socket; the block gets its URL."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(application, port=port, log_level="critical", lifespan="off", ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
