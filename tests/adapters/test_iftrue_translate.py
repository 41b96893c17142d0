"""iftrue's words for a record, both ways, and the ledger that accounts for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.iftrue import dialect
from adapters.iftrue.translate import STATE_IN, STATE_OUT
from adapters.iftrue.wire import Deployment, Status
from gateway.core.commands import (
    ActorSaid,
    ProductionEnvironment,
    ProjectPath,
    RecordDeployment,
)
from gateway.core.errors import GatewayError
from gateway.core.model import Artifact, Delivery, Presence, Source, State
from gateway.dialect.frame import Frame, Owner
from gateway.dialect.numbers import number_of
from tests.core.build import NOW, a_record
from tests.schemas import misfits, validator

FRAMES = {name: Frame(options=options) for name, options in dialect.options.items()}
DOCUMENTED, OBSERVED = FRAMES["documented"], FRAMES["observed"]
COMMIT = "fa9bce58bac99d1186f00d90881dd7b1e7a3acfd"
BODY: Mapping[str, Any] = {
    "title": "New Deployment",
    "branch": "master",
    "commit_id": COMMIT,
    "repository_url": "https://git.example/acme/shop",
    "member_id": "aef23f76-9e33-679d-a92c-ff7321f61bb8",
    "pull_request_number": 241,
}


def parse(frame: Frame = DOCUMENTED, **said: object) -> RecordDeployment:
    return dialect.parse({**BODY, **said}, Owner(), frame)


def texts(body: object) -> list[str]:
    """What the refusal of a body says."""
    with pytest.raises(GatewayError) as caught:
        dialect.parse(body, Owner(), DOCUMENTED)
    answer: Any = dialect.render_error(caught.value, DOCUMENTED).body
    assert misfits(dialect, "error", answer) == []
    found: list[str] = answer["message"]
    return found


def test_every_field_of_a_request_has_its_fact() -> None:
    command = parse(
        changelog="#241 PR Merged",
        url="<https://git.example/releases/1>",
        deployment_duration=1.5,
        is_fix=True,
        is_hotfix=False,
        is_forced=True,
        commits_count=5,
        deployment_node_id="sw52f5ff5ddf66=",
        status="fail",
        zz="dropped",
        triggered_by="me",
    )
    assert command == RecordDeployment(
        is_attempt=True,
        project=ProjectPath("acme/shop"),
        environment=ProductionEnvironment(),
        artifact=Artifact(),
        source=Source(commit=COMMIT, ref="master"),
        state=State.FAILED,
        actor=ActorSaid(external_id="aef23f76-9e33-679d-a92c-ff7321f61bb8"),
        delivery=Delivery(
            title="New Deployment",
            changelog="#241 PR Merged",
            url="https://git.example/releases/1",
            duration_seconds=Decimal(90),
            is_fix=True,
            is_hotfix=False,
            is_forced=True,
            commits_count=5,
            pull_request_number=241,
            node_id="sw52f5ff5ddf66=",
        ),
    )


@pytest.mark.parametrize("absence", [{}, dict.fromkeys(Deployment.model_fields)])
def test_null_is_the_same_as_unsaid_and_the_defaults_apply(absence: dict[str, None]) -> None:
    command = dialect.parse({**absence, **BODY}, Owner(), DOCUMENTED)
    assert command.state is State.SUCCESS
    assert command.delivery == Delivery(
        title="New Deployment",
        is_fix=False,
        is_hotfix=False,
        is_forced=False,
        commits_count=0,
        pull_request_number=241,
    )


def test_empty_optional_texts_are_absent() -> None:
    delivery = parse(changelog="", url="", deployment_node_id="").delivery
    assert (delivery.changelog, delivery.url, delivery.node_id) == (None, None, None)
    assert parse(url="<>").delivery.url is None


@pytest.mark.parametrize(
    ("said", "minutes_as_seconds", "echoed"),
    [
        (10, 600, 10),
        (1.5, 90, 1.5),
        (0, 0, 0),
        (-0.0, 0, 0),
        (0.1, 6, 0.1),
        (1.1, 66, 1.1),
        (2.675, 160.5, 2.675),
        (1e15, 6e16, 1e15),
        (5e-324, 3e-322, 5e-324),
        (None, None, None),
    ],
)
def test_a_duration_is_exact_in_either_profile(
    said: float | None, minutes_as_seconds: float | None, echoed: float | None
) -> None:
    for frame, shown in ((DOCUMENTED, minutes_as_seconds), (OBSERVED, echoed)):
        delivery = parse(frame, deployment_duration=said).delivery
        body = dialect.render(a_record(delivery=delivery), frame)
        assert json.loads(json.dumps(body["deployment_duration"])) == shown


@pytest.mark.parametrize("said", [1e300, -1e300, 2**63, 10**4000, 1.7976931348623157e308])
@pytest.mark.parametrize("field", ["deployment_duration", "commits_count", "pull_request_number"])
def test_a_number_no_database_holds_is_refused(field: str, said: float) -> None:
    text = f"{field} must be a number conforming to the specified constraints"
    assert texts({**BODY, field: said}) == [text]


@pytest.mark.parametrize("said", [241, 241.0, 2.41e2])
def test_a_whole_number_may_be_written_as_any_number(said: float) -> None:
    assert parse(pull_request_number=said, commits_count=said).delivery.commits_count == 241


REQUIRED = ("title", "branch", "commit_id", "repository_url", "member_id")
ALL_MISSING = [
    *(t for f in REQUIRED for t in (f"{f} should not be empty", f"{f} must be a string")),
    "pull_request_number must be a number conforming to the specified constraints",
]


@pytest.mark.parametrize("body", [{}, [], None, 5, "text", dict.fromkeys(BODY), [BODY]])
def test_what_holds_no_field_misses_eleven_things(body: object) -> None:
    assert texts(body) == ALL_MISSING
    assert len(ALL_MISSING) == 11


NUMBER = "must be a number conforming to the specified constraints"
WORD = "status must be one of the following values: succes, in_progress, fail"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"title": ""}, ["title should not be empty"]),
        ({"title": 5}, ["title must be a string"]),
        ({"title": None}, ["title should not be empty", "title must be a string"]),
        ({"changelog": [], "url": {}}, ["changelog must be a string", "url must be a string"]),
        ({"is_fix": "true"}, ["is_fix must be a boolean value"]),
        ({"is_forced": 1}, ["is_forced must be a boolean value"]),
        ({"deployment_duration": "10"}, [f"deployment_duration {NUMBER}"]),
        ({"deployment_duration": True}, [f"deployment_duration {NUMBER}"]),
        ({"commits_count": 1.5}, [f"commits_count {NUMBER}"]),
        ({"pull_request_number": "241"}, [f"pull_request_number {NUMBER}"]),
        ({"pull_request_number": False}, [f"pull_request_number {NUMBER}"]),
        *(({"status": word}, [WORD]) for word in ("success", "SUCCES", "", 1, [], {}, True)),
        ({"repository_url": "https://git.example"}, ["repository_url must be a URL address"]),
        ({"repository_url": "<>"}, ["repository_url must be a URL address"]),
        ({"deployment_node_id": 7}, ["deployment_node_id must be a string"]),
        ({"branch": 1, "status": "x", "title": ""},
         ["title should not be empty", "branch must be a string", WORD]),
    ],
)  # fmt: skip
def test_a_misfit_is_worded_in_the_order_of_the_fields(
    said: dict[str, object], expected: list[str]
) -> None:
    assert texts({**BODY, **said}) == expected


@pytest.mark.parametrize(
    ("field", "longest"),
    [("commit_id", 512), ("branch", 512), ("member_id", 512), ("deployment_node_id", 512)],
)
def test_a_text_beyond_its_limit_is_refused_under_its_wire_name(field: str, longest: int) -> None:
    parse(**{field: "x" * longest})
    text = f"{field} must be shorter than or equal to {longest} characters"
    assert texts({**BODY, field: "x" * (longest + 1)}) == [text]


@pytest.mark.parametrize("url", ["https://github.com/acme/shop", "git@acme.ghe.com:acme/shop.git"])
def test_a_repository_on_github_needs_a_node_id(url: str) -> None:
    empty = "deployment_node_id should not be empty"
    on_github = {**BODY, "repository_url": url}
    assert texts(on_github) == [empty, "deployment_node_id must be a string"]
    assert texts({**on_github, "deployment_node_id": ""}) == [empty]
    command = dialect.parse({**on_github, "deployment_node_id": "x"}, Owner(), DOCUMENTED)
    assert command.delivery.node_id == "x"


RECORD = a_record(
    artifact=Artifact(),
    source=Source(commit=COMMIT, ref="master"),
    delivery=Delivery(
        title="New Deployment",
        changelog="#241 PR Merged",
        url="https://git.example",
        duration_seconds=Decimal("73200"),
        is_fix=True,
        is_hotfix=False,
        is_forced=True,
        commits_count=5,
        pull_request_number=241,
        node_id="sw52f5ff5ddf66=",
    ),
    updated_at=NOW,
)


def test_a_record_is_spelled_in_the_examples_order_with_its_times_last() -> None:
    body = dialect.render(RECORD, DOCUMENTED)
    assert list(body.items()) == [
        ("id", str(RECORD.id)),
        ("triggered_by", "webhook"),
        ("title", "New Deployment"),
        ("changelog", "#241 PR Merged"),
        ("is_hotfix", False),
        ("is_forced", True),
        ("is_fix", True),
        ("commits_count", 5),
        ("organization_id", str(UUID(int=10))),
        ("repository_id", str(UUID(int=40))),
        ("pusher_id", str(UUID(int=20))),
        ("url", "https://git.example"),
        ("branch", "master"),
        ("commit_id", COMMIT),
        ("deployment_duration", 73200),
        ("node_id", "sw52f5ff5ddf66="),
        ("status", "succes"),
        ("created_at", "2026-01-02T03:04:05.678Z"),
        ("updated_at", "2026-01-02T04:04:05.678Z"),
    ]


@pytest.mark.parametrize(
    ("artifact", "source", "shown"),
    [
        (Artifact(version="1.2", digests={"sha256": "a" * 64}), Source(),
         ("acme/shop 1.2 to production", None, "a" * 64)),
        (Artifact(), Source(commit="v1", ref="main"),
         ("acme/shop main to production", "main", "v1")),
        (Artifact(), Source(), ("acme/shop to production", None, None)),
    ],
)  # fmt: skip
def test_what_another_dialect_left_unsaid_has_its_stand_in(
    artifact: Artifact, source: Source, shown: tuple[str | None, ...]
) -> None:
    record = a_record(artifact=artifact, source=source)
    body = dialect.render(record, DOCUMENTED)
    assert (body["title"], body["branch"], body["commit_id"]) == shown
    assert (body["is_fix"], body["is_hotfix"], body["is_forced"]) == (False, False, False)
    assert (body["commits_count"], body["node_id"], body["changelog"]) == (0, None, None)
    assert {"title", "commits_count"} <= set(dialect.fidelity(record).stand_ins)


def test_what_is_lost_is_named_and_nothing_stands_in_for_what_is_there() -> None:
    report = dialect.fidelity(RECORD)
    assert report.stand_ins == ()
    assert report.losses == (
        "project.path",
        "environment.name",
        "slot.name",
        "presence",
        "finished_at",
        "actor",
        "pull_request_number",
    )


def test_every_state_has_a_word_and_every_word_is_read_back() -> None:
    assert set(STATE_OUT) == set(State)
    assert set(STATE_IN) == set(Status)
    assert {STATE_OUT[state] for state in STATE_IN.values()} == set(Status)
    assert all(STATE_OUT[STATE_IN[word]] is word for word in Status)


@pytest.mark.parametrize("presence", Presence)
def test_a_success_is_succes_whatever_became_of_it(presence: Presence) -> None:
    assert dialect.render(a_record(presence=presence), DOCUMENTED)["status"] == "succes"


def test_model_schema_and_ledger_have_the_same_fields() -> None:
    ledger = dialect.ledger
    assert list(ledger.request) == list(Deployment.model_fields)
    assert set(ledger.request) == set(_properties("create"))
    shown = set(ledger.givers()) | set(ledger.response)
    assert shown == set(dialect.render(RECORD, DOCUMENTED)) == set(_properties("record"))


def _properties(name: str) -> Mapping[str, Any]:
    schema = validator(dialect, name).schema
    assert isinstance(schema, Mapping)
    properties: Mapping[str, Any] = schema["properties"]
    return properties


@settings(max_examples=60)
@given(st.floats(-(2.0**62) / 60, 2.0**62 / 60) | st.integers(-(2**53), 2**53))
def test_the_observed_profile_echoes_every_duration(said: float) -> None:
    seconds = parse(OBSERVED, deployment_duration=said).delivery.duration_seconds
    assert float(number_of(seconds) or 0) == float(said)
