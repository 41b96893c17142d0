"""GitHub's artifact deployment records into the core's words, and back.

What GitHub calls a record is what a slot shows: its id and first moment are the slot's, and an
update puts another canonical record behind the same id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapters.github.wire import CreateDeployment, Deployment, read_create
from gateway.core import digests
from gateway.core.commands import EnvironmentParts, ProjectPath, RecordDeployment
from gateway.core.model import Artifact, Presence, Record, Runtime, Source
from gateway.dialect.frame import Frame, Owner, Wire
from gateway.dialect.ledger import Derived, Ignored, Ledger, Shown, To
from gateway.dialect.moments import seconds

STATUS_IN: Mapping[str, Presence] = {
    "deployed": Presence.LIVE,
    "decommissioned": Presence.DECOMMISSIONED,
}
"""GitHub takes a status and never shows one."""

RISKS = ("critical-resource", "internet-exposed", "lateral-movement", "sensitive-data")
"""All the runtime risks GitHub has a word for; its clients refuse any other."""

SHOWN = frozenset(STATUS_IN.values())
"""A deployment under way, or one that failed, is no record yet."""


def parse(body: object, _owner: Owner, _frame: Frame) -> RecordDeployment:
    """A create body as a command. Raises ``GatewayError`` alone."""
    return to_command(read_create(body))


def to_command(said: CreateDeployment) -> RecordDeployment:
    """What a valid create body asks for."""
    parts = (said.logical_environment, said.physical_environment, said.cluster)
    return deployment_command(said, environment(*parts))


def environment(logical: str, physical: str | None, cluster: str | None) -> EnvironmentParts:
    """A place by GitHub's three parts; an empty one is none."""
    return EnvironmentParts(logical, physical or None, cluster or None)


def deployment_command(said: Deployment, place: EnvironmentParts) -> RecordDeployment:
    """What one valid deployment asks for in a place."""
    is_decommission = STATUS_IN[said.status] is Presence.DECOMMISSIONED
    return RecordDeployment(
        environment=place,
        artifact=Artifact(
            name=said.name, version=said.version or None, digests=artifact_digests(said.digest)
        ),
        source=Source(),
        is_decommission=is_decommission,
        project=None if said.github_repository is None else ProjectPath(said.github_repository),
        deployment_name=said.deployment_name,
        runtime=_said_whole(said) if not is_decommission else _said(said),
    )


def from_record(record: Record, frame: Frame) -> Wire:
    """What a record's slot shows, in the order of GitHub's schema."""
    environment, runtime = record.environment, record.runtime
    created_at = seconds(record.slot.created_at)
    return {
        "id": record.slot.number,
        "digest": digests.spelled(record.artifact.digests, record.source.commit) or "",
        "logical_environment": environment.logical,
        "physical_environment": environment.physical or "",
        "cluster": environment.cluster or "",
        "deployment_name": record.slot.name,
        "tags": dict(runtime.tags or {}),
        "runtime_risks": known_risks(runtime.risks or ()),
        **({"created": created_at} if frame.options.has_created else {}),
        "created_at": created_at,
        "updated_at": seconds(max(record.updated_at, record.last_seen_at)),
        "attestation_id": runtime.attestation_id,
    }


def from_records(records: Iterable[Record], frame: Frame) -> Wire:
    """A whole list, by ascending id."""
    ordered = sorted(records, key=lambda record: record.slot.number)
    return {
        "total_count": len(ordered),
        "deployment_records": [from_record(record, frame) for record in ordered],
    }


def shows(record: Record) -> bool:
    """Whether GitHub has this record: the one its slot shows, deployed or decommissioned."""
    return record.is_current and record.presence in SHOWN


def artifact_digests(text: str) -> Mapping[str, str]:
    """``sha256:<hex>`` as algorithm and hex."""
    algorithm, _, value = text.partition(":")
    return {algorithm: value}


def known_risks(risks: Iterable[str]) -> list[str]:
    """The risks that GitHub has a word for, each once, in the order said."""
    return [risk for risk in dict.fromkeys(risks) if risk in RISKS]


def _said_whole(said: Deployment) -> Runtime:
    """Tags and risks as a deployed post replaces them: unsaid is none.

    GitHub's own client leaves empty ones out and could not clear them otherwise.
    """
    return Runtime(risks=tuple(said.runtime_risks or ()), tags=said.tags or {})


def _said(said: Deployment) -> Runtime:
    """As a decommissioned post leaves them: unsaid clears nothing."""
    risks = said.runtime_risks
    return Runtime(risks=None if risks is None else tuple(risks), tags=said.tags)


def _or_empty(text: str | None) -> str:
    return text or ""


LEDGER = Ledger(
    model=CreateDeployment,
    request={
        "name": To("artifact.name", note="GitHub never sends it back"),
        "digest": To(
            "artifact.digests",
            read="digest",
            take=artifact_digests,
            give=lambda held: digests.spelled(held, None) or "",
            stand_in="gitCommit:<hex> of the commit, else an empty text",
            loses=digests.are_several,
            or_tells={"source.commit": digests.is_git_commit},
            note="sha256 in; of several the first of sha256, sha384, sha512, sha1 out",
        ),
        "version": To("artifact.version", note="GitHub never sends it back"),
        "status": To("presence", take=STATUS_IN.get, note="GitHub never sends it back"),
        "logical_environment": To("environment.logical", read="logical_environment"),
        "physical_environment": To(
            "environment.physical", read="physical_environment", give=_or_empty
        ),
        "cluster": To("environment.cluster", read="cluster", give=_or_empty),
        "deployment_name": To("slot.name", read="deployment_name"),
        "tags": To("runtime.tags", read="tags", give=dict),
        "runtime_risks": To(
            "runtime.risks",
            read="runtime_risks",
            take=tuple,
            give=known_risks,
            loses=lambda held: known_risks(held) != list(held),
            note="GitHub has a word for four; of others it shows nothing",
        ),
        "github_repository": To(
            "project.path", note="the name without the org; GitHub never sends it back"
        ),
        "return_records": Ignored("says how much of the answer to send"),
    },
    response={
        "id": Derived("the slot's number"),
        "created": Derived("as created_at", differs_by="has_created"),
        "created_at": Derived("when the slot was first used"),
        "updated_at": Derived("the later of updated_at and last_seen_at"),
        "attestation_id": Shown("runtime.attestation_id"),
    },
)
