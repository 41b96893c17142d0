"""What a command does to a slot: the rows of the table that the gateway promises."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import IllegalMove, Invalid, Undeletable
from gateway.core.events import EventKind
from gateway.core.model import Artifact, Delivery, Presence, Runtime, Source, State
from gateway.core.status import (
    Situation,
    check_move,
    is_same_artifact,
    plan,
    plan_attempt,
    plan_decommission,
    plan_removal,
    plan_state,
    subject,
)
from tests.core.build import NOW, THEN, USER, A, B, a_command, a_record

NEW = UUID(int=9999)
UNFINISHED = [state for state in State if state is not State.SUCCESS]


def test_a_first_success_is_a_new_live_record() -> None:
    planned = plan(Situation(), a_command(), NOW, NEW)
    assert planned.changes == ()
    assert planned.draft is not None
    assert (planned.draft.state, planned.draft.presence) == (State.SUCCESS, Presence.LIVE)
    assert (planned.draft.moment, planned.draft.finished_at, planned.draft.ended_at) == (
        *(NOW, NOW),
        None,
    )


def test_the_same_artifact_again_moves_last_seen_and_nothing_else() -> None:
    live = a_record()
    planned = plan(Situation(live=live), a_command(), NOW, NEW)
    assert planned.draft is None
    (change,) = planned.changes
    assert change.kind is EventKind.RESTATED
    assert change.record == replace(live, last_seen_at=NOW)


def test_a_fact_said_anew_replaces_the_old_one_and_an_unsaid_one_clears_nothing() -> None:
    live = a_record(
        artifact=replace(A, name="shop", version="1"), source=Source(ref="main"), updated_at=THEN
    )
    said = a_command(replace(A, version="2"))
    (change,) = plan(Situation(live=live), said, NOW, NEW).changes
    assert change.record.artifact == replace(A, name="shop", version="2")
    assert change.record.source == Source(ref="main")
    assert (change.record.updated_at, change.record.last_seen_at) == (NOW, NOW)


def test_empty_tags_and_risks_that_are_said_replace_the_old_ones() -> None:
    live = a_record(runtime=Runtime(risks=("sensitive-data",), tags={"team": "a"}))
    said = a_command(runtime=Runtime(risks=(), tags={}))
    (change,) = plan(Situation(live=live), said, NOW, NEW).changes
    assert change.record.runtime == Runtime(risks=(), tags={})
    unsaid = a_command(runtime=Runtime())
    (change,) = plan(Situation(live=live), unsaid, NOW, NEW).changes
    assert change.record.runtime == live.runtime


def test_somebody_else_said_to_have_deployed_is_a_changed_fact() -> None:
    other = replace(USER, id=UUID(int=21), username="bob")
    (change,) = plan(Situation(live=a_record(), actor=other), a_command(), NOW, NEW).changes
    assert change.record.actor == other
    assert change.record.updated_at == NOW


def test_another_artifact_supersedes_the_live_one() -> None:
    live = a_record()
    planned = plan(Situation(live=live), a_command(B), NOW, NEW)
    (change,) = planned.changes
    assert change.kind is EventKind.SUPERSEDED
    assert change.record == replace(
        live, presence=Presence.SUPERSEDED, superseded_by=NEW, ended_at=NOW
    ), "supersession moves ended_at and no other time"
    assert planned.draft is not None
    assert planned.draft.presence is Presence.LIVE


def test_the_live_artifact_under_another_named_project_is_a_new_record() -> None:
    live = a_record()
    there = Situation(live=live, project=live.project.id)
    assert plan(there, a_command(), NOW, NEW).draft is None
    elsewhere = Situation(live=live, project=UUID(int=41))
    planned = plan(elsewhere, a_command(), NOW, NEW)
    assert [change.kind for change in planned.changes] == [EventKind.SUPERSEDED]
    assert planned.draft is not None
    gone = plan(elsewhere, a_command(is_decommission=True), NOW, NEW)
    assert [change.kind for change in gone.changes] == [EventKind.DECOMMISSIONED]


def test_what_is_told_late_moves_no_time_back() -> None:
    early = THEN.replace(year=2020)
    (again,) = plan(Situation(live=a_record()), a_command(replace(A, name="n")), early, NEW).changes
    assert (again.record.updated_at, again.record.last_seen_at) == (THEN, THEN)
    (ended,) = plan(Situation(live=a_record()), a_command(B), early, NEW).changes
    assert ended.record.ended_at == THEN
    gone = a_command(is_decommission=True)
    for plan_of in (
        plan(Situation(live=a_record()), gone, early, NEW),
        plan_decommission(a_record(), early),
        plan_state(a_record(), State.FAILED, Situation(live=a_record()), early),
    ):
        (left,) = plan_of.changes
        assert (left.record.updated_at, left.record.ended_at) == (THEN, THEN)
        assert left.record.last_seen_at == THEN
    (superseded,) = plan(
        Situation(same=a_record(presence=Presence.SUPERSEDED, ended_at=NOW)), gone, early, NEW
    ).changes
    assert (superseded.record.updated_at, superseded.record.ended_at) == (THEN, NOW)


def test_a_rollback_is_a_new_record() -> None:
    live, earlier = a_record(2, B), a_record(1, presence=Presence.SUPERSEDED)
    planned = plan(Situation(live=live, same=earlier), a_command(A), NOW, NEW)
    assert [change.record.id for change in planned.changes] == [live.id]
    assert planned.draft is not None


def test_an_attempt_of_the_live_artifact_is_a_new_record() -> None:
    planned = plan(Situation(live=a_record()), a_command(is_attempt=True), NOW, NEW)
    assert [change.kind for change in planned.changes] == [EventKind.SUPERSEDED]
    assert planned.draft is not None


def test_decommissioning_the_live_artifact_empties_the_slot() -> None:
    live = a_record()
    planned = plan(Situation(live=live), a_command(is_decommission=True), NOW, NEW)
    (change,) = planned.changes
    assert planned.draft is None
    assert change.kind is EventKind.DECOMMISSIONED
    assert change.record.presence is Presence.DECOMMISSIONED
    assert change.record.ended_at == NOW
    assert change.record.state is State.SUCCESS


def test_decommissioning_what_is_not_live_leaves_the_live_one() -> None:
    live = a_record(2, B)
    earlier = a_record(1, presence=Presence.SUPERSEDED, superseded_by=live.id, ended_at=THEN)
    situation = Situation(live=live, same=earlier)
    planned = plan(situation, a_command(A, is_decommission=True), NOW, NEW)
    (change,) = planned.changes
    assert change.record.id == earlier.id
    assert change.record.presence is Presence.DECOMMISSIONED
    assert change.record.ended_at == THEN, "it left its slot when it was superseded"


def test_decommissioning_what_was_never_seen_makes_a_decommissioned_record() -> None:
    live = a_record(2, B)
    planned = plan(Situation(live=live), a_command(A, is_decommission=True), NOW, NEW)
    assert planned.changes == ()
    assert planned.draft is not None
    assert planned.draft.presence is Presence.DECOMMISSIONED
    assert planned.draft.ended_at == NOW


def test_decommissioning_twice_changes_nothing_but_last_seen() -> None:
    gone = a_record(presence=Presence.DECOMMISSIONED, ended_at=THEN)
    (change,) = plan(Situation(same=gone), a_command(is_decommission=True), NOW, NEW).changes
    assert change.record == replace(gone, last_seen_at=NOW)


@pytest.mark.parametrize("state", UNFINISHED)
def test_a_delivery_that_is_no_success_leaves_the_live_record(state: State) -> None:
    planned = plan(Situation(live=a_record()), a_command(B, state=state), NOW, NEW)
    assert planned.changes == ()
    assert planned.draft is not None
    assert planned.draft.presence is Presence.NONE
    has_finished = state in {State.FAILED, State.CANCELED}
    assert planned.draft.finished_at == (NOW if has_finished else None)
    assert planned.draft.started_at == (NOW if state is State.RUNNING else None)


@pytest.mark.parametrize("state", UNFINISHED)
def test_a_record_whose_state_becomes_success_takes_the_slot(state: State) -> None:
    live, waiting = a_record(1), a_record(2, B, state=state, presence=Presence.NONE)
    planned = plan_state(waiting, State.SUCCESS, Situation(live=live), NOW)
    former, entered = planned.changes
    assert (former.kind, former.record.superseded_by) == (EventKind.SUPERSEDED, waiting.id)
    assert (entered.kind, entered.record.presence) == (EventKind.STATE_CHANGED, Presence.LIVE)
    assert (entered.record.finished_at, entered.record.updated_at) == (NOW, NOW)


def test_a_live_record_that_leaves_success_gives_the_slot_back() -> None:
    live = a_record(2, B)
    former = a_record(1, presence=Presence.SUPERSEDED, superseded_by=live.id, ended_at=THEN)
    left, back = plan_state(live, State.FAILED, Situation(live, fallback=former), NOW).changes
    assert (left.record.presence, left.record.ended_at) == (Presence.NONE, NOW)
    assert back.kind is EventKind.REVIVED
    assert back.record == replace(former, presence=Presence.LIVE, superseded_by=None, ended_at=None)


@pytest.mark.parametrize("state", [State.FAILED, State.RUNNING])
def test_an_attempt_that_leaves_the_slot_is_the_subject_and_not_what_returns(state: State) -> None:
    live = a_record(2, B, delivery=Delivery(node_id="n"))
    former = a_record(1, presence=Presence.SUPERSEDED, superseded_by=live.id, ended_at=THEN)
    said = a_command(B, state=state, is_attempt=True)
    planned = plan_attempt(live, Situation(live, fallback=former), said, NOW)
    about = subject(planned.changes)
    assert (about.id, about.state, about.presence) == (live.id, state, Presence.NONE)


def test_an_attempt_that_takes_the_slot_is_the_subject_and_not_what_it_supersedes() -> None:
    live, waiting = a_record(1), a_record(2, B, state=State.RUNNING, presence=Presence.NONE)
    planned = plan_attempt(waiting, Situation(live), a_command(B, is_attempt=True), NOW)
    assert subject(planned.changes).id == waiting.id


def test_a_superseded_record_that_leaves_success_moves_nothing_else() -> None:
    gone = a_record(1, presence=Presence.SUPERSEDED, superseded_by=NEW, ended_at=THEN)
    situation = Situation(live=a_record(2, B), fallback=a_record(3))
    (change,) = plan_state(gone, State.CANCELED, situation, NOW).changes
    assert (change.record.presence, change.record.superseded_by) == (Presence.NONE, None)
    assert change.record.ended_at == THEN


def test_an_attempt_said_again_takes_what_is_said_and_any_state() -> None:
    failed = a_record(state=State.FAILED, presence=Presence.NONE, delivery=Delivery(node_id="n"))
    said = a_command(state=State.RUNNING, is_attempt=True, delivery=Delivery(title="again"))
    (change,) = plan_attempt(failed, Situation(), said, NOW).changes
    assert change.record.state is State.RUNNING
    assert change.record.delivery == Delivery(title="again", node_id="n")
    assert change.record.finished_at == THEN, "a finish is not unsaid"


def test_an_attempt_said_again_in_the_same_state_changes_only_its_facts() -> None:
    gone = a_record(presence=Presence.SUPERSEDED, superseded_by=NEW)
    said = a_command(is_attempt=True, delivery=Delivery(title="again"))
    (change,) = plan_attempt(gone, Situation(live=a_record(2, B)), said, NOW).changes
    assert change.kind is EventKind.RESTATED
    assert change.record.presence is Presence.SUPERSEDED


LEGAL = {
    State.RUNNING: {State.CREATED, State.BLOCKED},
    State.SUCCESS: set(State) - {State.SUCCESS},
    State.FAILED: set(State) - {State.FAILED},
    State.CANCELED: set(State) - {State.CANCELED},
}


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", LEGAL)
def test_a_delivery_neither_repeats_its_state_nor_starts_again(before: State, after: State) -> None:
    if before in LEGAL[after]:
        check_move(before, after)
    else:
        with pytest.raises(IllegalMove):
            check_move(before, after)


def test_running_and_last_deployments_stay() -> None:
    with pytest.raises(Undeletable) as running:
        plan_removal(a_record(state=State.RUNNING), Situation(), is_last_deployment=False)
    assert running.value.reason == "running"
    with pytest.raises(Undeletable) as last:
        plan_removal(a_record(), Situation(), is_last_deployment=True)
    assert last.value.reason == "last_deployment"


def test_removing_a_live_record_gives_the_slot_back() -> None:
    live, former = a_record(2, B), a_record(1, presence=Presence.SUPERSEDED)
    situation = Situation(live, fallback=former)
    (change,) = plan_removal(live, situation, is_last_deployment=False).changes
    assert (change.kind, change.record.presence) == (EventKind.REVIVED, Presence.LIVE)
    assert plan_removal(former, situation, is_last_deployment=False).changes == ()


SAME = [
    (A, Source(), A, Source(commit="c"), True),
    (A, Source(), B, Source(), False),
    (Artifact(digests={**A.digests, "sha512": "c"}), Source(), A, Source(), True),
    (A, Source(commit="c"), Artifact(), Source(commit="c"), False),
    (Artifact(), Source(commit="c"), Artifact(), Source(commit="c"), True),
    (Artifact(), Source("c", "main"), Artifact(), Source("c"), True),
    (Artifact(), Source("c", "main"), Artifact(), Source("c", "dev"), False),
    (Artifact(), Source(), Artifact(), Source(), False),
]


@pytest.mark.parametrize(("one", "its", "other", "others", "same"), SAME)
def test_the_same_artifact_shares_a_digest_or_has_none_and_shares_a_commit(
    one: Artifact, its: Source, other: Artifact, others: Source, same: bool
) -> None:
    assert is_same_artifact(one, its, other, others) is same
    assert is_same_artifact(other, others, one, its) is same


def test_a_command_names_something_that_could_run() -> None:
    with pytest.raises(Invalid) as nothing:
        a_command(Artifact())
    assert nothing.value.field == "artifact.digests"
    with pytest.raises(Invalid) as nowhere:
        a_command(project=None)
    assert nowhere.value.field == "deployment_name"
    with pytest.raises(Invalid) as both:
        a_command(is_decommission=True, state=State.FAILED)
    assert both.value.field == "presence"
    with pytest.raises(Invalid) as long:
        a_command(source=Source(commit="c" * 513))
    assert (long.value.field, long.value.reason) == ("source.commit", "too_long")


states = st.sampled_from(State)
presences = st.sampled_from(Presence)


@given(states, presences, st.booleans(), st.booleans(), st.booleans())
def test_no_plan_leaves_two_live_records(
    state: State, presence: Presence, has_live: bool, again: bool, attempt: bool
) -> None:
    live = a_record(1) if has_live else None
    other = a_record(2, B, state=state, presence=presence)
    is_decommission = state is State.SUCCESS and not attempt and presence is Presence.NONE
    command = a_command(
        A if again else B, state=state, is_attempt=attempt, is_decommission=is_decommission
    )
    same = None if presence is Presence.LIVE else other
    planned = plan(Situation(live=live, same=same), command, NOW, NEW)
    occupying = {live.id} if live else set()
    for change in planned.changes:
        occupying.discard(change.record.id)
        if change.record.presence is Presence.LIVE:
            occupying.add(change.record.id)
    if planned.draft is not None and planned.draft.presence is Presence.LIVE:
        occupying.add(planned.draft.id)
    assert len(occupying) <= 1
