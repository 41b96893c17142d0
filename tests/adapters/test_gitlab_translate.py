"""GitLab's deployment from and to the canonical record, without a server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.gitlab import dialect
from adapters.gitlab.envelope import broken_rule, deployments_asked, search
from adapters.gitlab.options import OPTIONS
from adapters.gitlab.translate import (
    STATE_IN,
    STATE_OUT,
    environment_problems,
    leading_number,
    project_choice,
)
from adapters.gitlab.wire import (
    STATUSES,
    CreateDeployment,
    ListDeployments,
    UpdateDeployment,
    validated,
)
from gateway.conformance.commands import facts_of
from gateway.core.commands import EnvironmentName, OnNew, ProjectNumber, ProjectPath
from gateway.core.errors import GatewayError, NotFound
from gateway.core.model import (
    Artifact,
    Delivery,
    Environment,
    Org,
    Presence,
    Project,
    ProjectEnvironment,
    ProjectRule,
    Record,
    Runtime,
    Slot,
    Source,
    State,
    User,
)
from gateway.dialect.frame import Frame, Owner
from tests.adapters.gitlab_client import SHA, said
from tests.schemas import misfits, problems, validator

FRAME = Frame(options=OPTIONS["documented"], base_url="https://gateway.example")
OWNER = Owner("acme", "acme/shop")
NOON = datetime(2026, 11, 20, 12, 30, 1, 999_999, UTC)
ID = UUID(int=7)


def a_record(**changes: Any) -> Record:
    """A record that holds no more than any dialect must say."""
    known = Record(
        id=ID,
        number=41,
        project_number=3,
        org=Org(ID, 1, "acme", (), NOON),
        project=Project(ID, 5, "acme/shop", NOON),
        project_rule=ProjectRule.NAMED,
        slot=Slot(ID, 1, "shop", NOON, None),
        environment=Environment(
            ID, "production", None, None, "production", "production", None, NOON, NOON
        ),
        project_environment=ProjectEnvironment(
            9, "production", "available", "production", None, None, NOON, NOON
        ),
        artifact=Artifact(),
        source=Source(commit=SHA, ref="main", is_tag=False),
        state=State.SUCCESS,
        presence=Presence.LIVE,
        superseded_by=None,
        created_at=NOON,
        updated_at=NOON,
        started_at=None,
        finished_at=NOON,
        last_seen_at=NOON,
        ended_at=None,
        actor=User(ID, 2, "ada", "Ada", None, NOON),
        delivery=Delivery(),
        runtime=Runtime((), {}),
        origin="gitlab",
        kept={},
    )
    return replace(known, **changes)


def dig(body: Any, place: str) -> Any:
    """What lies at a dotted place."""
    for step in place.split("."):
        body = body[step]
    return body


def leaves(body: Mapping[str, Any], above: str = "") -> set[str]:
    """The dotted places of an object's values; a list is a value."""
    found = set()
    for name, value in body.items():
        found |= leaves(value, f"{above}{name}.") if isinstance(value, dict) else {f"{above}{name}"}
    return found


def parsed(**changes: object) -> dict[str, Any]:
    return facts_of(dialect.parse(said(**changes), OWNER, FRAME))


def test_a_create_says_commit_ref_tag_state_environment_and_project() -> None:
    assert parsed(tag=True, status="running") == {
        "state": "running",
        "project.path": "acme/shop",
        "environment.name": "production",
        "source.commit": SHA,
        "source.ref": "main",
        "source.is_tag": True,
    }


def test_a_commit_is_kept_as_it_was_said() -> None:
    assert parsed(sha="  A91957A8~2 ")["source.commit"] == "  A91957A8~2 "


TRUE = ["1", "on", "On", "ON", "t", "T", "true", "True", "TRUE", "y", "yes", "Yes", "YES", "Y"]
FALSE = ["0", "off", "Off", "OFF", "f", "F", "false", "False", "FALSE", "n", "no", "No", "NO", "N"]


@pytest.mark.parametrize("word", [True, 1, *TRUE])
def test_many_words_say_that_the_ref_is_a_tag(word: object) -> None:
    assert parsed(tag=word)["source.is_tag"] is True


@pytest.mark.parametrize("word", [False, 0, *FALSE])
def test_many_words_say_that_the_ref_is_a_branch(word: object) -> None:
    assert parsed(tag=word)["source.is_tag"] is False


def test_numbers_in_json_are_text() -> None:
    facts = parsed(sha=123, ref=1.5, environment=True)
    assert (facts["source.commit"], facts["source.ref"]) == ("123", "1.5")
    assert facts["environment.name"] == "true"


EMPTY = [None, "", "   ", "\t\n", "\u2003"]
MISSING = {
    "environment": "environment is missing, environment is empty",
    "sha": "sha is missing, sha is empty",
    "ref": "ref is missing, ref is empty",
    "tag": "tag is missing",
    "status": "status is missing, status does not have a valid value",
}
WRONG = [
    *[
        (name, value, f"{name} is empty")
        for name in ("environment", "sha", "ref")
        for value in EMPTY
    ],
    *[
        (name, value, f"{name} is invalid")
        for name in MISSING
        for value in ([], {}, ["a"], {"a": 1})
    ],
    *[("tag", value, "tag is invalid") for value in (None, "", "maybe", "tRUE", 2, 1.0)],
    *[
        ("status", value, "status does not have a valid value")
        for value in (None, "", "Success", "created", "blocked", "skipped", 1, True)
    ],
]


@pytest.mark.parametrize(("field", "value", "text"), WRONG)
def test_a_wrong_parameter_is_refused_in_gitlabs_words(
    field: str, value: object, text: str
) -> None:
    assert refusal(said(**{field: value})) == {"error": text}


@pytest.mark.parametrize("body", [None, [], "text", 5, True, {}])
def test_every_missing_parameter_is_named_in_order(body: object) -> None:
    assert refusal(body) == {"error": ", ".join(MISSING.values())}


@pytest.mark.parametrize("field", MISSING)
def test_one_missing_parameter_is_named_alone(field: str) -> None:
    assert refusal({k: v for k, v in said().items() if k != field}) == {"error": MISSING[field]}


def refusal(body: object) -> object:
    """How a create body is refused."""
    with pytest.raises(GatewayError) as caught:
        dialect.parse(body, OWNER, FRAME)
    answer = dialect.render_error(caught.value, FRAME)
    assert misfits(dialect, "error", answer.body) == []
    return answer.body


@pytest.mark.parametrize(("field", "name"), [("sha", "sha"), ("ref", "ref")])
def test_a_text_that_no_database_could_index_is_refused(field: str, name: str) -> None:
    body = refusal(said(**{field: "a" * 10_000}))
    assert list(body["message"]) == [name]  # type: ignore[index]


GOOD_NAMES = ["production", "review/fix-foo", "a b", "$X/{y}", "Prod_1.2", "a" * 255]
BAD_NAMES = ["prod:eu", "/prod", "prod/", "é", "a\nb", "production\n", "a" * 256, "/"]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_a_good_environment_name_may_be_made(name: str) -> None:
    command = dialect.parse(said(environment=name), OWNER, FRAME)
    assert command.environment == EnvironmentName(name, OnNew.MAKE_FIRST)
    assert environment_problems(name) == []


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_environment_name_is_only_found(name: str) -> None:
    command = dialect.parse(said(environment=name), OWNER, FRAME)
    assert command.environment == EnvironmentName(name, OnNew.REFUSE)


def test_an_environment_name_of_any_length_is_refused_with_both_problems() -> None:
    body = refusal(said(environment="a:" * 1000))
    assert [text[:11] for text in body["message"]["name"]] == ["is too long", "can contain"]  # type: ignore[index]


CHOICES = {
    "acme/shop": ProjectPath("acme/shop"),
    "my.group/my.proj": ProjectPath("my.group/my.proj"),
    "5": ProjectNumber(5),
    "-5": ProjectNumber(-5),
    "9" * 19: ProjectNumber(0),
    "9" * 5000: ProjectNumber(0),
}


@pytest.mark.parametrize(("text", "choice"), CHOICES.items(), ids=lambda v: str(v)[:30])
def test_a_project_is_a_number_or_a_path(text: str, choice: object) -> None:
    assert project_choice(text) == choice


@pytest.mark.parametrize(
    "text", ["", "shop", "acme%2Fshop", "acme/", "/shop", "acme//shop", "\u0665"]
)
def test_what_is_neither_number_nor_path_names_no_project(text: str) -> None:
    with pytest.raises(NotFound):
        project_choice(text)


LEADING = {"12": 12, "12abc": 12, " 7": 7, "abc": 0, "": 0, "-1": 0, "+3": 3, "9" * 20: 0}


@pytest.mark.parametrize(("text", "number"), LEADING.items())
def test_an_update_takes_the_number_that_the_text_begins_with(text: str, number: int) -> None:
    assert leading_number(text) == number


def test_milliseconds_are_cut_off() -> None:
    assert dialect.render(a_record(), FRAME)["created_at"] == "2026-11-20T12:30:01.999Z"


def test_every_state_has_a_word_and_every_word_a_state() -> None:
    assert set(STATE_OUT) == set(State)
    assert set(STATE_OUT.values()) == set(STATUSES)
    assert all(STATE_OUT[STATE_IN[word]] == word for word in STATUSES)


SHA256 = "b" * 64
STAND_INS = [
    (a_record(source=Source("abc", "v1")), "abc", "v1"),
    (
        a_record(source=Source(), artifact=Artifact(digests={"sha256": SHA256})),
        SHA256,
        "production",
    ),
    (
        a_record(
            source=Source(), artifact=Artifact(digests={"sha512": "c" * 128, "sha256": SHA256})
        ),
        SHA256,
        "production",
    ),
    (a_record(source=Source("abc"), artifact=Artifact(name="shop", version="1.2")), "abc", "1.2"),
    (a_record(source=Source("abc"), artifact=Artifact(name="shop")), "abc", "shop"),
    (a_record(source=Source()), "0" * 40, "production"),
]


@pytest.mark.parametrize(("record", "sha", "ref"), STAND_INS)
def test_sha_and_ref_are_never_empty(record: Record, sha: str, ref: str) -> None:
    shown = dialect.render(record, FRAME)
    assert (shown["sha"], shown["ref"]) == (sha, ref)
    assert misfits(dialect, "record", shown) == []
    expected = {field for field in ("sha", "ref") if getattr(record.source, _SOURCE[field]) is None}
    assert set(dialect.fidelity(record).stand_ins) == expected


_SOURCE = {"sha": "commit", "ref": "ref"}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("presence", Presence)
def test_every_state_and_presence_is_shown_and_fits(state: State, presence: Presence) -> None:
    record = a_record(state=state, presence=presence)
    assert dialect.shows(record)
    shown = dialect.render(record, FRAME)
    assert shown["status"] == state.value
    assert misfits(dialect, "record", shown) == []


def test_the_keys_come_in_gitlabs_order() -> None:
    assert list(dialect.render(a_record(), FRAME)) == [
        *("id", "iid", "ref", "sha", "created_at", "updated_at", "user", "environment"),
        *("deployable", "status", "pending_approval_count", "approvals", "approval_summary"),
    ]


def test_every_key_shown_is_in_the_ledger_and_the_schema() -> None:
    entries = dialect.ledger
    accounted = set(entries.response) | set(entries.givers())
    assert leaves(dialect.render(a_record(), FRAME)) == accounted
    schema = validator(dialect, "record").schema
    assert set(schema["properties"]) == {key.partition(".")[0] for key in accounted}


def test_every_parameter_is_in_the_ledger_and_the_schema() -> None:
    fields = set(CreateDeployment.model_fields)
    assert set(dialect.ledger.request) == {*fields, "id"}  # the id is the path's
    assert set(validator(dialect, "create").schema["properties"]) == fields


def test_what_the_ledger_gives_is_what_is_shown() -> None:
    record = a_record(source=Source(SHA, "main", True), state=State.FAILED)
    facts = {
        "environment.name": record.environment.name,
        "environment.external_url": record.project_environment.external_url,
        "source.commit": record.source.commit,
        "source.ref": record.source.ref,
        "state": record.state,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "actor.username": record.actor.username,
        "actor.name": record.actor.name,
    }
    shown = dialect.render(record, FRAME)
    givers = dialect.ledger.givers()
    assert {path for path, _, _ in givers.values()} == set(facts)
    for place, (path, give, _) in givers.items():
        assert dig(shown, place) == (None if facts[path] is None else give(facts[path]))


def test_a_record_of_gitlab_loses_what_gitlab_never_shows() -> None:
    tagged = a_record(source=Source(SHA, "v1", True))
    assert dialect.fidelity(tagged).losses == ("slot.name", "is_tag", "presence", "finished_at")
    assert dialect.fidelity(tagged).stand_ins == ()


def test_the_page_of_a_user_lies_at_the_address_of_the_gateway() -> None:
    shown = dialect.render(a_record(), FRAME)
    assert shown["user"]["web_url"] == "https://gateway.example/ada"


def test_json_escapes_what_could_end_a_script() -> None:
    text = 'a&b<c>d\u2028e\u2029f"é'
    raw = dialect.encode({"k": text})
    assert raw == '{"k":"a\\u0026b\\u003cc\\u003ed\\u2028e\\u2029f\\"é"}'.encode()
    assert json.loads(raw) == {"k": text}


@pytest.mark.parametrize("mark", "&<>\u2028\u2029")
def test_each_character_that_could_end_a_script_is_escaped(mark: str) -> None:
    assert dialect.encode([mark, "é"]) == f'["\\u{ord(mark):04x}","é"]'.encode()
    assert dialect.encode([mark]) == f'["\\u{ord(mark):04x}"]'.encode()


ROUTED = {
    "/projects/1/deployments.json": "/projects/1/deployments",
    "/projects/a%2Fb.c/deployments/1.xml": "/projects/a%2Fb.c/deployments/1",
    "/projects/1/deployments/1.5": "/projects/1/deployments/1",
    "/version.txt": "/version",
    "/projects/my.group%2Fmy.proj": "/projects/my.group%2Fmy.proj",
    "/projects/5.json": "/projects/5",
    "/projects/1/deployments/.json": "/projects/1/deployments/.json",
    "/projects/1/deployments/1.": "/projects/1/deployments/1.",
    "/projects/1/protected_environments/v1.2": "/projects/1/protected_environments/v1.2",
    "/projects/1/protected_environments/1.2": "/projects/1/protected_environments/1.2",
    "/projects/1/protected_environments/a.b%2Fc": "/projects/1/protected_environments/a.b%2Fc",
    "/projects/1/protected_environments.json": "/projects/1/protected_environments",
    "/groups/1/protected_environments/other.json": "/groups/1/protected_environments/other",
    "/groups/my.group": "/groups/my.group",
    "/groups/5.json": "/groups/5",
    "/projects/1/deployments/": "/projects/1/deployments",
    "//projects//1/deployments.json//": "/projects/1/deployments",
    "/": "/",
    "": "/",
}


@pytest.mark.parametrize(("path", "routed"), ROUTED.items())
def test_a_path_is_routed_without_its_format_and_needless_slashes(path: str, routed: str) -> None:
    assert dialect.route_path(path) == routed


def test_the_schemas_are_sound() -> None:
    assert problems(dialect) == []


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON | st.fixed_dictionaries({"status": JSON}))
def test_any_update_is_a_status_or_a_worded_refusal(body: object) -> None:
    said_now = body if isinstance(body, dict) else {}
    try:
        assert validated(UpdateDeployment, said_now).status in dialect.capabilities.states
    except GatewayError as error:
        assert misfits(dialect, "error", dialect.render_error(error, FRAME).body) == []


TEXTS = st.text(max_size=30) | st.sampled_from(["1", "-1", "asc", "id", "success", "2019-03-15"])


@given(st.dictionaries(st.sampled_from(sorted(ListDeployments.model_fields)), TEXTS | JSON))
def test_any_filters_are_a_search_or_a_worded_refusal(query: dict[str, object]) -> None:
    options = OPTIONS["observed"]
    try:
        asked = deployments_asked(query, options, NOON.date())
    except GatewayError as error:
        assert misfits(dialect, "error", dialect.render_error(error, FRAME).body) == []
    else:
        found = search(asked, ProjectNumber(1))
        assert 0 <= found.offset < 2**63
        assert 1 < (found.limit or 0) <= 101
        broken = broken_rule(asked, options)
        assert broken is None or dialect.render_error(broken, FRAME).status == 400
