"""A job whose process is killed with -9 is finished by the next one, exactly once."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from tests.serving import Server, serving

JOBS = "/orgs/acme/artifacts/metadata/deployment-record/cluster/moda-1/jobs"
COUNT = 3000
PATIENCE_SECONDS = 60


def submit(server: Server, headers: dict[str, str]) -> int:
    items = [
        {
            "name": "ghcr.io/acme/shop:1",
            "digest": f"sha256:{n:064x}",
            "deployment_name": f"ns/app-{n}/c",
        }
        for n in range(COUNT)
    ]
    body = {"logical_environment": "prod", "deployments": items}
    answer = httpx.post(f"{server.url}{JOBS}", json=body, headers=headers, timeout=30)
    assert answer.status_code == 202, answer.text
    number: int = answer.json()["job_id"]
    return number


def ask(server: Server, number: int, headers: dict[str, str]) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}{JOBS}/{number}", headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def counted(path: Path, query: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (number,) = connection.execute(query).fetchone()
    return int(number)


def claimed(path: Path) -> None:
    """Wait until a process has begun the job."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not counted(path, "SELECT count(*) FROM jobs WHERE status != 'pending'"):
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_job_interrupted_by_kill_9_is_finished_after_the_restart_exactly_once(
    tmp_path: Path,
) -> None:
    path = tmp_path / "gateway.db"
    url = f"sqlite:///{path}"
    with serving(url) as first:
        headers = {"authorization": f"Bearer {first.token()}"}
        number = submit(first, headers)
        claimed(path)
        first.process.kill()
        first.process.wait()
    assert counted(path, "SELECT count(*) FROM records") == 0, "the kill came too late to interrupt"
    assert counted(path, "SELECT count(*) FROM jobs WHERE status = 'processing'") == 1
    with serving(url) as second:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (job := ask(second, number, headers))["status"] != "completed":
            assert time.monotonic() < deadline, job
            time.sleep(0.1)
        assert job["total_count"] == COUNT
    assert counted(path, "SELECT count(*) FROM records") == COUNT
    assert counted(path, "SELECT count(*) FROM events WHERE kind = 'recorded'") == COUNT
    assert counted(path, "SELECT count(*) FROM events") == COUNT
    assert counted(path, "SELECT max(project_number) FROM records") == COUNT
    assert counted(path, "SELECT attempts FROM jobs") == 2
