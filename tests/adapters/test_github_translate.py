"""GitHub's words for a record, both ways, and the ledger that accounts for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.github import dialect
from adapters.github.translate import RISKS
from adapters.github.wire import SCHEMAS, CreateDeployment
from gateway.core.commands import EnvironmentParts, ProjectPath, RecordDeployment
from gateway.core.errors import GatewayError, Several
from gateway.core.model import Artifact, Presence, Record, Runtime, Source
from gateway.dialect.frame import Frame, Owner
from gateway.dialect.moments import seconds
from tests.core.build import NOW, SLOT, THEN, a_record
from tests.schemas import misfits

DOCUMENTED = Frame(options=dialect.options["documented"], method="POST", path="/orgs/acme")
OBSERVED = Frame(options=dialect.options["observed"], method="POST", path="/orgs/acme")
OWNER = Owner("acme")
BODY: Mapping[str, Any] = {
    "name": "ghcr.io/acme/shop",
    "digest": f"sha256:{'a' * 64}",
    "status": "deployed",
    "logical_environment": "prod",
    "deployment_name": "shop",
}


def parse(**said: object) -> RecordDeployment:
    return dialect.parse({**BODY, **said}, OWNER, DOCUMENTED)


def render(record: Record, frame: Frame = DOCUMENTED) -> dict[str, Any]:
    return dialect.render(record, frame)


def test_every_field_of_a_request_has_its_fact() -> None:
    command = parse(
        version="v1",
        physical_environment="eu",
        cluster="moda-1",
        tags={"team": "payments"},
        runtime_risks=["sensitive-data"],
        github_repository="shop",
    )
    assert command == RecordDeployment(
        environment=EnvironmentParts("prod", "eu", "moda-1"),
        artifact=Artifact(name="ghcr.io/acme/shop", version="v1", digests={"sha256": "a" * 64}),
        source=Source(),
        project=ProjectPath("shop"),
        deployment_name="shop",
        runtime=Runtime(risks=("sensitive-data",), tags={"team": "payments"}),
    )


@pytest.mark.parametrize("empty", [{}, {"physical_environment": "", "cluster": ""}])
def test_absent_and_empty_environment_parts_are_the_same_place(empty: dict[str, str]) -> None:
    assert parse(**empty).environment == EnvironmentParts("prod", None, None)


def test_a_deployed_post_says_tags_and_risks_whole() -> None:
    assert parse().runtime == Runtime(risks=(), tags={})


def test_a_decommissioned_post_says_only_what_it_holds() -> None:
    assert parse(status="decommissioned").runtime == Runtime()
    assert parse(status="decommissioned", tags={}).runtime == Runtime(tags={})
    assert parse(status="decommissioned").is_decommission


def test_a_record_is_written_in_the_order_of_the_schema() -> None:
    assert list(render(a_record())) == list(SCHEMAS["record"]["properties"])


def test_the_observed_profile_says_created_at_alone() -> None:
    documented, observed = render(a_record()), render(a_record(), OBSERVED)
    assert documented.pop("created") == documented["created_at"]
    assert documented == observed


def test_id_and_first_moment_are_the_slots() -> None:
    shown = render(a_record(number=99, created_at=NOW))
    assert (shown["id"], shown["created_at"]) == (SLOT.number, seconds(SLOT.created_at))


@pytest.mark.parametrize("field", ["updated_at", "last_seen_at"])
def test_updated_at_is_the_later_of_changed_and_last_said(field: str) -> None:
    said: dict[str, Any] = {field: NOW}
    assert render(a_record(**said))["updated_at"] == seconds(NOW)


@pytest.mark.parametrize(
    ("digests", "commit", "expected"),
    [
        ({"sha1": "b" * 40, "sha256": "a" * 64}, None, f"sha256:{'a' * 64}"),
        ({"sha512": "c" * 128}, "d" * 40, f"sha512:{'c' * 128}"),
        ({}, "d" * 40, f"gitCommit:{'d' * 40}"),
        ({}, "e" * 64, f"gitCommit:{'e' * 64}"),
        ({}, "v1.2.3", ""),
    ],
)
def test_the_digest_shown_is_the_preferred_one_or_stands_in(
    digests: dict[str, str], commit: str | None, expected: str
) -> None:
    record = a_record(artifact=Artifact(digests=digests), source=Source(commit=commit))
    assert render(record)["digest"] == expected
    assert ("digest" in dialect.fidelity(record).stand_ins) is not bool(digests)


def test_risks_without_a_word_in_github_are_left_out() -> None:
    record = a_record(runtime=Runtime(risks=("on-fire", RISKS[1], RISKS[1], RISKS[0]), tags={}))
    assert render(record)["runtime_risks"] == [RISKS[1], RISKS[0]]


@pytest.mark.parametrize(
    ("presence", "is_current", "expected"),
    [
        (Presence.LIVE, True, True),
        (Presence.DECOMMISSIONED, True, True),
        (Presence.DECOMMISSIONED, False, False),
        (Presence.SUPERSEDED, False, False),
        (Presence.SUPERSEDED, True, False),
        (Presence.NONE, False, False),
    ],
)
def test_a_record_is_what_its_slot_shows(
    presence: Presence, is_current: bool, expected: bool
) -> None:
    record = a_record(presence=presence)
    if is_current:
        record = replace(record, slot=replace(SLOT, current=record.id))
    assert dialect.shows(record) is expected


def test_a_reader_does_not_learn_name_version_project_and_presence() -> None:
    record = a_record(artifact=Artifact(name="shop", version="1", digests={"sha256": "a" * 64}))
    losses = set(dialect.fidelity(record).losses)
    assert {"artifact.name", "artifact.version", "project.path", "presence", "state"} <= losses
    assert not losses & {"environment.name", "slot.name", "artifact.digests"}


def test_schema_model_and_ledger_know_the_same_fields() -> None:
    ledger = dialect.ledger
    assert SCHEMAS["create"]["properties"].keys() == CreateDeployment.model_fields.keys()
    assert ledger.request.keys() == CreateDeployment.model_fields.keys()
    places = set(ledger.givers()) | ledger.response.keys()
    assert places == SCHEMAS["record"]["properties"].keys()


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
near_bodies = st.fixed_dictionaries(
    {
        name: st.sampled_from([BODY[name]]) | json_values if name in BODY else json_values
        for name in SCHEMAS["create"]["required"]
    },
    optional={
        name: json_values | texts
        for name in SCHEMAS["create"]["properties"]
        if name not in SCHEMAS["create"]["required"]
    },
)


def is_fit(body: Any) -> bool:
    """Whether a body fits the schema; ``$`` is the very end, not before a last line break."""
    return misfits(dialect, "create", body) == [] and not any(
        str(body.get(name)).endswith("\n") for name in ("digest", "github_repository")
    )


@settings(max_examples=120)
@given(json_values | near_bodies | st.just(dict(BODY)))
def test_any_json_is_a_command_or_a_worded_refusal(body: object) -> None:
    fits = is_fit(body)
    try:
        command = dialect.parse(body, OWNER, DOCUMENTED)
    except GatewayError as error:
        answer = dialect.render_error(error, DOCUMENTED)
        assert 400 <= answer.status < 500
        assert misfits(dialect, "error", answer.body) == []
        assert not fits
    else:
        assert isinstance(command, RecordDeployment)
        assert fits


@settings(max_examples=60)
@given(st.sampled_from(sorted(SCHEMAS["create"]["properties"])), json_values)
def test_one_field_gone_wrong_is_refused_as_the_schema_refuses_it(
    field: str, value: object
) -> None:
    body = {**BODY, field: value}
    fits = is_fit(body)
    try:
        dialect.parse(body, OWNER, DOCUMENTED)
    except Several as error:
        assert not fits
        assert all(problem.field.startswith(field) for problem in error.problems)
    else:
        assert fits


def test_what_was_written_comes_back_as_it_was_said() -> None:
    body = {
        **BODY,
        "physical_environment": "eu",
        "cluster": "",
        "tags": {"a": "b"},
        "runtime_risks": ["internet-exposed", "critical-resource"],
    }
    command = dialect.parse(body, OWNER, DOCUMENTED)
    assert isinstance(command.environment, EnvironmentParts)
    base = a_record()
    shown = render(
        replace(
            base,
            artifact=command.artifact,
            runtime=command.runtime,
            slot=replace(base.slot, name=command.deployment_name or ""),
            environment=replace(
                base.environment,
                logical=command.environment.logical,
                physical=command.environment.physical,
                cluster=command.environment.cluster,
            ),
        )
    )
    read = {place: shown[place] for place in body if place in shown}
    assert read == {place: body[place] for place in read}
    assert read.keys() == body.keys() - {"name", "status"}


def test_times_are_told_to_the_second() -> None:
    assert SLOT.created_at == THEN
    assert render(a_record())["created_at"] == "2026-01-02T03:04:05Z"
