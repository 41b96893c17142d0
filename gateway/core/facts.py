"""How facts said anew meet the facts a record holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import TypeVar

from gateway.core.commands import RecordDeployment
from gateway.core.model import Artifact, Delivery, Record, Runtime, Source, User

Facts = TypeVar("Facts", Artifact, Delivery, Runtime, Source)


def said_over(known: Facts, said: Facts) -> Facts:
    """``known`` with each fact that ``said`` holds; an unsaid one clears nothing."""
    said_facts = {
        f.name: getattr(said, f.name) for f in fields(said) if getattr(said, f.name) is not None
    }
    return replace(known, **said_facts)


def artifact_said_over(known: Artifact, said: Artifact) -> Artifact:
    """As ``said_over``; digests are added to those known, a known id stays."""
    merged = said_over(known, replace(said, id=None))
    return replace(merged, digests={**known.digests, **said.digests})


def kept_over(
    known: Mapping[str, Mapping[str, object]], said: Mapping[str, Mapping[str, object]]
) -> Mapping[str, Mapping[str, object]]:
    """What each dialect alone can say, with what is said now laid over it."""
    return {**known, **{name: {**known.get(name, {}), **facts} for name, facts in said.items()}}


def restate(
    record: Record, command: RecordDeployment, actor: User | None, moment: datetime
) -> Record:
    """The record said again: ``last_seen_at`` moves, ``updated_at`` only if a fact changed.

    Neither moves back: what is said late of an earlier moment was still said of this record.

    ``actor`` is who deployed where the command names somebody, else ``None``. An artifact of which
    something new is said has no id: whose its digests are is to be found out again.
    """
    artifact = artifact_said_over(record.artifact, command.artifact)
    known = replace(
        record,
        artifact=artifact if artifact == record.artifact else replace(artifact, id=None),
        source=said_over(record.source, command.source),
        delivery=said_over(record.delivery, command.delivery),
        runtime=said_over(record.runtime, command.runtime),
        actor=actor or record.actor,
        kept=kept_over(record.kept, command.kept),
    )
    return replace(
        known,
        last_seen_at=max(record.last_seen_at, moment),
        updated_at=record.updated_at if known == record else max(record.updated_at, moment),
    )
