"""What is done with every field of a record and of the request that makes one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.canonical import wire
from adapters.canonical.translate import rfc3339
from gateway.core import digests
from gateway.dialect.ledger import Addressed, Derived, Ledger, Shown, To
from gateway.dialect.numbers import decimal_of, number_of


def _both(path: str, **how: Any) -> To:
    return To(path, read=path, **how)


def _bare(said: Mapping[str, str]) -> Mapping[str, str]:
    return {name: text for name, text in said.items() if name != digests.GIT_COMMIT}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


_DELIVERY = (
    *("title", "changelog", "url", "node_id"),
    *("is_fix", "is_hotfix", "is_forced"),
    *("commits_count", "pull_request_number"),
)

LEDGER = Ledger(
    model=wire.RecordBody,
    # An environment may be a name, too.
    by_hand=frozenset({"environment"}),
    request={
        "org": Addressed("org", "the token's org where unsaid"),
        "project": To("project.path", read="project.path"),
        "environment": To("environment.name", read="environment.name"),
        "environment.logical": _both("environment.logical"),
        "environment.physical": _both("environment.physical"),
        "environment.cluster": _both("environment.cluster"),
        "deployment_name": To("slot.name", read="slot.name"),
        "artifact.kind": _both("artifact.kind"),
        "artifact.name": _both("artifact.name"),
        "artifact.version": _both("artifact.version"),
        "artifact.digests": _both(
            "artifact.digests",
            take=_bare,
            or_else=("source.commit",),
            note="gitCommit among them is the commit",
        ),
        "source.commit": _both("source.commit"),
        "source.ref": _both("source.ref"),
        "source.is_tag": _both("source.is_tag"),
        "state": _both("state"),
        "presence": _both("presence"),
        "occurred_at": To("created_at", read="created_at", take=_moment, give=rfc3339),
        "actor.username": _both("actor.username"),
        "actor.external_id": _both("actor.external_id"),
        "actor.name": To("actor.name", read="actor.name", note="of a user made by this request"),
        **{f"delivery.{name}": _both(f"delivery.{name}") for name in _DELIVERY},
        "delivery.duration_seconds": _both(
            "delivery.duration_seconds", take=decimal_of, give=number_of
        ),
        "runtime.risks": _both("runtime.risks", give=list, take=tuple),
        "runtime.tags": _both("runtime.tags"),
        "runtime.attestation_id": _both("runtime.attestation_id"),
    },
    response={
        "updated_at": Shown("updated_at", give=rfc3339),
        "started_at": Shown("started_at", give=rfc3339),
        "finished_at": Shown("finished_at", give=rfc3339),
        "last_seen_at": Shown("last_seen_at", give=rfc3339),
        "ended_at": Shown("ended_at", give=rfc3339),
        "id": Derived("the record's id"),
        "number": Derived("the record's number in the gateway"),
        "project_number": Derived("the record's number in its project"),
        "org": Derived("the org's name"),
        "project.id": Derived("the project's id"),
        "project.number": Derived("the project's number"),
        "project.rule": Derived("which rule chose the project"),
        "environment.id": Derived("the environment's id"),
        "environment.tier": Derived("guessed from the environment's name"),
        "slot.id": Derived("the slot's id"),
        "slot.number": Derived("the slot's number"),
        "artifact.id": Derived("the artifact's id; null without a digest"),
        "superseded_by": Derived("the record that took the slot"),
        "actor.id": Derived("the user's id"),
        "actor.number": Derived("the user's number"),
        "origin": Derived("the dialect that created the record"),
        "kept": Derived("what only one dialect can say, by dialect"),
    },
)
