"""githubkit, unmodified, in both API versions, against a gateway on a real socket."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from githubkit import GitHub
from githubkit.exception import PrimaryRateLimitExceeded, RequestFailed

from tests.serving import Server, serving

# Its own models warn of its own mark for an unset field.
pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning")

VERSIONS = ["2022-11-28", "2026-03-10"]


@pytest.fixture(params=VERSIONS)
def orgs(request: pytest.FixtureRequest, server: Server) -> Iterator[Any]:
    """The organization endpoints of one API version; asks once and never again."""
    with GitHub(server.token(), base_url=server.url, auto_retry=False) as client:
        yield client.rest(request.param).orgs


@pytest.fixture
def digest() -> str:
    """An artifact nobody else uses."""
    return f"sha256:{uuid4().hex * 2}"


def item(digest: str, name: str = "ns/web/app") -> dict[str, Any]:
    return {"name": "ghcr.io/acme/shop", "digest": digest, "deployment_name": name}


def test_it_records_and_lists(orgs: Any, digest: str) -> None:
    place = {"logical_environment": "githubkit", "cluster": ""}
    made = orgs.create_artifact_deployment_record(
        "acme", data={**item(digest), **place, "status": "deployed"}
    ).parsed_data
    assert made.total_count == 1
    listed = orgs.list_artifact_deployment_records("acme", digest).parsed_data
    assert listed.deployment_records[0].id == made.deployment_records[0].id
    assert listed.deployment_records[0].attestation_id is None


def test_it_sets_a_cluster(orgs: Any, digest: str) -> None:
    data = {
        "logical_environment": "githubkit",
        "deployments": [item(digest, "a"), item(digest, "b")],
    }
    answer = orgs.set_cluster_deployment_records("acme", "moda-1", data=data)
    assert (answer.status_code, answer.parsed_data.total_count) == (200, 2)


def test_it_submits_a_job_and_waits(orgs: Any, digest: str) -> None:
    cluster = f"c-{uuid4().hex[:8]}"
    data = {"logical_environment": "githubkit", "deployments": [item(digest)]}
    job = orgs.create_cluster_deployment_records_job("acme", cluster, data=data).parsed_data
    deadline = time.monotonic() + 30
    while True:
        status = orgs.get_cluster_deployment_records_job("acme", cluster, job.job_id).parsed_data
        if status.status == "completed":
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert status.total_count == 1


def test_it_says_where_an_artifact_is_kept(orgs: Any, digest: str) -> None:
    data = {"name": "libfoo", "digest": digest, "registry_url": "https://reg.example.com/"}
    made = orgs.create_artifact_storage_record("acme", data=data).parsed_data
    listed = orgs.list_artifact_storage_records("acme", digest).parsed_data
    assert listed.storage_records[0].id == made.storage_records[0].id


def test_a_refusal_reaches_its_caller_in_words(orgs: Any, digest: str) -> None:
    with pytest.raises(RequestFailed) as caught:
        orgs.list_artifact_deployment_records("nobody", digest)
    assert caught.value.response.status_code == 404
    assert caught.value.response.json()["message"] == "Not Found"


def test_it_knows_the_limit(tmp_path: Path, digest: str) -> None:
    with serving(f"sqlite:///{tmp_path}/gateway.db", RATE_LIMIT="5") as limited:
        token, url = limited.token(), limited.url
        with GitHub(token, base_url=url, auto_retry=False, http_cache=False) as client:
            asked = client.rest("2022-11-28").orgs.list_artifact_deployment_records
            with pytest.raises(PrimaryRateLimitExceeded) as caught:
                for _ in range(40):
                    asked("acme", digest)
            assert 0 < caught.value.retry_after.total_seconds() <= 61
