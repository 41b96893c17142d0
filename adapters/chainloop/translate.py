"""Chainloop's messages to commands, and records to Chainloop's deployment records. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic.alias_generators import to_camel

from adapters.chainloop import protojson
from adapters.chainloop.options import Options
from adapters.chainloop.wire import ArtifactKind as Kind
from adapters.chainloop.wire import DeploymentStatus as Status
from adapters.chainloop.wire import RecordDeployment as RecordRequest
from gateway.core import digests
from gateway.core.commands import EnvironmentName, OnNew, RecordDeployment
from gateway.core.errors import Invalid, Several
from gateway.core.model import Artifact, ArtifactKind, Presence, Record, Source, State
from gateway.dialect.frame import Frame, Owner, Wire
from gateway.dialect.ledger import Derived, Ledger, Shown, To, Words
from gateway.dialect.moments import microseconds, milliseconds, seconds

BUSINESS = "business"
"""The reason of an ``Invalid`` that the service's own code refuses, not its field rules."""

KIND_IN: Mapping[int, ArtifactKind | None] = {
    Kind.ARTIFACT_KIND_UNSPECIFIED: None,
    Kind.CONTAINER_IMAGE: ArtifactKind.CONTAINER_IMAGE,
    Kind.HELM_CHART: ArtifactKind.HELM_CHART,
}
KIND_OUT: Mapping[ArtifactKind | None, str] = {
    kind: Kind(number).name for number, kind in KIND_IN.items()
}

STATUS_OUT: Mapping[Presence, str] = {
    # Chainloop has no word for a delivery that has not arrived, or failed to.
    Presence.NONE: Status.DEPLOYMENT_STATUS_UNSPECIFIED.name,
    Presence.LIVE: Status.DEPLOYED.name,
    Presence.SUPERSEDED: Status.SUPERSEDED.name,
    Presence.DECOMMISSIONED: Status.DECOMMISSIONED.name,
}
STATUSES = frozenset(Status)
PRESENCE_IN: Mapping[int, Presence] = {
    Status.DEPLOYED: Presence.LIVE,
    Status.SUPERSEDED: Presence.SUPERSEDED,
    Status.DECOMMISSIONED: Presence.DECOMMISSIONED,
}


def to_command(body: object, _owner: Owner, _frame: Frame) -> RecordDeployment:
    """A command from a decoded body. Raises ``BadBody``, ``Invalid`` and ``Several``."""
    return from_message(RecordRequest.model_validate(protojson.read_value(RecordRequest, body)))


def from_message(request: RecordRequest) -> RecordDeployment:
    """A command from what body and query say together. Raises ``Invalid`` and ``Several``."""
    refuse(tuple(_problems(request)))
    named, commit = _digest_in(request.artifact_digest)
    return RecordDeployment(
        environment=EnvironmentName(request.environment_name, OnNew.IF_AUTO_CREATE),
        deployment_name=request.deployment_name,
        artifact=Artifact(
            kind=KIND_IN[request.kind],
            name=request.artifact_name or None,
            version=request.artifact_version or None,
            digests=named,
        ),
        source=Source(commit=commit),
        is_decommission=request.status == Status.DECOMMISSIONED,
    )


def refuse(problems: Sequence[Invalid]) -> None:
    """Raise ``Several``, or the one problem there is; nothing without problems."""
    if problems:
        raise Several(tuple(problems)) if len(problems) > 1 else problems[0]


def _problems(request: RecordRequest) -> Iterator[Invalid]:
    """What the field rules refuse, in the order of the fields."""
    if not request.environment_name:
        yield Invalid(field="environment_name", reason="required")
    if not request.artifact_digest:
        yield Invalid(field="artifact_digest", reason="required")
    if request.kind not in KIND_IN:
        yield Invalid(field="kind", reason="unknown", value=request.kind)
    if request.status not in STATUSES:
        yield Invalid(field="status", reason="unknown", value=request.status)
    if request.status == Status.SUPERSEDED:
        # Superseded is what the next deployment makes of this one; nobody says it.
        yield refusal("status", "status SUPERSEDED cannot be recorded")


def _digest_in(text: str) -> tuple[Mapping[str, str], str | None]:
    """(digests, commit) of ``sha256:<hex>`` or ``gitCommit:<hex>``. Raises ``Invalid``.

    The texts are those of go-containerregistry's hash parser, which Chainloop uses.
    """
    algorithm, _, hexadecimal = text.partition(":")
    if not algorithm or not hexadecimal:
        raise refusal("artifact_digest", f"cannot parse hash: {_quoted(text)}")
    strange = hexadecimal.lstrip("0123456789abcdef")
    if strange:
        raise refusal("artifact_digest", f"found non-hex character in hash: {strange[0]}")
    if algorithm == digests.GIT_COMMIT and digests.is_git_commit(hexadecimal):
        return {}, hexadecimal
    if algorithm not in {"sha256", digests.GIT_COMMIT}:
        raise refusal("artifact_digest", f"unsupported hash: {_quoted(algorithm)}")
    if not digests.is_digest(algorithm, hexadecimal):
        detail = f"wrong number of hex digits for {algorithm}: {hexadecimal}"
        raise refusal("artifact_digest", detail)
    return {algorithm: hexadecimal}, None


def refusal(field: str, detail: str) -> Invalid:
    """What the service's own code refuses, in its own sentence."""
    return Invalid(field=field, reason=BUSINESS, detail=detail)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def from_record(record: Record, frame: Frame) -> Wire:
    """A deployment record; what is unset has its zero value, as proto3 JSON emits it."""
    artifact, source = record.artifact, record.source
    body = {
        "id": str(record.id),
        "environment_id": str(record.environment.id),
        "environment_name": record.environment.name,
        "artifact_id": str(artifact.id) if artifact.id else "",
        "artifact": {
            "kind": KIND_OUT[artifact.kind],
            "name": artifact.name or record.project.path,
            "digest": digests.spelled(artifact.digests, source.commit) or "",
            "version": artifact.version or source.ref or "",
        },
        "status": STATUS_OUT[record.presence],
        "deployment_name": record.slot.name,
        "last_seen_at": timestamp(record.last_seen_at),
        "created_at": timestamp(record.created_at),
        "updated_at": timestamp(max(record.updated_at, record.ended_at or record.updated_at)),
    }
    return spelled(body, frame.options)


def spelled(body: Wire, options: Options) -> Wire:
    """A message with its keys, nested ones too, in the profile's spelling."""
    if not options.is_camel_case:
        return body
    return {to_camel(key): _spelled(value, options) for key, value in body.items()}


def spelled_place(place: str, options: Options) -> str:
    """A dotted place in the profile's spelling."""
    if not options.is_camel_case:
        return place
    return ".".join(to_camel(step) for step in place.split("."))


def _spelled(value: Any, options: Options) -> Any:
    return spelled(value, options) if isinstance(value, dict) else value


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with a fraction of 0, 3 or 6 digits, as few as the moment needs."""
    if moment.microsecond % 1000:
        return microseconds(moment)
    return milliseconds(moment) if moment.microsecond else seconds(moment)


def _digests_out(named: Mapping[str, str]) -> str | None:
    return digests.spelled(named, None)


def _digests_in(text: str) -> Mapping[str, str]:
    return _digest_in(text)[0]


def _status(said: str | int) -> Presence | None:
    return _READ.get(Status(said).name if isinstance(said, int) else said)


def _kind(said: str | int) -> ArtifactKind | None:
    return KIND_IN.get(said) if isinstance(said, int) else _KIND_OF.get(said)


_READ: Mapping[str, Presence] = {
    **{status: presence for presence, status in STATUS_OUT.items()},
    Status.DEPLOYMENT_STATUS_UNSPECIFIED.name: Presence.LIVE,  # as a command, unset means DEPLOYED
}
_KIND_OF = {name: kind for kind, name in KIND_OUT.items()}
_IN_FULL = {word: State.SUCCESS for presence, word in STATUS_OUT.items() if presence != "none"}
"""Whatever has a status was delivered; of a delivery without one nothing is known."""

LEDGER = Ledger(
    model=RecordRequest,
    request={
        "environment_name": To("environment.name", read="environment_name"),
        "artifact_digest": To(
            "artifact.digests",
            read="artifact.digest",
            take=_digests_in,
            give=_digests_out,
            stand_in="gitCommit: and the commit",
            loses=digests.are_several,
            or_else=("source.commit",),
            or_tells={"source.commit": digests.is_git_commit},
            note="gitCommit:<hex> is read as the commit",
        ),
        "kind": To(
            "artifact.kind",
            read="artifact.kind",
            take=_kind,
            give=Words(KIND_OUT),
            stand_in="ARTIFACT_KIND_UNSPECIFIED",
        ),
        "artifact_name": To("artifact.name", read="artifact.name", stand_in="the project's path"),
        "artifact_version": To("artifact.version", read="artifact.version", stand_in="the ref"),
        "status": To(
            "presence",
            read="status",
            take=_status,
            give=Words(STATUS_OUT),
            stand_in="DEPLOYMENT_STATUS_UNSPECIFIED",
            note="SUPERSEDED is refused; whatever has a status was delivered",
            also={"state": _IN_FULL},
        ),
        "deployment_name": To("slot.name", read="deployment_name", note="may be empty"),
    },
    response={
        "last_seen_at": Shown("last_seen_at", give=timestamp),
        "created_at": Shown("created_at", give=timestamp),
        "updated_at": Derived("the later of the record's last change and its end in the slot"),
        "id": Derived("the record's id"),
        "environment_id": Derived("the environment's id in the org"),
        "artifact_id": Derived("the artifact's id in the org; empty without a digest"),
    },
)
