"""A client of Chainloop's API that reads the answers of either profile."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import httpx

from adapters.chainloop import dialect
from tests.schemas import misfits
from tests.world import World

PATH = "/v1/deployments"
ENVIRONMENTS = "/v1/environments"
JSON = "application/json"
PROFILES = ("documented", "observed")
A, B, COMMIT = "sha256:" + "a" * 64, "sha256:" + "b" * 64, "c" * 40

_SUCCESS = {
    ("POST", PATH): "created",
    ("GET", PATH): "list",
    ("POST", ENVIRONMENTS): "environment_answer",
    ("GET", ENVIRONMENTS): "environments",
}


def digest(number: int) -> str:
    """A digest of its own for each number."""
    return f"sha256:{number:064x}"


def plain(value: Any) -> Any:
    """A body with its keys as documented, whichever profile wrote it."""
    if isinstance(value, dict):
        return {_snake(name): plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def body_of(answer: httpx.Response) -> Any:
    """The body of an answer, its keys as documented."""
    return plain(answer.json())


def message(answer: httpx.Response, status: int = 400) -> str:
    """The message of a refusal with this status."""
    assert answer.status_code == status, answer.text
    text: str = answer.json()["message"]
    return text


def checked(answer: httpx.Response) -> httpx.Response:
    """The answer, which fits the schema of what was asked and is spelled as its profile says."""
    request = answer.request
    name = "error"
    if answer.status_code == 200:
        name = _SUCCESS.get((request.method, request.url.path), "environment_answer")
    assert answer.headers["content-type"] == JSON
    assert misfits(dialect, name, answer.json()) == []
    return answer


def profile_of(world: World) -> str:
    """The profile that Chainloop's dialect has in this world."""
    return world.gateway.services.dialects["chainloop"][1].profile


class Client:
    """The holder of one token; every answer is checked against the schemas."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.headers = {"authorization": f"Bearer {token}"}
        self.first_page = 1 if profile_of(world) == "observed" else 0

    async def send(self, content: str | bytes, media_type: str | None = JSON) -> httpx.Response:
        """Post a body as it stands."""
        headers = self.headers | ({} if media_type is None else {"content-type": media_type})
        return checked(await self.world.client.post(PATH, content=content, headers=headers))

    async def post(self, path: str = PATH, **said: object) -> httpx.Response:
        """Post a JSON object; of a deployment, what every test of one says beside ``said``."""
        common: dict[str, object] = {}
        if path.startswith(PATH):
            common = {"environment_name": "production", "artifact_digest": A}
            common["deployment_name"] = "api-server"
        body = {**common, **said}
        return checked(await self.world.client.post(path, json=body, headers=self.headers))

    async def record(self, **said: object) -> dict[str, Any]:
        """The record that a post answers with."""
        answer = await self.post(**said)
        assert answer.status_code == 200, answer.text
        record: dict[str, Any] = body_of(answer)["deployment_record"]
        return record

    async def get(self, path: str = PATH, **query: object) -> httpx.Response:
        """A list; keyword names are the wire's, with ``__`` for the dot."""
        pairs = {name.replace("__", "."): value for name, value in query.items()}
        url = f"{path}?{urlencode(pairs)}" if pairs else path
        return checked(await self.world.client.get(url, headers=self.headers))

    async def list(self, path: str = PATH, **query: object) -> dict[str, Any]:
        """The body of a list."""
        answer = await self.get(path, **query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = body_of(answer)
        return body

    async def shown(self, **query: object) -> list[str]:
        """The ids of the records on the first page."""
        return [record["id"] for record in (await self.list(**query))["deployment_records"]]

    async def refused(self, **query: object) -> str:
        """Why a list is refused."""
        return message(await self.get(**query))

    async def history(self) -> list[tuple[str, str]]:
        """(digest, status) of every record, newest first."""
        records = (await self.list(full_history="true"))["deployment_records"]
        return [(record["artifact"]["digest"], record["status"]) for record in records]

    async def elsewhere(self, project: str, **said: object) -> None:
        """A record that Chainloop did not write."""
        source = {"commit": COMMIT, "ref": "main"}
        body = {"org": "acme", "project": project, "environment": "production", "source": source}
        answer = await self.world.admin("POST", "/records", {**body, **said})
        assert answer.status_code in {200, 201}, answer.text

    async def environment(self, name: str, **said: object) -> dict[str, Any]:
        """The environment that a post answers with."""
        answer = await self.post(ENVIRONMENTS, name=name, **said)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = body_of(answer)["environment"]
        return made

    async def environments(self, **query: object) -> list[str]:
        """The names on the first page of environments."""
        listed = await self.list(ENVIRONMENTS, **query)
        return [environment["name"] for environment in listed["environments"]]
