"""python-gitlab, unmodified, against a gateway on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import gitlab
import pytest
from gitlab.v4.objects import Project

from tests.serving import Server

SHA = "a91957a858320c0e17f3a0eca7cfacbff50ea29a"


@pytest.fixture
def client(server: Server) -> Iterator[gitlab.Gitlab]:
    """A client with an ``admin`` token, which asks once and never again."""
    token = server.token("admin")
    with gitlab.Gitlab(server.url, private_token=token, retry_transient_errors=False) as opened:
        yield opened


@pytest.fixture
def path() -> str:
    """A project that nobody else uses."""
    return f"acme/clients/{uuid4().hex}"


@pytest.fixture
def project(client: gitlab.Gitlab, path: str) -> Project:
    """A project with one deployment, made through its path and then addressed by number."""
    client.projects.get(path, lazy=True).deployments.create(said())
    return client.projects.get(path)


def said(**changes: object) -> dict[str, object]:
    known = {"environment": "production", "sha": SHA, "ref": "main", "tag": False}
    return {**known, "status": "success", **changes}


def test_it_signs_in_and_reads_the_version(client: gitlab.Gitlab) -> None:
    client.auth()
    assert client.user is not None
    assert client.user.username == "ada"
    assert client.version() == ("18.9.0", "abcdef12345")


@pytest.mark.parametrize("form", ["private_token", "oauth_token", "job_token"])
def test_it_signs_in_with_each_of_its_tokens(server: Server, form: str, path: str) -> None:
    with gitlab.Gitlab(server.url, **{form: server.token()}) as client:
        made = client.projects.get(path, lazy=True).deployments.create(said())
        assert made.status == "success"


def test_it_creates_and_gets_a_deployment(project: Project) -> None:
    made = project.deployments.create(said(status="running", environment="review/a b"))
    assert (made.status, made.iid, made.environment["name"]) == ("running", 2, "review/a b")
    found = project.deployments.get(made.get_id())
    assert found.attributes == made.attributes
    assert found.approval_summary == {"rules": []}


def test_it_updates_a_deployment(project: Project) -> None:
    made = project.deployments.create(said(status="running"))
    made.status = "failed"
    made.save()
    assert project.deployments.get(made.get_id()).status == "failed"
    made.status = "running"
    with pytest.raises(gitlab.GitlabUpdateError, match="cannot transition via"):
        made.save()


def test_it_iterates_over_all_pages(project: Project) -> None:
    for index in range(4):
        project.deployments.create(said(status="failed", ref=f"r{index}"))
    found = project.deployments.list(iterator=True, per_page=2, order_by="id", sort="desc")
    numbers = [deployment.iid for deployment in found]
    assert numbers == [5, 4, 3, 2, 1]
    assert (found.total, found.total_pages, found.per_page) == (5, 3, 2)
    everything = project.deployments.list(get_all=True, per_page=2)
    assert [deployment.iid for deployment in everything] == [1, 2, 3, 4, 5]


def test_it_filters_a_list(project: Project) -> None:
    project.deployments.create(said(status="failed", environment="staging"))
    listed = project.deployments.list
    assert [d.iid for d in listed(status="failed", get_all=True)] == [2]
    assert [d.iid for d in listed(environment="production", get_all=True)] == [1]
    assert listed(updated_before="2019-03-15T08:00:00Z", order_by="updated_at", get_all=True) == []


def test_it_deletes_a_deployment_by_its_path(client: gitlab.Gitlab, project: Project) -> None:
    made = project.deployments.create(said(status="failed"))
    where = f"/projects/{project.get_id()}/deployments/{made.get_id()}"
    client.http_delete(where)
    with pytest.raises(gitlab.GitlabGetError) as caught:
        project.deployments.get(made.get_id())
    assert (caught.value.response_code, caught.value.error_message) == (404, "404 Not found")


def test_it_knows_a_project_by_path_and_by_number(
    client: gitlab.Gitlab, path: str, project: Project
) -> None:
    assert project.path_with_namespace == path
    by_number = client.projects.get(project.get_id())
    assert by_number.attributes == project.attributes
    by_path = client.projects.get(path, lazy=True)
    (same,) = by_path.deployments.list(get_all=True)
    assert same.get_id() == project.deployments.list(get_all=True)[0].get_id()


def test_it_reads_environments(project: Project) -> None:
    project.deployments.create(said(environment="review/fix-foo"))
    found = project.environments.list(get_all=True)
    assert [environment.slug for environment in found] == ["production", "review-fix-foo-v25cyx"]
    one = project.environments.get(found[0].get_id())
    assert (one.state, one.last_deployment["iid"]) == ("available", 1)


def test_it_walks_through_projects_by_their_ids_and_finds_users(
    server: Server, client: gitlab.Gitlab, project: Project
) -> None:
    name = f"u{uuid4().hex}"
    server.token(user=name)
    assert [user.username for user in client.users.list(search=name[3:], get_all=True)] == [name]
    keyset = {"order_by": "id", "sort": "asc", "pagination": "keyset"}
    found = client.projects.list(id_after=project.get_id() - 1, get_all=True, per_page=1, **keyset)
    assert found[0].get_id() == project.get_id()


def test_a_refusal_reaches_its_caller_in_words(client: gitlab.Gitlab, project: Project) -> None:
    with pytest.raises(gitlab.GitlabCreateError, match="status does not have a valid value"):
        project.deployments.create(said(status="created"))
    with pytest.raises(gitlab.GitlabGetError, match="404 Project Not Found"):
        client.projects.get("acme/nothing-here")


def test_a_token_that_does_not_hold_is_an_authentication_error(server: Server) -> None:
    refusal = pytest.raises(gitlab.GitlabAuthenticationError, match="401 Unauthorized")
    with gitlab.Gitlab(server.url, private_token="dgw_nobody") as stranger, refusal:
        stranger.auth()


def test_it_makes_changes_stops_and_deletes_an_environment(project: Project) -> None:
    made = project.environments.create({"name": "review/fix-foo", "external_url": "https://a.io"})
    assert (made.slug, made.state) == ("review-fix-foo-v25cyx", "available")
    made.tier = "other"
    made.save()
    project.deployments.create(said(environment="review/fix-foo"))
    made.stop()
    shown = project.environments.get(made.get_id())
    assert (shown.state, shown.tier, shown.last_deployment["iid"]) == ("stopped", "other", 2)
    shown.delete()
    assert [e.name for e in project.environments.list(search="review", get_all=True)] == []


def test_it_protects_an_environment_and_approves_a_deployment_to_it(
    server: Server, client: gitlab.Gitlab, project: Project
) -> None:
    users = {name: server.token("write", user=name) for name in ("ben", "cleo")}
    (ben,) = client.users.list(username="ben", get_all=True)
    made = project.protected_environments.create(
        {
            "name": "production",
            "deploy_access_levels": [{"access_level": 40}, {"user_id": ben.id}],
            "approval_rules": [{"access_level": 30, "required_approvals": 1}],
        }
    )
    assert [rule["required_approvals"] for rule in made.approval_rules] == [1]
    found = project.protected_environments.get("production")
    assert found.deploy_access_levels == made.deploy_access_levels
    with gitlab.Gitlab(server.url, private_token=users["cleo"]) as cleo:
        theirs = cleo.projects.get(project.get_id(), lazy=True)
        with pytest.raises(gitlab.GitlabCreateError, match="403 Forbidden"):
            theirs.deployments.create(said(ref="cleo"))
        with gitlab.Gitlab(server.url, private_token=users["ben"]) as opened:
            bens = opened.projects.get(project.get_id(), lazy=True)
            waiting = bens.deployments.create(said(status="running"))
        assert waiting.pending_approval_count == 1
        approved = theirs.deployments.get(waiting.get_id()).approval("approved", comment="fine")
    assert (approved["status"], approved["comment"]) == ("approved", "fine")
    shown = project.deployments.get(waiting.get_id())
    assert (shown.pending_approval_count, len(shown.approvals)) == (0, 1)
    found.delete()
    assert project.protected_environments.list(get_all=True) == []


def test_it_finds_groups_projects_and_merge_requests(
    server: Server, client: gitlab.Gitlab, project: Project
) -> None:
    group = client.groups.get("acme")
    assert group.full_path == "acme"
    assert [found.id for found in client.projects.list(search=project.path, get_all=True)] == [
        project.get_id()
    ]
    body = {
        "org": "acme",
        "project": project.path_with_namespace,
        "environment": "staging",
        "source": {"commit": SHA, "ref": "topic"},
        "delivery": {"pull_request_number": 5},
    }
    assert server.admin("POST", "/records", body).status_code == 201
    (deployment,) = project.deployments.list(environment="production", get_all=True)
    (merged,) = deployment.mergerequests.list(get_all=True)
    assert (merged.iid, merged.state, merged.source_branch) == (5, "merged", "topic")
