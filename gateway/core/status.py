"""States, legal moves, and what a command does to a slot.

``plan`` and its kin are pure: they get what the slot holds and answer with the records to insert
and to change, each change with the kind of event that it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gateway.core.commands import RecordDeployment
from gateway.core.errors import IllegalMove, Undeletable
from gateway.core.events import EventKind
from gateway.core.facts import restate
from gateway.core.model import Artifact, Presence, Record, Source, State, User

FINISHED = frozenset({State.SUCCESS, State.FAILED, State.CANCELED})
"""States whose entry is a finish."""

_ASIDE = frozenset({EventKind.SUPERSEDED, EventKind.REVIVED})
_MAY_START = frozenset({State.CREATED, State.BLOCKED})


@dataclass(frozen=True, slots=True)
class Situation:
    """What a slot holds, as far as one command needs to know.

    ``live`` occupies it. ``same`` is the newest record of the command's artifact that ever occupied
    it. ``fallback`` is the newest success that was superseded, to return when the live one leaves.
    ``actor`` is who deployed, where the command names somebody; ``project`` the one it names.
    """

    live: Record | None = None
    same: Record | None = None
    fallback: Record | None = None
    actor: User | None = None
    project: UUID | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be made: what the plan decides of it; the command holds the facts."""

    id: UUID
    state: State
    presence: Presence
    moment: datetime
    started_at: datetime | None
    finished_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it is to be, and what happened to it."""

    kind: EventKind
    record: Record

    @property
    def is_aside(self) -> bool:
        """Whether it befell the record because of what was said of another one of its slot."""
        return self.kind in _ASIDE


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes come first, in order, then the new record."""

    changes: tuple[Change, ...] = ()
    draft: Draft | None = None


def subject(changes: Iterable[Change]) -> Record:
    """The record that was spoken of, as it is to be, in the changes of a plan without a draft."""
    return next(change.record for change in changes if not change.is_aside)


def is_same_artifact(one: Artifact, its: Source, other: Artifact, others: Source) -> bool:
    """A shared digest; or no digests on either side and the same commit, and ref where both say."""
    if one.digests or other.digests:
        return any(other.digests.get(name) == digits for name, digits in one.digests.items())
    if its.commit is None or its.commit != others.commit:
        return False
    return its.ref is None or others.ref is None or its.ref == others.ref


def says_again(live: Record, command: RecordDeployment) -> bool:
    """Whether the command is about the artifact that is live."""
    return is_same_artifact(live.artifact, live.source, command.artifact, command.source)


def plan(situation: Situation, command: RecordDeployment, moment: datetime, new_id: UUID) -> Plan:
    """What recording a deployment does to its slot."""
    if command.is_decommission:
        return _plan_decommission(situation, command, moment, new_id)
    if command.state is not State.SUCCESS:
        return Plan(draft=_draft(new_id, command.state, Presence.NONE, moment))
    live = situation.live
    if live is None:
        return Plan(draft=_draft(new_id, State.SUCCESS, Presence.LIVE, moment))
    is_elsewhere = situation.project not in {None, live.project.id}
    if not command.is_attempt and not is_elsewhere and says_again(live, command):
        restated = restate(live, command, situation.actor, moment)
        return Plan(changes=(Change(EventKind.RESTATED, restated),))
    return Plan(
        changes=(Change(EventKind.SUPERSEDED, _supersede(live, new_id, moment)),),
        draft=_draft(new_id, State.SUCCESS, Presence.LIVE, moment),
    )


def _plan_decommission(
    situation: Situation, command: RecordDeployment, moment: datetime, new_id: UUID
) -> Plan:
    live = situation.live
    target = live if live is not None and says_again(live, command) else situation.same
    if target is None:
        draft = _draft(new_id, State.SUCCESS, Presence.DECOMMISSIONED, moment)
        return Plan(draft=replace(draft, ended_at=moment))
    restated = restate(target, command, situation.actor, moment)
    if target.presence is Presence.DECOMMISSIONED:
        return Plan(changes=(Change(EventKind.RESTATED, restated),))
    ended = replace(
        restated,
        presence=Presence.DECOMMISSIONED,
        superseded_by=None,
        updated_at=max(restated.updated_at, moment),
        ended_at=_end(target, moment) if target.presence is Presence.LIVE else target.ended_at,
    )
    return Plan(changes=(Change(EventKind.DECOMMISSIONED, ended),))


def plan_attempt(
    record: Record, situation: Situation, command: RecordDeployment, moment: datetime
) -> Plan:
    """What saying an attempt again, by its node id, does: facts replaced, any state may follow."""
    restated = restate(record, command, situation.actor, moment)
    if record.state is command.state:
        return Plan(changes=(Change(EventKind.RESTATED, restated),))
    return plan_state(restated, command.state, situation, moment)


def check_move(before: State, after: State) -> None:
    """Raise ``IllegalMove``: a delivery neither repeats its state nor starts again."""
    if before is after or (after is State.RUNNING and before not in _MAY_START):
        raise IllegalMove(before, after)


def plan_state(record: Record, state: State, situation: Situation, moment: datetime) -> Plan:
    """What a change of a record's state does to its slot."""
    moved = replace(
        record,
        state=state,
        updated_at=max(record.updated_at, moment),
        last_seen_at=max(record.last_seen_at, moment),
        started_at=moment if state is State.RUNNING else record.started_at,
        finished_at=moment if state in FINISHED else record.finished_at,
    )
    if state is State.SUCCESS:
        return _enter(moved, situation.live, moment)
    if record.state is not State.SUCCESS:
        return Plan(changes=(Change(EventKind.STATE_CHANGED, moved),))
    gone = replace(moved, presence=Presence.NONE, superseded_by=None)
    if record.presence is not Presence.LIVE:
        return Plan(changes=(Change(EventKind.STATE_CHANGED, gone),))
    gone = replace(gone, ended_at=_end(record, moment))
    return Plan(changes=(Change(EventKind.STATE_CHANGED, gone), *_fall_back(situation)))


def plan_decommission(record: Record, moment: datetime) -> Plan:
    """What taking a live record out of its slot does."""
    ended = replace(
        record,
        presence=Presence.DECOMMISSIONED,
        updated_at=max(record.updated_at, moment),
        ended_at=_end(record, moment),
    )
    return Plan(changes=(Change(EventKind.DECOMMISSIONED, ended),))


def plan_removal(record: Record, situation: Situation, *, is_last_deployment: bool) -> Plan:
    """What removing a record does to the others of its slot.

    Raises ``Undeletable`` for a running record and for the last deployment of its project and
    environment. When a live record goes, the slot falls back as when its state leaves success.
    """
    if record.state is State.RUNNING:
        raise Undeletable("running")
    if is_last_deployment:
        raise Undeletable("last_deployment")
    if record.presence is Presence.LIVE:
        return Plan(changes=_fall_back(situation))
    return Plan()


def _enter(record: Record, live: Record | None, moment: datetime) -> Plan:
    entered = replace(record, presence=Presence.LIVE, superseded_by=None, ended_at=None)
    changed = Change(EventKind.STATE_CHANGED, entered)
    if live is None or live.id == record.id:
        return Plan(changes=(changed,))
    former = Change(EventKind.SUPERSEDED, _supersede(live, record.id, moment))
    return Plan(changes=(former, changed))


def _fall_back(situation: Situation) -> tuple[Change, ...]:
    former = situation.fallback
    if former is None:
        return ()
    back = replace(former, presence=Presence.LIVE, superseded_by=None, ended_at=None)
    return (Change(EventKind.REVIVED, back),)


def _supersede(live: Record, by: UUID, moment: datetime) -> Record:
    ended_at = _end(live, moment)
    return replace(live, presence=Presence.SUPERSEDED, superseded_by=by, ended_at=ended_at)


def _end(live: Record, moment: datetime) -> datetime:
    """When it leaves its slot: never before it began, however late that is told."""
    return max(live.created_at, moment)


def _draft(new_id: UUID, state: State, presence: Presence, moment: datetime) -> Draft:
    return Draft(
        id=new_id,
        state=state,
        presence=presence,
        moment=moment,
        started_at=moment if state is State.RUNNING else None,
        finished_at=moment if state in FINISHED else None,
        ended_at=None,
    )
