"""GitLab's deployment from and to the canonical record. Pure.

Source: https://docs.gitlab.com/ee/api/deployments.html, checked 2026-11-20.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from adapters.gitlab.wire import CreateDeployment, flag_of, validated
from gateway.core.commands import (
    EnvironmentName,
    OnNew,
    ProjectChoice,
    ProjectNumber,
    ProjectPath,
    RecordDeployment,
)
from gateway.core.digests import preferred
from gateway.core.errors import Invalid, NotFound
from gateway.core.limits import MAX_KEY, MAX_NUMBER
from gateway.core.model import Artifact, Record, Source, State, User
from gateway.dialect.frame import Frame, Owner, Wire
from gateway.dialect.ledger import Addressed, Derived, Ledger, Shown, To, Words
from gateway.dialect.moments import milliseconds

STATE_OUT: Mapping[State, str] = {
    State.CREATED: "created",
    State.BLOCKED: "blocked",
    State.RUNNING: "running",
    State.SUCCESS: "success",  # live, superseded or decommissioned: GitLab has no word for it
    State.FAILED: "failed",
    State.CANCELED: "canceled",
    State.SKIPPED: "skipped",
}
STATE_IN: Mapping[str, State] = {word: state for state, word in STATE_OUT.items()}

EVENTS: Mapping[State, str] = {
    State.RUNNING: "run",
    State.SUCCESS: "succeed",
    State.FAILED: "drop",
    State.CANCELED: "cancel",
}
"""What GitLab calls the move into a status, as its refusals name it."""

MAX_ENVIRONMENT = 255
_ENVIRONMENT = re.compile(r"[A-Za-z0-9_/${}. -]+", re.ASCII)
_NUMBER = re.compile(r"-?\d+", re.ASCII)
_LEADING_NUMBER = re.compile(r"\s*([+-]?\d{1,19})(?!\d)", re.ASCII)
_NO_COMMIT = "0" * 40


def project_choice(said: str) -> ProjectChoice:
    """The project that ``:id`` names: all digits are its number, else a path with a slash.

    Raises ``NotFound`` for what can be neither.
    """
    if _NUMBER.fullmatch(said):
        number = int(said) if len(said) <= len(str(MAX_NUMBER)) else 0
        return ProjectNumber(number if abs(number) <= MAX_NUMBER else 0)
    if "/" not in said or not all(said.split("/")):
        raise NotFound("project", said)
    return ProjectPath(said)


def leading_number(said: str) -> int:
    """The record number that a path segment begins with; 0, which no record has, for none.

    An update looks its deployment up by whatever number the text begins with: ``12abc`` is 12.
    """
    match = _LEADING_NUMBER.match(said)
    return known_number(int(match[1])) if match else 0


def known_number(number: int) -> int:
    """The number, or 0 for one beyond what a record can have."""
    return number if 0 < number <= MAX_NUMBER else 0


def environment_problems(name: str) -> list[str]:
    """What GitLab finds wrong with a new environment's name, in its words."""
    problems = []
    if len(name) > MAX_ENVIRONMENT:
        problems.append(f"is too long (maximum is {MAX_ENVIRONMENT} characters)")
    if not _ENVIRONMENT.fullmatch(name) or name.startswith("/") or name.endswith("/"):
        problems.append(
            "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, "
            "but it cannot start or end with '/'"
        )
    return problems


def parse(body: object, owner: Owner, _frame: Frame) -> RecordDeployment:
    """The command in a create body. Raises ``GatewayError`` for any other JSON value."""
    said = body if isinstance(body, dict) else {}
    return to_command(validated(CreateDeployment, said), project_choice(owner.project or ""))


def to_command(said: CreateDeployment, project: ProjectChoice) -> RecordDeployment:
    """The command in the parameters of a create. Raises ``Invalid``."""
    return RecordDeployment(
        environment=_environment(said.environment),
        artifact=Artifact(),
        source=Source(commit=said.sha, ref=said.ref, is_tag=said.tag),
        state=STATE_IN[said.status],
        project=project,
    )


def _environment(name: str) -> EnvironmentName:
    """A name that GitLab would refuse is still found where another dialect made it.

    GitLab makes a new one before it asks whether the caller may deploy to it.
    """
    problems = environment_problems(name)
    if len(name) > MAX_KEY:
        raise Invalid(field="environment", reason="unmakeable", value=name)
    return EnvironmentName(name, on_new=OnNew.REFUSE if problems else OnNew.MAKE_FIRST)


def from_record(record: Record, frame: Frame) -> Wire:
    """A deployment as the calls about one of them show it, before anybody has said a word of it.

    Approvals are not facts of the record: ``places.approved`` adds them.
    """
    return {
        **deployment(record, frame),
        "pending_approval_count": 0,
        "approvals": [],
        "approval_summary": {"rules": []},
    }


def deployment(record: Record, frame: Frame) -> Wire:
    """A deployment as a list shows it."""
    return {
        "id": record.number,
        "iid": record.project_number,
        "ref": _ref(record),
        "sha": _sha(record),
        "created_at": milliseconds(record.created_at),
        "updated_at": milliseconds(record.updated_at),
        "user": user(record.actor, frame),
        "environment": _environment_basic(record),
        "deployable": None,
        "status": STATE_OUT[record.state],
    }


def user(who: User, frame: Frame) -> Wire:
    """The short form of a user."""
    return {
        "id": who.number,
        "username": who.username,
        "public_email": None,
        "name": who.name,
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{frame.base_url}/{quote(who.username, safe='')}",
    }


def _environment_basic(record: Record) -> Wire:
    here = record.project_environment
    return {
        "id": here.number,
        "name": record.environment.name,
        "slug": here.slug,
        "external_url": here.external_url,
        "created_at": milliseconds(here.created_at),
        "updated_at": milliseconds(here.updated_at),
    }


def _sha(record: Record) -> str:
    if record.source.commit is not None:
        return record.source.commit
    shown = preferred(record.artifact.digests)
    return shown[1] if shown is not None else _NO_COMMIT


def _ref(record: Record) -> str:
    known = record.source.ref or record.artifact.version or record.artifact.name
    return known or record.environment.name


LEDGER = Ledger(
    model=CreateDeployment,
    by_hand=frozenset({"id"}),
    request={
        "id": Addressed("project.path", note="in the path, by number or by encoded path"),
        "environment": To("environment.name", read="environment.name"),
        "sha": To(
            "source.commit",
            read="sha",
            stand_in="the hex of the artifact's digest",
            note="as written: there is no git repository behind the gateway",
        ),
        "ref": To(
            "source.ref",
            read="ref",
            stand_in="the artifact's version, else its name, else the environment's name",
        ),
        "tag": To("source.is_tag", take=flag_of, note="GitLab stores it and never sends it back"),
        "status": To(
            "state",
            read="status",
            take=Words(STATE_IN),
            give=Words(STATE_OUT),
            note="a success is live until another takes its slot",
        ),
    },
    response={
        "id": Derived("the record's number"),
        "iid": Derived("the record's number in its project"),
        "created_at": Shown("created_at", give=milliseconds),
        "updated_at": Shown("updated_at", give=milliseconds),
        "user.id": Derived("the user's number"),
        "user.username": Shown("actor.username"),
        "user.public_email": Derived("always null: users have no e-mail address here"),
        "user.name": Shown("actor.name"),
        "user.state": Derived("always active"),
        "user.locked": Derived("always false"),
        "user.avatar_url": Derived("always null: users have no picture here"),
        "user.web_url": Derived("the gateway's address and the username"),
        "environment.id": Derived("the number of the environment in its project"),
        "environment.slug": Derived("computed from the environment's name"),
        "environment.external_url": Shown("environment.external_url"),
        "environment.created_at": Derived("when the project first used the environment"),
        "environment.updated_at": Derived("when the environment last changed for the project"),
        "deployable": Derived("always null: no CI job stands behind a recorded deployment"),
        "pending_approval_count": Derived(
            "how many approvals the rules of a protected environment miss"
        ),
        "approvals": Derived("what was said of the deployment, which is no fact of the record"),
        "approval_summary.rules": Derived("the rules of the protected environment"),
    },
)
