"""Chainloop's words for a record, both ways, and the ledger that accounts for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from pydantic.alias_generators import to_camel

from adapters.chainloop import dialect
from adapters.chainloop.translate import KIND_IN, KIND_OUT, STATUS_OUT, timestamp
from adapters.chainloop.wire import ArtifactKind as Kind
from adapters.chainloop.wire import RecordDeployment as Request
from gateway.core.commands import EnvironmentName, OnNew, RecordDeployment
from gateway.core.errors import Invalid, Several
from gateway.core.model import Artifact, ArtifactKind, Presence, Source, State
from gateway.dialect.frame import Frame, Owner
from tests.core.build import THEN, a_record
from tests.schemas import validator

DOCUMENTED = Frame(options=dialect.options["documented"])
OBSERVED = Frame(options=dialect.options["observed"])
FRAMES = {"documented": DOCUMENTED, "observed": OBSERVED}
A, COMMIT = "a" * 64, "c" * 40
BODY: Mapping[str, Any] = {"environment_name": "production", "artifact_digest": f"sha256:{A}"}


def parse(**said: object) -> RecordDeployment:
    return dialect.parse({**BODY, **said}, Owner(), DOCUMENTED)


def refusals(**said: object) -> tuple[tuple[str, str], ...]:
    with pytest.raises((Invalid, Several)) as caught:
        parse(**said)
    error = caught.value
    problems = error.problems if isinstance(error, Several) else (error,)
    return tuple((problem.field, problem.detail or problem.reason) for problem in problems)


def test_every_field_of_a_request_has_its_fact() -> None:
    command = parse(
        kind="HELM_CHART",
        artifact_name="charts/shop",
        artifact_version="2.0",
        status="DECOMMISSIONED",
        deployment_name="api-server",
    )
    assert command == RecordDeployment(
        environment=EnvironmentName("production", OnNew.IF_AUTO_CREATE),
        deployment_name="api-server",
        artifact=Artifact(
            kind=ArtifactKind.HELM_CHART,
            name="charts/shop",
            version="2.0",
            digests={"sha256": A},
        ),
        source=Source(),
        is_decommission=True,
    )


@pytest.mark.parametrize("status", [None, "", "NOPE", 0, "DEPLOYED", 1])
def test_an_unset_status_means_deployed(status: object) -> None:
    command = parse(status=status)
    assert (command.state, command.is_decommission) == (State.SUCCESS, False)


def test_empty_texts_are_absent_but_for_the_slots_name() -> None:
    command = parse(artifact_name="", artifact_version="", deployment_name="")
    assert (command.artifact.name, command.artifact.version) == (None, None)
    assert command.deployment_name == parse().deployment_name == ""


@pytest.mark.parametrize("commit", [COMMIT, "d" * 64])
def test_a_git_commit_is_a_source_and_no_digest(commit: str) -> None:
    command = parse(artifact_digest=f"gitCommit:{commit}")
    assert (command.source, command.artifact.digests) == (Source(commit=commit), {})


@pytest.mark.parametrize(
    ("digest", "text"),
    [
        ("sha256", 'cannot parse hash: "sha256"'),
        (f":{A}", f'cannot parse hash: ":{A}"'),
        ("sha256:", 'cannot parse hash: "sha256:"'),
        ('a"b', 'cannot parse hash: "a\\"b"'),
        (f"sha256:{A[:-1]}A", "found non-hex character in hash: A"),
        (f"sha256:{A[:-1]} ", "found non-hex character in hash:  "),
        ("sha256:abc", "wrong number of hex digits for sha256: abc"),
        (f"sha1:{COMMIT}", 'unsupported hash: "sha1"'),
        (f"SHA256:{A}", 'unsupported hash: "SHA256"'),
        (f"gitCommit:{COMMIT[:7]}", f"wrong number of hex digits for gitCommit: {COMMIT[:7]}"),
    ],
)
def test_a_digest_is_refused_in_the_hash_parsers_words(digest: str, text: str) -> None:
    assert refusals(artifact_digest=digest) == (("artifact_digest", text),)


def test_all_broken_rules_are_told_in_the_order_of_the_fields() -> None:
    said = refusals(environment_name="", artifact_digest=None, kind=7, status=-1)
    assert said == (
        ("environment_name", "required"),
        ("artifact_digest", "required"),
        ("kind", "unknown"),
        ("status", "unknown"),
    )


@pytest.mark.parametrize("status", ["SUPERSEDED", 3])
def test_superseded_is_refused(status: object) -> None:
    assert refusals(status=status) == (("status", "status SUPERSEDED cannot be recorded"),)


@pytest.mark.parametrize(
    ("field", "canonical", "longest"),
    [
        ("environment_name", "environment.name", 512),
        ("deployment_name", "slot.name", 512),
        ("artifact_name", "artifact.name", 4096),
        ("artifact_version", "artifact.version", 4096),
    ],
)
def test_a_text_beyond_its_limit_is_refused_under_its_wire_name(
    field: str, canonical: str, longest: int
) -> None:
    parse(**{field: "x" * longest})
    with pytest.raises(Invalid) as caught:
        parse(**{field: "x" * (longest + 1)})
    assert caught.value.field == canonical
    body: Any = dialect.render_error(caught.value, DOCUMENTED).body
    limit = f"value length must be at most {longest} characters"
    assert body["message"] == f"validation error: {field}: {limit}"


RECORD = a_record(
    artifact=Artifact(
        id=UUID(int=60),
        kind=ArtifactKind.CONTAINER_IMAGE,
        name="ghcr.io/acme/shop",
        version="1.0",
        digests={"sha256": A},
    )
)


def test_a_record_is_spelled_in_the_documented_order() -> None:
    assert dialect.render(RECORD, DOCUMENTED) == {
        "id": str(RECORD.id),
        "environment_id": str(UUID(int=50)),
        "environment_name": "production",
        "artifact_id": str(UUID(int=60)),
        "artifact": {
            "kind": "CONTAINER_IMAGE",
            "name": "ghcr.io/acme/shop",
            "digest": f"sha256:{A}",
            "version": "1.0",
        },
        "status": "DEPLOYED",
        "deployment_name": "shop",
        "last_seen_at": "2026-01-02T03:04:05.678901Z",
        "created_at": "2026-01-02T03:04:05.678901Z",
        "updated_at": "2026-01-02T03:04:05.678901Z",
    }


def test_the_observed_keys_are_the_documented_ones_in_camel_case() -> None:
    documented, observed = dialect.render(RECORD, DOCUMENTED), dialect.render(RECORD, OBSERVED)
    assert list(observed) == [to_camel(key) for key in documented]
    assert list(observed.values()) == list(documented.values())


def test_updated_at_is_the_later_of_the_last_change_and_the_end() -> None:
    ended = replace(RECORD, ended_at=THEN + timedelta(seconds=5))
    changed = replace(ended, updated_at=THEN + timedelta(seconds=9))
    shown = [dialect.render(r, DOCUMENTED)["updated_at"] for r in (RECORD, ended, changed)]
    assert [text[17:19] for text in shown] == ["05", "10", "14"]


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [
        (0, "2026-01-02T03:04:05Z"),
        (120_000, "2026-01-02T03:04:05.120Z"),
        (123_456, "2026-01-02T03:04:05.123456Z"),
        (1, "2026-01-02T03:04:05.000001Z"),
    ],
)
def test_a_time_has_as_many_digits_as_it_needs(microsecond: int, text: str) -> None:
    assert timestamp(datetime(2026, 1, 2, 3, 4, 5, microsecond, UTC)) == text
    east = timezone(timedelta(hours=2))
    assert timestamp(datetime(2026, 1, 2, 5, 4, 5, microsecond, east)) == text


@pytest.mark.parametrize(
    ("artifact", "source", "shown"),
    [
        (Artifact(), Source(commit=COMMIT, ref="main"),
         ("ARTIFACT_KIND_UNSPECIFIED", "acme/shop", f"gitCommit:{COMMIT}", "main")),
        (Artifact(version="3"), Source(commit="v1.0", ref="main"),
         ("ARTIFACT_KIND_UNSPECIFIED", "acme/shop", "", "3")),
        (Artifact(digests={"sha512": "e" * 128}), Source(),
         ("ARTIFACT_KIND_UNSPECIFIED", "acme/shop", f"sha512:{'e' * 128}", "")),
        (Artifact(digests={"sha1": COMMIT, "sha256": A}), Source(commit=COMMIT),
         ("ARTIFACT_KIND_UNSPECIFIED", "acme/shop", f"sha256:{A}", "")),
    ],
)  # fmt: skip
def test_what_another_dialect_left_unsaid_has_its_stand_in(
    artifact: Artifact, source: Source, shown: tuple[str, ...]
) -> None:
    record = a_record(artifact=artifact, source=source)
    body = dialect.render(record, DOCUMENTED)
    assert tuple(body["artifact"][key] for key in ("kind", "name", "digest", "version")) == shown
    assert body["artifact_id"] == ""
    absent = {"artifact.kind", "artifact.name"}
    assert absent <= set(dialect.fidelity(record).stand_ins)


def test_what_is_not_lost_is_not_reported() -> None:
    report = dialect.fidelity(RECORD)
    assert report.losses == ("project.path", "finished_at", "actor")
    assert report.stand_ins == ()


def test_the_status_of_what_was_never_delivered_is_named_a_stand_in() -> None:
    failed = replace(RECORD, state=State.FAILED, presence=Presence.NONE)
    assert dialect.render(failed, DOCUMENTED)["status"] == "DEPLOYMENT_STATUS_UNSPECIFIED"
    report = dialect.fidelity(failed)
    assert report.stand_ins == ("status",)
    assert report.losses == ("project.path", "state", "finished_at", "actor")


def test_every_canonical_word_has_a_wire_word_and_back() -> None:
    assert set(STATUS_OUT) == set(Presence)
    assert set(KIND_OUT) == {None, *ArtifactKind}
    assert {KIND_OUT[KIND_IN[kind]] for kind in Kind} == set(Kind.__members__)


def test_model_schema_and_ledger_have_the_same_fields() -> None:
    ledger = dialect.ledger
    asked = ledger.request.keys()
    assert asked == set(Request.model_fields)
    assert asked == set(_properties("create"))
    shown = set(ledger.givers()) | set(ledger.response)
    bare = dialect.render(RECORD, DOCUMENTED)
    flat = {k for k in bare if k != "artifact"} | {f"artifact.{k}" for k in bare["artifact"]}
    assert shown == flat
    assert set(_properties("record")) == set(bare)


def test_the_status_tells_of_presence_and_state() -> None:
    assert dialect.ledger.shown()["state"] == dialect.ledger.shown()["presence"] == "status"
    assert "state" not in dialect.fidelity(RECORD).losses


def _properties(name: str) -> Mapping[str, Any]:
    schema = validator(dialect, name).schema
    assert isinstance(schema, Mapping)
    properties: Mapping[str, Any] = schema["properties"]
    return properties
