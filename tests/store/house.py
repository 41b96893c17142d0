"""Records for tests of the store, written without the use cases: every fact at will."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import uuid_utils.compat as uuid_utils

from gateway.core.events import EventKind
from gateway.core.members import ROOT
from gateway.core.model import (
    Artifact,
    Delivery,
    Org,
    Presence,
    Project,
    ProjectRule,
    Record,
    Runtime,
    Source,
    State,
    User,
)
from gateway.core.places import Place, PlaceSearch
from gateway.core.search import Scope, Search
from gateway.ports import Reading, Store, Transaction
from gateway.ports_records import Happening

START = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """A moment of the tests, some minutes after their first."""
    return START + timedelta(minutes=minutes)


def sha256(letter: str) -> Mapping[str, str]:
    """A digest made of one hexadecimal digit."""
    return {"sha256": letter * 64}


def image(letter: str, **facts: Any) -> Artifact:
    """An artifact with such a digest."""
    return Artifact(digests=sha256(letter), **facts)


@dataclass(frozen=True, slots=True)
class House:
    """An org on a store."""

    store: Store
    org: Org

    @property
    def scope(self) -> Scope:
        """All of the org."""
        return Scope(self.org.id)

    async def add(self, **facts: Any) -> Record:
        """A record with these facts, in a transaction of its own."""
        async with self.store.writing() as tx:
            return await add(tx, self.org, **facts)

    async def numbers(self, scope: Scope | None = None, **filters: Any) -> list[int]:
        """The project numbers of the records that a search finds."""
        async with self.store.reading() as reading:
            found = await reading.search(scope or self.scope, Search(**filters), None)
        return [record.project_number for record in found.records]


async def opened_house(store: Store, name: str = "acme", *aliases: str) -> House:
    """A new org on the store."""
    async with store.writing() as tx:
        return House(store, await tx.make_org(name, aliases, START))


async def add(
    tx: Transaction,
    org: Org,
    *,
    project: str = "shop",
    environment: str = "production",
    slot: str = "shop",
    artifact: Artifact = image("a"),  # noqa: B008 (frozen)
    source: Source = Source(),  # noqa: B008 (frozen)
    state: State = State.SUCCESS,
    presence: Presence = Presence.NONE,
    created_at: datetime = START,
    actor: User = ROOT,
    delivery: Delivery = Delivery(),  # noqa: B008 (frozen)
    runtime: Runtime = Runtime(risks=(), tags={}),  # noqa: B008 (frozen)
    **facts: Any,
) -> Record:
    """A record with these facts; places are found or made. A live one supersedes the former."""
    found = await tx.environment_named(org.id, environment) or await tx.make_environment(
        org.id,
        logical=environment,
        physical=None,
        cluster=None,
        name=environment,
        tier="other",
        now=START,
    )
    locked = await tx.lock_slot(org.id, found.id, slot, START)
    owner = await tx.make_project(org, f"{org.name}/{project}", START)
    in_project = await tx.project_environment(org.id, owner, found, START)
    live = await tx.live_record(org.id, locked.id)
    if presence is Presence.LIVE and live is not None:
        await tx.save(replace(live, presence=Presence.SUPERSEDED, ended_at=created_at))
    known = await tx.artifact(org.id, artifact, created_at)
    number, project_number = await tx.next_numbers(org.id, owner.id)
    record = Record(
        id=uuid_utils.uuid7(),
        number=number,
        project_number=project_number,
        org=org,
        project=owner,
        project_rule=ProjectRule.NAMED,
        slot=locked,
        environment=found,
        project_environment=in_project,
        artifact=known,
        source=source,
        state=state,
        presence=presence,
        created_at=created_at,
        actor=actor,
        delivery=delivery,
        runtime=runtime,
        **{
            "superseded_by": None,
            "updated_at": created_at,
            "started_at": None,
            "finished_at": None,
            "last_seen_at": created_at,
            "ended_at": None,
            "origin": "gitlab",
            "kept": {},
            **facts,
        },
    )
    await tx.insert(record)
    return replace(record, slot=await tx.refresh_slot(org.id, locked.id))


def happening(record: Record, **facts: Any) -> Happening:
    """An event about a record."""
    return Happening(
        **{
            "kind": EventKind.RECORDED,
            "record": record,
            "occurred_at": START,
            "recorded_at": START,
            "dialect": "gitlab",
            "actor": ROOT,
            "raw": b"{}",
            **facts,
        }
    )


async def places_of(
    reading: Reading, scope: Scope, project: Project, **said: Any
) -> tuple[Place, ...]:
    """A project's environments as the store finds them."""
    return (await reading.places(scope, project.id, PlaceSearch(**said))).places
