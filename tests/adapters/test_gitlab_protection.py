"""Protected environments, who is let in, and approvals, through GitLab's API."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from gateway.core.model import State
from tests.adapters.gitlab_client import DEPLOYMENTS, SHOP, Client, client, said
from tests.world import World

PROTECTED = f"{SHOP}/protected_environments"
OTHER = "99d03678b90d914dbb1b109132516d71a4a03ea8"
NOT_FOUND = (404, {"message": "404 Not found"})
FORBIDDEN = (403, {"message": "403 Forbidden"})


def outcome(answer: httpx.Response) -> tuple[int, object]:
    return answer.status_code, answer.json()


async def protect(
    admin: Client, *grants: dict[str, Any], rules: Any = None, path: str = PROTECTED, **more: Any
) -> dict[str, Any]:
    body = {"name": "production", "deploy_access_levels": grants or [{"access_level": 40}], **more}
    if rules is not None:
        body["approval_rules"] = rules
    answer = await admin.ask("POST", path, json=body)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def people(world: World) -> dict[str, Client]:
    """Clients of a maintainer, two developers and a reporter, and a project."""
    return {
        "mary": await client(world, "admin", user="mary"),
        "ada": await client(world, user="ada"),
        "ben": await client(world, user="ben"),
        "rita": await client(world, "read", user="rita"),
    }


async def number_of(asker: Client, username: str) -> int:
    (found,) = await asker.get("/users", username=username)
    number: int = found["id"]
    return number


async def group_of(world: World, name: str, *members: str) -> int:
    answer = await world.admin("POST", "/orgs/acme/groups", {"name": name, "members": members})
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["number"]
    return number


async def blocked(world: World, **more: object) -> int:
    """A blocked record, as the gateway's own API writes it."""
    body = {
        "org": "acme",
        "project": "acme/shop",
        "environment": "production",
        "source": {"commit": OTHER, "ref": "main"},
        "state": "blocked",
        "actor": {"username": "deployer"},
        **more,
    }
    answer = await world.admin("POST", "/records", body)
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["number"]
    return number


async def opine(asker: Client, number: int, **opinion: object) -> httpx.Response:
    return await asker.ask("POST", f"{DEPLOYMENTS}/{number}/approval", json=opinion)


async def test_a_protected_environment_is_made_shown_listed_and_removed(any_world: World) -> None:
    who = await people(any_world)
    await who["ada"].create(environment="review/a")
    made = await protect(
        who["mary"],
        {"access_level": 40},
        {"user_id": await number_of(who["mary"], "ada"), "group_inheritance_type": 0},
        rules=[{"access_level": 30, "required_approvals": 2}],
        name="review/a",
    )
    assert (made["name"], made["required_approval_count"]) == ("review/a", 0)
    named = [
        (e["access_level"], e["access_level_description"]) for e in made["deploy_access_levels"]
    ]
    assert named == [(40, "Maintainers"), (None, "ada")]
    (rule,) = made["approval_rules"]
    assert (rule["required_approvals"], rule["access_level_description"]) == (
        2,
        "Developers + Maintainers",
    )
    await protect(who["mary"], name="a")
    assert await who["mary"].get(f"{PROTECTED}/review%2Fa") == made
    listing = await who["mary"].ask("GET", PROTECTED, params={"per_page": 1, "page": 2})
    assert (listing.json(), listing.headers["X-Total"]) == ([made], "2")
    answer = await who["mary"].ask("DELETE", f"{PROTECTED}/review%2Fa")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE", "PUT"):
        assert outcome(await who["mary"].ask(method, f"{PROTECTED}/review%2Fa")) == NOT_FOUND


SHORT = {"message": ["Deploy access levels is too short (minimum is 1 character)"]}
ONE = "base Exactly one of access_level, group_id, user_id must be present"
COUNT = (
    "Parameter 'required_approval_count' is deprecated and shouldn't be used. "
    "See https://gitlab.com/groups/gitlab-org/-/epics/9662"
)
LEVELS: list[dict[str, object]] = [{"access_level": 40}]
WRONG: list[tuple[dict[str, Any], int, object]] = [
    ({}, 400, {"error": "name is missing, deploy_access_levels is missing"}),
    (
        {"name": "x", "deploy_access_levels": [{"access_level": 50}]},
        400,
        {"error": "deploy_access_levels[0][access_level] does not have a valid value"},
    ),
    (
        {"name": "x", "deploy_access_levels": LEVELS, "approval_rules": [{}]},
        400,
        {
            "error": "approval_rules[0][access_level], approval_rules[0][user_id], "
            "approval_rules[0][group_id] are missing, at least one parameter must be provided"
        },
    ),
    (
        {
            "name": "x",
            "deploy_access_levels": LEVELS,
            "approval_rules": [{"access_level": 30, "required_approvals": 6}],
        },
        400,
        {"error": "approval_rules[0][required_approvals] does not have a valid value"},
    ),
    ({"name": "x", "deploy_access_levels": "y"}, 400, {"error": "deploy_access_levels is invalid"}),
    (
        {"name": "x", "deploy_access_levels": [{"user_id": "ada"}]},
        400,
        {"error": "deploy_access_levels[0][user_id] is invalid"},
    ),
    ({"name": "x", "deploy_access_levels": []}, 422, SHORT),
    ({"name": "x", "deploy_access_levels": [{"user_id": 4711}]}, 422, SHORT),
    ({"name": "x", "deploy_access_levels": [{"group_id": 4711}]}, 422, SHORT),
    (
        {"name": "x", "deploy_access_levels": [{}]},
        422,
        {"message": [f"Deploy access levels {ONE}"]},
    ),
    (
        {"name": "x", "deploy_access_levels": [{"access_level": 40, "user_id": 1}]},
        422,
        {"message": [f"Deploy access levels {ONE}"]},
    ),
    ({"name": "", "deploy_access_levels": LEVELS}, 422, {"message": ["Name can't be blank"]}),
    (
        {"name": "x", "deploy_access_levels": LEVELS, "required_approval_count": 1},
        422,
        {"message": COUNT},
    ),
]


@pytest.mark.parametrize(("body", "status", "text"), WRONG, ids=lambda value: str(value)[:50])
async def test_a_wrong_protection_is_refused_and_not_made(
    world: World, body: dict[str, Any], status: int, text: object
) -> None:
    who = await people(world)
    await who["ada"].create()
    assert outcome(await who["mary"].ask("POST", PROTECTED, json=body)) == (status, text)
    assert await who["mary"].get(PROTECTED) == []


async def test_a_name_is_protected_once(world: World) -> None:
    who = await people(world)
    await who["ada"].create()
    await protect(who["mary"])
    body = {"name": "production", "deploy_access_levels": LEVELS}
    answer = await who["mary"].ask("POST", PROTECTED, json=body)
    assert outcome(answer) == (409, {"message": "Environment 'production' is already protected"})
    group = "/groups/acme/protected_environments"
    await protect(who["mary"], path=group)
    answer = await who["mary"].ask("POST", group, json=body)
    text = "Protected environment 'production' already exists"
    assert outcome(answer) == (409, {"message": text})


async def test_a_form_spells_entries_with_brackets(world: World) -> None:
    who = await people(world)
    await who["ada"].create()
    form = {
        "content": "name=production&deploy_access_levels[][access_level]=40"
        "&deploy_access_levels[][access_level]=30&approval_rules[][access_level]=30"
        "&approval_rules[][required_approvals]=2",
        "headers": {"content-type": "application/x-www-form-urlencoded"},
    }
    made = (await who["mary"].ask("POST", PROTECTED, **form)).json()
    assert [level["access_level"] for level in made["deploy_access_levels"]] == [40, 30]
    assert made["approval_rules"][0]["required_approvals"] == 2
    indexed = {**form, "content": "name=x&deploy_access_levels[0][access_level]=40"}
    answer = await who["mary"].ask("POST", PROTECTED, **indexed)
    assert outcome(answer) == (400, {"error": "deploy_access_levels is invalid"})


@pytest.mark.parametrize("name", ["v1.2", "1.2", "release.json", "review/v1.2", "a.b/c", ".env"])
async def test_a_name_with_a_dot_is_that_name_alone(world: World, name: str) -> None:
    who = await people(world)
    await who["ada"].create()
    short = await protect(who["mary"], name=name.rpartition(".")[0] or "env")
    made = await protect(who["mary"], name=name)
    path = f"{PROTECTED}/{quote(name, safe='')}"
    assert await who["mary"].get(path) == made
    more = {"deploy_access_levels": [{"access_level": 30}]}
    changed = (await who["mary"].ask("PUT", path, json=more)).json()
    assert (changed["name"], len(changed["deploy_access_levels"])) == (name, 2)
    assert (await who["mary"].ask("DELETE", path)).status_code == 204
    assert await who["mary"].get(PROTECTED) == [short]


async def test_an_update_adds_changes_and_takes_away_entries(world: World) -> None:
    who = await people(world)
    await who["ada"].create()
    made = await protect(who["mary"], rules=[{"access_level": 30}])
    (level,), (rule,) = made["deploy_access_levels"], made["approval_rules"]
    ada = await number_of(who["mary"], "ada")
    path = f"{PROTECTED}/production"

    async def put(**body: object) -> httpx.Response:
        return await who["mary"].ask("PUT", path, json=body)

    changed = (
        await put(
            deploy_access_levels=[{"user_id": ada}],
            approval_rules=[{"id": rule["id"], "required_approvals": 3}],
        )
    ).json()
    assert [e["user_id"] for e in changed["deploy_access_levels"]] == [None, ada]
    assert changed["approval_rules"] == [{**rule, "required_approvals": 3}]
    changed = (await put(deploy_access_levels=[{"id": level["id"], "_destroy": True}])).json()
    (left,) = changed["deploy_access_levels"]
    assert left["user_id"] == ada
    changed = (await put(deploy_access_levels=[{"id": left["id"], "access_level": 30}])).json()
    assert changed["deploy_access_levels"] == [
        {
            **left,
            "access_level": 30,
            "user_id": None,
            "access_level_description": "Developers + Maintainers",
        }
    ]
    last = {"deploy_access_levels": [{"id": left["id"], "_destroy": True}]}
    assert outcome(await put(**last)) == (422, SHORT)
    assert outcome(await put(approval_rules=[{"id": 4711, "_destroy": True}])) == NOT_FOUND
    assert await who["mary"].get(path) == changed


async def test_a_role_is_asked_before_parameters_and_a_stranger_sees_no_project(
    world: World,
) -> None:
    who = await people(world)
    await who["ada"].create()
    for method in ("GET", "POST"):
        assert outcome(await who["ada"].ask(method, PROTECTED)) == FORBIDDEN
    for answer in (
        await world.client.get(f"/api/v4{PROTECTED}"),
        await world.client.get(f"/api/v4{PROTECTED}", headers={"JOB-TOKEN": who["mary"].token}),
    ):
        assert outcome(answer) == (404, {"message": "404 Project Not Found"})
    answer = await world.client.get(f"/api/v4{PROTECTED}", headers={"PRIVATE-TOKEN": "dgw_x"})
    assert answer.status_code == 401
    group = "/groups/acme/protected_environments"
    assert outcome(await who["ada"].ask("GET", group)) == FORBIDDEN
    answer = await who["mary"].ask("GET", "/groups/umbrella/protected_environments")
    assert outcome(answer) == (404, {"message": "404 Group Not Found"})


async def test_who_is_not_let_in_cannot_deploy_in_any_way(any_world: World) -> None:
    who = await people(any_world)
    running = await who["ada"].create(status="running")
    live = await who["ada"].create(sha=OTHER)
    await protect(who["mary"])
    path = f"{DEPLOYMENTS}/{running['id']}"
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", DEPLOYMENTS, {"data": said()}),
        ("PUT", path, {"data": {"status": "success"}}),
        ("PUT", path, {"data": {"status": "running"}}),
        ("POST", f"{SHOP}/environments/{live['environment']['id']}/stop", {}),
    ]
    for method, where, body in calls:
        assert outcome(await who["ada"].ask(method, where, **body)) == FORBIDDEN
    assert [record.state.value for record in await any_world.held()] == ["running", "success"]
    assert (await who["mary"].put(running["id"], "success")).status_code == 200


async def test_no_dialect_leads_around_a_protection(world: World) -> None:
    who = await people(world)
    await who["ada"].create()
    await protect(who["mary"])
    body = {
        "org": "acme",
        "project": "acme/shop",
        "environment": "production",
        "source": {"commit": OTHER},
    }
    for token, status in ((who["ada"].token, 403), (who["mary"].token, 201)):
        headers = {"authorization": f"Bearer {token}"}
        answer = await world.client.post("/gateway/v1/records", json=body, headers=headers)
        assert answer.status_code == status, answer.text


async def test_an_attempt_said_again_is_held_to_the_protection_of_its_environment(
    world: World,
) -> None:
    who = await people(world)
    blue = {"name": "blue", "tier": "production"}
    number = (await who["ada"].ask("POST", f"{SHOP}/environments", json=blue)).json()["id"]
    said = {"title": "t", "branch": "main", "commit_id": OTHER, "member_id": "m"}
    said |= {"repository_url": "acme/shop", "deployment_node_id": "n"}

    async def attempt(who_says: Client, status: str) -> int:
        headers = {"authorization": f"Bearer {who_says.token}"}
        body = {**said, "pull_request_number": 1, "status": status}
        path = "/v1/organization/deployment"
        return (await world.client.post(path, json=body, headers=headers)).status_code

    assert await attempt(who["ada"], "succes") == 201
    await protect(who["mary"], name="blue")
    changed = await who["ada"].ask("PUT", f"{SHOP}/environments/{number}", json={"tier": "other"})
    assert changed.status_code == 200
    assert await attempt(who["ada"], "fail") == 403
    assert [(r.environment.name, r.state) for r in await world.held()] == [("blue", State.SUCCESS)]
    assert await attempt(who["mary"], "fail") == 201
    assert [(r.environment.name, r.state) for r in await world.held()] == [("blue", State.FAILED)]


async def test_a_refused_deployment_still_leaves_its_environment(world: World) -> None:
    who = await people(world)
    await who["ada"].create(environment="staging")
    await protect(who["mary"])
    assert outcome(await who["ada"].ask("POST", DEPLOYMENTS, data=said())) == FORBIDDEN
    names = [item["name"] for item in await who["ada"].get(f"{SHOP}/environments")]
    assert names == ["staging", "production"]


LET_IN = {
    "developers": ({"access_level": 30}, {"ada", "ben", "mary"}),
    "maintainers": ({"access_level": 40}, {"mary"}),
    "administrators": ({"access_level": 60}, set()),
    "a user": ({"user_id": "ben"}, {"ben"}),
    "a group": ({"group_id": "sre"}, {"ada"}),
}


@pytest.mark.parametrize("name", LET_IN)
async def test_a_level_a_user_or_a_group_is_let_in(world: World, name: str) -> None:
    who = await people(world)
    await who["ada"].create(environment="staging")
    grant, admitted = LET_IN[name]
    numbers = {
        "sre": await group_of(world, "sre", "ada"),
        "ben": await number_of(who["ben"], "ben"),
    }
    await protect(who["mary"], {key: numbers.get(value, value) for key, value in grant.items()})
    for index, username in enumerate(("ada", "ben", "mary")):
        body = said(ref=f"r{index}", status="failed")
        answer = await who[username].ask("POST", DEPLOYMENTS, data=body)
        assert answer.status_code == (201 if username in admitted else 403)
    root = Client(world, world.admin_token)
    assert (await root.ask("POST", DEPLOYMENTS, data=said())).status_code == 201


async def test_a_user_counts_for_what_any_of_their_tokens_covers(world: World) -> None:
    who = await people(world)
    await who["ada"].create(environment="staging")
    await protect(who["mary"], {"access_level": 40})
    await world.token("admin", user="ben", projects=["acme/other"])
    assert outcome(await who["ben"].ask("POST", DEPLOYMENTS, data=said())) == FORBIDDEN
    await world.token("admin", user="ben", projects=["acme/shop"])
    assert (await who["ben"].ask("POST", DEPLOYMENTS, data=said())).status_code == 201


async def test_a_group_protects_a_tier_in_all_projects_and_both_have_to_let_in(
    world: World,
) -> None:
    who = await people(world)
    sre = await group_of(world, "sre", "ada")
    await who["ada"].create(environment="live-eu")
    group = "/groups/acme/protected_environments"
    wrong = {"name": "live-eu", "deploy_access_levels": LEVELS}
    answer = await who["mary"].ask("POST", group, json=wrong)
    assert outcome(answer) == (422, {"message": ["Name must be one of environment tiers"]})
    await protect(who["mary"], {"access_level": 40}, path=group)
    answer = await who["ada"].ask("POST", DEPLOYMENTS, data=said(environment="live-eu"))
    assert outcome(answer) == FORBIDDEN
    await who["ada"].create(environment="staging")
    await protect(who["mary"], {"group_id": sre}, name="live-eu")
    for name in ("ada", "mary"):
        answer = await who[name].ask("POST", DEPLOYMENTS, data=said(environment="live-eu"))
        assert outcome(answer) == FORBIDDEN
    await who["mary"].ask(
        "PUT", f"{group}/production", json={"deploy_access_levels": [{"group_id": sre}]}
    )
    assert (await who["ada"].create(environment="live-eu", sha=OTHER))["status"] == "success"


async def test_an_administrator_of_some_projects_protects_nothing_for_all(world: World) -> None:
    who = await people(world)
    group = "/groups/acme/protected_environments"
    await protect(who["mary"], path=group)
    some = await client(world, "admin", user="mary", projects=["acme/shop"])
    body = {"name": "staging", "deploy_access_levels": LEVELS}
    calls = [
        *(("GET", group), ("GET", f"{group}/production"), ("POST", group)),
        *(("PUT", f"{group}/production"), ("DELETE", f"{group}/production")),
    ]
    for method, path in calls:
        sent = {"json": body} if method in {"POST", "PUT"} else {}
        assert outcome(await some.ask(method, path, **sent)) == FORBIDDEN, method
    assert [item["name"] for item in await who["mary"].get(group)] == ["production"]


@pytest.mark.parametrize("path", ["sre", "acme%2Fsre", "<number>"])
async def test_a_group_of_users_protects_as_its_org_does(world: World, path: str) -> None:
    who = await people(world)
    number = await group_of(world, "sre", "ada")
    place = f"/groups/{path.replace('<number>', str(number))}/protected_environments"
    await protect(who["mary"], path=place)
    assert [item["name"] for item in await who["mary"].get(place)] == ["production"]
    assert await who["mary"].get("/groups/acme/protected_environments") == []
    assert outcome(await who["ada"].ask("POST", DEPLOYMENTS, data=said())) == FORBIDDEN


async def waiting(world: World, *rules: dict[str, Any]) -> tuple[dict[str, Client], int]:
    """A blocked record in an environment with these rules."""
    who = await people(world)
    number = await blocked(world)
    await protect(who["mary"], {"access_level": 30}, rules=list(rules))
    return who, number


async def test_a_blocked_deployment_waits_for_its_approvals_and_stays_blocked(
    any_world: World,
) -> None:
    who, number = await waiting(any_world, {"access_level": 30, "required_approvals": 2})
    path = f"{DEPLOYMENTS}/{number}"
    before = await who["ada"].get(path)
    assert (before["pending_approval_count"], before["approvals"]) == (2, [])
    answer = await opine(who["ada"], number, status="approved", comment="fine")
    assert answer.status_code == 201
    assert (answer.json()["user"]["username"], answer.json()["comment"]) == ("ada", "fine")
    told = await any_world.admin("GET", "/audit?org=acme&action=approval.given")
    assert [act["actor"]["username"] for act in told.json()["acts"]] == ["ada"]
    after = await who["ada"].get(path)
    assert (after["pending_approval_count"], after["status"]) == (1, "blocked")
    assert after["approvals"] == [answer.json()]
    (rule,) = after["approval_summary"]["rules"]
    assert (rule["required_approvals"], rule["deployment_approvals"]) == (2, [answer.json()])
    assert "approvals" not in (await who["ada"].get(DEPLOYMENTS))[0]
    await opine(who["mary"], number, status="approved")
    done = await who["ada"].get(path)
    assert (done["pending_approval_count"], done["status"]) == (0, "blocked")
    late = await opine(who["ben"], number, status="approved")
    assert outcome(late) == (
        400,
        {"message": "This deployment is not waiting for approvals."},
    )
    moved = await who["ada"].put(number, "success")
    assert (moved.json()["status"], moved.json()["pending_approval_count"]) == ("success", 0)


async def test_rejecting_a_blocked_deployment_makes_it_failed(any_world: World) -> None:
    who, number = await waiting(any_world, {"access_level": 40})
    answer = await opine(who["mary"], number, status="rejected", comment="no")
    assert (answer.status_code, answer.json()["status"]) == (201, "rejected")
    shown = await who["ada"].get(f"{DEPLOYMENTS}/{number}")
    assert (shown["status"], shown["pending_approval_count"]) == ("failed", 1)
    (record,) = await any_world.held()
    events = (await any_world.admin("GET", f"/records/{record.id}/events")).json()["events"]
    assert [(event["kind"], event["state"]) for event in events] == [
        ("recorded", "blocked"),
        ("state_changed", "failed"),
    ]
    assert record.finished_at is not None


async def test_an_opinion_changes_with_its_verdict_alone(world: World) -> None:
    who, number = await waiting(world, {"access_level": 30, "required_approvals": 3})
    first = (await opine(who["ada"], number, status="approved", comment="a")).json()
    again = await opine(who["ada"], number, status="approved", comment="b")
    assert (again.status_code, again.json()) == (201, first)
    other = (await opine(who["ada"], number, status="rejected", comment="c")).json()
    assert other == {**first, "status": "rejected", "comment": "c"}
    assert (await who["ada"].get(f"{DEPLOYMENTS}/{number}"))["approvals"] == [other]


async def test_a_running_or_finished_deployment_is_approved_too_and_stays_what_it_is(
    world: World,
) -> None:
    who = await people(world)
    await who["ada"].create(environment="staging")
    await protect(who["mary"], {"access_level": 30}, rules=[{"access_level": 40}])
    for status in ("running", "success"):
        made = await who["ada"].create(status=status)
        assert made["pending_approval_count"] == 1
        assert (await opine(who["mary"], made["id"], status="rejected")).status_code == 201
        assert (await who["ada"].get(f"{DEPLOYMENTS}/{made['id']}"))["status"] == status


async def test_somebody_speaks_for_the_rule_they_name_and_for_each_once(world: World) -> None:
    who = await people(world)
    sre = await group_of(world, "sre", "ada")
    ada = await number_of(who["ada"], "ada")
    number = await blocked(world)
    rules = [{"access_level": 30}, {"group_id": sre}, {"user_id": ada}]
    await protect(who["mary"], {"access_level": 30}, rules=rules)
    for name in ("sre", "Developers", "ada"):
        answer = await opine(who["ada"], number, status="approved", represented_as=name)
        assert answer.status_code == 201, answer.text
    shown = await who["ada"].get(f"{DEPLOYMENTS}/{number}")
    assert shown["pending_approval_count"] == 0
    counts = [len(rule["deployment_approvals"]) for rule in shown["approval_summary"]["rules"]]
    assert counts == [1, 1, 1]
    assert [rule["access_level_description"] for rule in shown["approval_summary"]["rules"]] == [
        "Developers + Maintainers",
        "sre",
        "ada",
    ]


REPRESENT = (
    "There are no approval rules for the given `represent_as` parameter. "
    "Use a valid User/Group/Role name instead."
)
NO_RULE = (
    "You don't have permission to approve this deployment. "
    "Contact the project or group owner for help."
)


async def test_every_refusal_of_an_approval_has_its_words(world: World) -> None:
    who = await people(world)
    number = await blocked(world)

    async def told(name: str = "mary", **opinion: object) -> object:
        answer = await opine(who[name], number, **{"status": "approved", **opinion})
        assert answer.status_code == 400
        return answer.json()

    assert await told(status="x") == {"error": "status does not have a valid value"}
    assert await told() == {"message": "This environment is not protected."}
    await protect(who["mary"], {"access_level": 30})
    text = "Deployment approvals is not configured for this environment."
    assert await told() == {"message": text}
    await who["mary"].ask(
        "PUT", f"{PROTECTED}/production", json={"approval_rules": [{"access_level": 40}]}
    )
    assert await told("ada") == {"message": NO_RULE}
    assert await told(represented_as="Nobody") == {"message": REPRESENT}
    long = {"message": ["Comment is too long (maximum is 255 characters)"]}
    assert await told(comment="x" * 256) == long
    own = await who["ada"].create()
    answer = await opine(who["ada"], own["id"], status="approved")
    assert answer.json()["message"].startswith("You cannot approve your own deployment.")
    answer = await opine(who["ada"], own["id"], status="rejected")
    assert answer.json() == {"message": NO_RULE}
    assert outcome(await opine(who["mary"], 4711, status="approved")) == NOT_FOUND
    answer = await opine(who["rita"], number, status="approved")
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")


async def test_who_recorded_a_deployment_in_anothers_name_does_not_approve_it(
    any_world: World,
) -> None:
    who, _ = await waiting(any_world, {"access_level": 30})
    body = {
        **{"project": "acme/shop", "environment": "production", "state": "blocked"},
        **{"source": {"commit": OTHER}, "actor": {"username": "ben"}},
    }
    headers = {"authorization": f"Bearer {who['ada'].token}"}
    answer = await any_world.client.post("/gateway/v1/records", json=body, headers=headers)
    number = answer.json()["number"]
    for name in ("ada", "ben"):
        answer = await opine(who[name], number, status="approved")
        assert answer.json()["message"].startswith("You cannot approve your own deployment.")
    assert (await opine(who["mary"], number, status="approved")).status_code == 201


async def test_the_administrator_speaks_for_every_rule(world: World) -> None:
    who, number = await waiting(world, {"user_id": 4711}, {"access_level": 60})
    root = Client(world, world.admin_token)
    answer = await opine(root, number, status="approved", represented_as="Nobody")
    assert outcome(answer) == (400, {"message": REPRESENT})
    assert (await opine(root, number, status="approved")).status_code == 201
    assert (await who["ada"].get(f"{DEPLOYMENTS}/{number}"))["pending_approval_count"] == 0


async def test_what_one_rule_has_too_many_helps_no_other(world: World) -> None:
    rules = [{"access_level": 30, "required_approvals": 2}, {"user_id": 1}, {"access_level": 40}]
    who, number = await waiting(world, *rules)
    for name in ("ada", "ben"):
        assert (await opine(who[name], number, status="approved")).status_code == 201
    first = (await who["mary"].get(f"{PROTECTED}/production"))["approval_rules"][0]
    lowered = {"approval_rules": [{"id": first["id"], "required_approvals": 1}]}
    await who["mary"].ask("PUT", f"{PROTECTED}/production", json=lowered)
    shown = await who["ada"].get(f"{DEPLOYMENTS}/{number}")
    assert (len(shown["approvals"]), shown["pending_approval_count"]) == (2, 1)
