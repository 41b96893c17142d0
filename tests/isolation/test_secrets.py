"""Secrets are not logged, not echoed and not stored in clear: all a busy process leaves behind."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from tests.serving import ADMIN_TOKEN, Server, serving

SECRET_KEY = "a-key-that-signs-and-that-nobody-may-read"
DIGEST = "sha256:" + "a" * 64
GITLAB = {"environment": "production", "sha": "a" * 40, "ref": "main", "status": "success"}
GITLAB["tag"] = "false"
IN_PARAMETERS = ("private_token", "access_token", "job_token")
WRITES = 2 + 3 * 5 + 1 + 2 + 4
"""How many of the requests with a credential that holds write something."""

GITHUB = {
    **{"name": "image", "digest": DIGEST, "status": "deployed"},
    **{"logical_environment": "production", "deployment_name": "image"},
}


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path, set[str]]]:
    """A process that has seen secrets in every place where one can stand, and where it kept what.

    With the secrets: those that it made and those that only resemble one.
    """
    folder = tmp_path_factory.mktemp("secrets")
    url = f"sqlite:///{folder}/gateway.db"
    with serving(url, orgs=("acme",), SECRET_KEY=SECRET_KEY, LOG_LEVEL="DEBUG") as server:
        secrets = {ADMIN_TOKEN, SECRET_KEY}
        body = {"user": "ada", "permission": "write"}
        made = server.admin("POST", "/orgs/acme/tokens", body).json()
        for secret in (made["token"], made["jwt"], "dgw_that-does-not-hold-anything"):
            secrets.add(secret)
            answers = list(_ask_everywhere(server, secret))
            for answer in answers:
                assert secret not in answer.text
                assert secret not in str(answer.headers)
            if secret in made.values():
                written = [a for a in answers if a.request.method == "POST" and a.is_success]
                assert len(written) == WRITES, [(a.request.url, a.text) for a in answers]
        yield server, folder, secrets


def _ask_everywhere(server: Server, secret: str) -> Iterator[httpx.Response]:
    with httpx.Client(base_url=server.url) as client:
        yield from _gitlab(client, secret)
        basic = httpx.BasicAuth("anybody", secret)
        path = "/orgs/acme/artifacts/metadata/deployment-record"
        yield client.post(path, json=GITHUB, auth=basic)
        yield client.post(path, json={**GITHUB, "authorization": f"token {secret}"}, auth=basic)
        jobs = f"{path}/cluster/moda/jobs"
        many = {"logical_environment": "production", "deployments": [GITHUB]}
        yield client.post(jobs, json=many, headers={"authorization": f"token {secret}"})
        bearer = {"authorization": f"Bearer {secret}"}
        said = {"environment_name": "production", "artifact_digest": DIGEST}
        yield client.post("/v1/deployments", json=said, headers=bearer)
        yield client.post("/v1/organization/deployment", json={}, headers=bearer)
        yield client.get("/gateway/v1/records", headers=bearer)
        yield client.get("/gateway/v1/nowhere", headers=bearer)
        yield client.post("/gateway/v1/records", content="{", headers=bearer)
        yield client.get("/nobodys", params={"token": secret}, headers=bearer)


def _gitlab(client: httpx.Client, secret: str) -> Iterator[httpx.Response]:
    path = "/api/v4/projects/acme%2Fshop/deployments"
    for header in ("PRIVATE-TOKEN", "JOB-TOKEN"):
        yield client.post(path, json=GITLAB, headers={header: secret})
    for name in IN_PARAMETERS:
        yield client.get("/api/v4/user", params={name: secret})
        yield client.post(path, params={name: secret}, json={**GITLAB, "ref": f"{name}-beside"})
        yield client.post(path, json={**GITLAB, name: secret, "ref": name})
        yield client.post(path, data={**GITLAB, name: secret, "ref": f"{name}-form"})
        parts = {**GITLAB, name: secret, "ref": f"{name}-multipart"}
        yield client.post(path, files={n: (None, v) for n, v in parts.items()})
        said = json.dumps({**GITLAB, name: "?", "ref": f"{name}-escaped"})
        content = said.replace("?", escaped(secret))
        yield client.post(path, content=content, headers={"content-type": "application/json"})
    spare = {**GITLAB, "ref": "spare", "job_token": secret}
    yield client.post(path, json=spare, headers={"PRIVATE-TOKEN": secret})
    if len(secret) > 80:  # one of the gateway's own is known by its looks
        for content, media in _said_twice(secret):
            headers = {"PRIVATE-TOKEN": secret, "content-type": media}
            yield client.post(path, content=content, headers=headers)


def _said_twice(secret: str) -> Iterator[tuple[str, str]]:
    """A parameter that is said again, so that nobody reads what it held first."""
    twice = f'{{"job_token": "{secret}", "job_token": "other", "ref": "twice", '
    yield twice + json.dumps(GITLAB).removeprefix("{"), "application/json"
    form = urlencode([*GITLAB.items(), ("job_token", secret), ("job_token", "other")])
    yield form, "application/x-www-form-urlencoded"


def escaped(secret: str) -> str:
    """A secret as JSON may spell it."""
    return "".join(f"\\u{ord(letter):04x}" for letter in secret)


def forms(secret: str) -> Iterator[bytes]:
    """A secret as it may be written: as it is, escaped, its random half alone, for Basic."""
    yield secret.encode()
    yield escaped(secret).encode()
    if secret.startswith("dgw_") and len(secret) > 80:
        blob = base64.urlsafe_b64decode(secret.removeprefix("dgw_") + "==")
        yield blob[32:]
        yield secret[-40:].encode()
    yield base64.b64encode(f"anybody:{secret}".encode())


def test_no_secret_is_in_the_database(used: tuple[Server, Path, set[str]]) -> None:
    _, folder, secrets = used
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert "gateway.db" in files
    found = [(n, s) for n, held in files.items() for s in secrets for f in forms(s) if f in held]
    assert found == []
    bodies = [b"deployment_name", *(f'"ref":"{name}-beside"'.encode() for name in IN_PARAMETERS)]
    assert [body for body in bodies if not any(body in held for held in files.values())] == []


def test_no_secret_is_in_the_log(used: tuple[Server, Path, set[str]]) -> None:
    server, _, secrets = used
    log = server.log().encode()
    assert b"/deployments" in log
    assert [s for s in secrets for form in forms(s) if form in log] == []


def test_a_secret_is_shown_once(used: tuple[Server, Path, set[str]]) -> None:
    server, _, secrets = used
    for path in ("/orgs/acme/tokens", "/orgs/acme/users", "/records?org=acme"):
        answer = server.admin("GET", path)
        assert answer.status_code == 200
        assert [secret for secret in secrets if secret in answer.text] == []
