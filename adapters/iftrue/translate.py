"""iftrue's request to a command, and records to iftrue's deployments. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from adapters.iftrue.options import OPTIONS
from adapters.iftrue.repository import bare, repository
from adapters.iftrue.wire import Deployment, Status, validated
from gateway.core import digests
from gateway.core.commands import ActorSaid, ProductionEnvironment, ProjectPath, RecordDeployment
from gateway.core.model import Artifact, Delivery, Record, Source, State
from gateway.dialect.frame import Frame, Owner, Wire
from gateway.dialect.ledger import Derived, Ledger, Shown, To, Words
from gateway.dialect.moments import milliseconds
from gateway.dialect.numbers import decimal_of, number_of

STATE_IN: Mapping[Status, State] = {
    Status.SUCCESS: State.SUCCESS,
    Status.IN_PROGRESS: State.RUNNING,
    Status.FAIL: State.FAILED,
}
STATE_OUT: Mapping[State, Status] = {
    State.CREATED: Status.IN_PROGRESS,
    State.BLOCKED: Status.IN_PROGRESS,
    State.RUNNING: Status.IN_PROGRESS,
    # iftrue has no word for what happened after a success.
    State.SUCCESS: Status.SUCCESS,
    State.FAILED: Status.FAIL,
    State.CANCELED: Status.FAIL,
    State.SKIPPED: Status.FAIL,
}


def to_command(body: object, _owner: Owner, frame: Frame) -> RecordDeployment:
    """A command from a decoded body. Raises ``Several`` and ``Invalid``."""
    said = validated(body)
    return RecordDeployment(
        is_attempt=True,
        project=ProjectPath(project_path(said.repository_url)),
        environment=ProductionEnvironment(),
        artifact=Artifact(),
        source=Source(commit=said.commit_id, ref=said.branch),
        state=STATE_IN[said.status or Status.SUCCESS],
        actor=ActorSaid(external_id=said.member_id),
        delivery=Delivery(
            title=said.title,
            changelog=said.changelog or None,
            url=bare(said.url or "") or None,
            duration_seconds=_seconds(said.deployment_duration, frame.options.duration_unit),
            is_fix=said.is_fix or False,
            is_hotfix=said.is_hotfix or False,
            is_forced=said.is_forced or False,
            commits_count=said.commits_count or 0,
            pull_request_number=said.pull_request_number,
            node_id=said.deployment_node_id or None,
        ),
    )


def project_path(url: str) -> str:
    """The path of a repository's URL, whichever way it is spelled; empty when it has none."""
    found = repository(url)
    return found.path if found else ""


def _seconds(duration: Decimal | None, unit: int) -> Decimal | None:
    return None if duration is None else duration * unit


def from_record(record: Record, _frame: Frame) -> Wire:
    """A deployment in the key order of iftrue's example, its two times last."""
    delivery = record.delivery
    return {
        "id": str(record.id),
        "triggered_by": "webhook",
        "title": delivery.title or _title(record),
        "changelog": delivery.changelog,
        "is_hotfix": bool(delivery.is_hotfix),
        "is_forced": bool(delivery.is_forced),
        "is_fix": bool(delivery.is_fix),
        "commits_count": delivery.commits_count or 0,
        "organization_id": str(record.org.id),
        "repository_id": str(record.project.id),
        "pusher_id": str(record.actor.id),
        "url": delivery.url,
        "branch": record.source.ref,
        "commit_id": _commit(record),
        "deployment_duration": number_of(delivery.duration_seconds),
        "node_id": delivery.node_id,
        "status": STATE_OUT[record.state].value,
        "created_at": milliseconds(record.created_at),
        "updated_at": milliseconds(record.updated_at),
    }


def _title(record: Record) -> str:
    what = record.artifact.version or record.source.ref
    name = f"{record.project.path} {what}" if what else record.project.path
    return f"{name} to {record.environment.name}"


def _commit(record: Record) -> str | None:
    digest = digests.preferred(record.artifact.digests)
    return record.source.commit or (digest[1] if digest else None)


def _from_minutes(minutes: float) -> Decimal | None:
    return _seconds(decimal_of(minutes), OPTIONS["documented"].duration_unit)


def _state(word: str) -> State:
    return STATE_IN[Status(word)]


LEDGER = Ledger(
    model=Deployment,
    request={
        "title": To(
            "delivery.title",
            read="title",
            stand_in="project, version or ref, and environment",
        ),
        "changelog": To("delivery.changelog", read="changelog"),
        "url": To(
            "delivery.url",
            read="url",
            take=bare,
            note="one pair of angle brackets around it is stripped",
        ),
        "branch": To("source.ref", read="branch"),
        "commit_id": To("source.commit", read="commit_id", stand_in="the hex of the digest"),
        "deployment_duration": To(
            "delivery.duration_seconds",
            read="deployment_duration",
            take=_from_minutes,
            give=number_of,
            note="minutes in, seconds out; the observed profile echoes",
            differs_by="duration_unit",
        ),
        "is_fix": To("delivery.is_fix", read="is_fix", give=bool),
        "is_hotfix": To("delivery.is_hotfix", read="is_hotfix", give=bool),
        "is_forced": To("delivery.is_forced", read="is_forced", give=bool),
        "commits_count": To("delivery.commits_count", read="commits_count", stand_in="0"),
        "repository_url": To(
            "project.path", take=project_path, note="comes back as repository_id, which is no path"
        ),
        "member_id": To(
            "actor.external_id", note="comes back as pusher_id, the gateway's id of that user"
        ),
        "pull_request_number": To("delivery.pull_request_number", note="never comes back"),
        "deployment_node_id": To("delivery.node_id", read="node_id"),
        "status": To("state", read="status", take=_state, give=Words(STATE_OUT)),
    },
    response={
        "created_at": Shown("created_at", give=milliseconds, note="cut to milliseconds"),
        "updated_at": Shown("updated_at", give=milliseconds, note="cut to milliseconds"),
        "id": Derived("the record's id"),
        "triggered_by": Derived("always webhook: records come over HTTP"),
        "organization_id": Derived("the org's id"),
        "repository_id": Derived("the project's id"),
        "pusher_id": Derived("the id of the user who deployed"),
    },
)
