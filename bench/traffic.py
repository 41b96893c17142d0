"""What the load consists of: each request as the bytes that a client sends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

DEPLOYMENTS = 100
"""So many slots are written to in turn: each write but the first replaces what is live there."""


def requests(kind: str, first: int, count: int, token: str) -> Iterator[bytes]:
    """The requests numbered from ``first``; no two writes say the same, single reads go round."""
    for number in range(count):
        yield KINDS[kind](first + (number if kind in WRITES else number % DEPLOYMENTS), token)


def github_create(number: int, token: str) -> bytes:
    """A new image in one of the slots."""
    name = f"app-{number % DEPLOYMENTS}"
    body = {
        "name": f"ghcr.io/acme/{name}",
        "digest": f"sha256:{number:064x}",
        "version": "v1.2.3",
        "status": "deployed",
        "logical_environment": "prod",
        "physical_environment": "pacific-east",
        "cluster": "moda-1",
        "deployment_name": f"namespace/{name}/web",
        "tags": {"team": "payments"},
        "runtime_risks": ["internet-exposed"],
    }
    return _post("/orgs/acme/artifacts/metadata/deployment-record", body, f"Bearer {token}")


def gitlab_create(number: int, token: str) -> bytes:
    """A new commit in one of the projects."""
    body = {
        "environment": "production",
        "sha": f"{number:040x}",
        "ref": "main",
        "tag": False,
        "status": "success",
    }
    path = f"/api/v4/projects/acme%2Fproject-{number % DEPLOYMENTS}/deployments"
    return _post(path, body, f"Bearer {token}")


def chainloop_record(number: int, token: str) -> bytes:
    """A new image in one of the slots."""
    name = f"image-{number % DEPLOYMENTS}"
    body = {
        "artifact_digest": f"sha256:{2**200 + number:064x}",
        "artifact_name": f"ghcr.io/acme/{name}",
        "kind": "CONTAINER_IMAGE",
        "environment_name": "staging",
        "deployment_name": name,
        "status": "DEPLOYMENT_STATUS_DEPLOYED",
    }
    return _post("/v1/deployments", body, f"Bearer {token}")


def gitlab_show(number: int, token: str) -> bytes:
    """A deployment by its number; there are as many in a row as are asked for."""
    return _get(f"/api/v4/projects/acme%2Fproject-0/deployments/{number}", f"Bearer {token}")


def gitlab_list(_number: int, token: str) -> bytes:
    """A list of 20."""
    return _get("/api/v4/projects/acme%2Fproject-0/deployments?per_page=20", f"Bearer {token}")


def gitlab_few(_number: int, token: str) -> bytes:
    """A list of 20 of the project that has few."""
    return _get("/api/v4/projects/acme%2Ffew/deployments?per_page=20", f"Bearer {token}")


def gitlab_many(_number: int, token: str) -> bytes:
    """The same of the one that has very many."""
    return _get("/api/v4/projects/acme%2Fmany/deployments?per_page=20", f"Bearer {token}")


def chainloop_list(_number: int, token: str) -> bytes:
    """A list of 20."""
    return _get("/v1/deployments?pagination.page_size=20", f"Bearer {token}")


KINDS: dict[str, Callable[[int, str], bytes]] = {
    "github-create": github_create,
    "gitlab-create": gitlab_create,
    "chainloop-record": chainloop_record,
    "gitlab-show": gitlab_show,
    "gitlab-list": gitlab_list,
    "gitlab-few": gitlab_few,
    "gitlab-many": gitlab_many,
    "chainloop-list": chainloop_list,
}


WRITES = frozenset({"github-create", "gitlab-create", "chainloop-record"})


def _post(path: str, body: object, authorization: str) -> bytes:
    content = json.dumps(body).encode()
    head = _head("POST", path, authorization)
    sized = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return (head + sized).encode() + content


def _get(path: str, authorization: str) -> bytes:
    return (_head("GET", path, authorization) + "\r\n").encode()


def _head(method: str, path: str, authorization: str) -> str:
    said = ("Host: bench.test", "User-Agent: bench", f"Authorization: {authorization}")
    return "".join(f"{line}\r\n" for line in (f"{method} {path} HTTP/1.1", *said))
