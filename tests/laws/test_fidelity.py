"""What a word or a place does not tell of a record is named as lost, record by record."""

from __future__ import annotations

import pytest

from adapters.chainloop import dialect as chainloop
from adapters.github import dialect as github
from adapters.gitlab import dialect as gitlab
from adapters.iftrue import dialect as iftrue
from gateway.core.fidelity import FACTS
from gateway.core.model import Artifact, Presence, Record, Runtime, Source, State
from gateway.dialect import Dialect
from gateway.dialect.http import FIDELITY_HEADER
from gateway.registry import installed
from tests.core.build import a_record
from tests.world import World

SHA256, SHA1 = "a" * 64, "b" * 40


def in_state(state: State) -> Record:
    """A record of this state, live when it is a success."""
    presence = Presence.LIVE if state is State.SUCCESS else Presence.NONE
    return a_record(state=state, presence=presence)


@pytest.mark.parametrize("state", State)
def test_chainloop_tells_the_state_of_what_was_delivered_alone(state: State) -> None:
    lost = "state" in chainloop.fidelity(in_state(state)).losses
    assert lost is (state is not State.SUCCESS)


@pytest.mark.parametrize("presence", [p for p in Presence if p is not Presence.NONE])
def test_chainloop_tells_what_became_of_a_success(presence: Presence) -> None:
    losses = chainloop.fidelity(a_record(presence=presence)).losses
    assert not {"state", "presence"} & set(losses)


@pytest.mark.parametrize("state", State)
def test_iftrue_tells_the_three_states_that_its_words_mean(state: State) -> None:
    lost = "state" in iftrue.fidelity(in_state(state)).losses
    assert lost is (state not in {State.SUCCESS, State.RUNNING, State.FAILED})


@pytest.mark.parametrize("state", State)
def test_gitlab_tells_every_state(state: State) -> None:
    assert "state" not in gitlab.fidelity(in_state(state)).losses


@pytest.mark.parametrize("dialect", [chainloop, github], ids=lambda dialect: dialect.name)
def test_a_place_for_one_digest_loses_the_others(dialect: Dialect) -> None:
    one = a_record(artifact=Artifact(digests={"sha256": SHA256}))
    several = a_record(artifact=Artifact(digests={"sha256": SHA256, "sha1": SHA1}))
    assert "artifact.digests" not in dialect.fidelity(one).losses
    assert "artifact.digests" in dialect.fidelity(several).losses


@pytest.mark.parametrize("dialect", [chainloop, github], ids=lambda dialect: dialect.name)
def test_a_commit_that_stands_in_for_a_digest_is_not_lost(dialect: Dialect) -> None:
    bare, digested = Artifact(), Artifact(digests={"sha256": SHA256})
    full, short = Source(commit=SHA1), Source(commit=SHA1[:7])
    assert "commit" not in dialect.fidelity(a_record(artifact=bare, source=full)).losses
    assert "commit" in dialect.fidelity(a_record(artifact=bare, source=short)).losses
    assert "commit" in dialect.fidelity(a_record(artifact=digested, source=full)).losses


def test_github_loses_a_risk_that_it_has_no_word_for() -> None:
    known = a_record(runtime=Runtime(("sensitive-data",), {}))
    other = a_record(runtime=Runtime(("sensitive-data", "root-user"), {}))
    assert "runtime.risks" in FACTS
    assert "risks" not in github.fidelity(known).losses
    assert "risks" in github.fidelity(other).losses


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("presence", Presence)
def test_the_gateways_own_api_loses_nothing(state: State, presence: Presence) -> None:
    record = a_record(state=state, presence=presence)
    assert installed()["canonical"].fidelity(record).is_lossless


async def test_the_header_of_an_answer_is_the_report_of_its_record(world: World) -> None:
    headers = {"authorization": f"Bearer {await world.token()}"}
    body = {"project": "acme/shop", "environment": "production", "state": "canceled"}
    said = {**body, "source": {"commit": SHA1}}
    made = await world.client.post("/gateway/v1/records", json=said, headers=headers)
    assert FIDELITY_HEADER not in made.headers, "nothing is lost"
    (record,) = await world.held()
    for dialect in (gitlab, iftrue):
        path = dialect.lookup.path(record)
        assert path is not None
        answer = await world.client.get(path, headers=headers)
        assert answer.headers[FIDELITY_HEADER] == dialect.fidelity(record).header()
        there = f"/gateway/v1/records/{record.id}/views/{dialect.name}"
        view = await world.client.get(there, headers=headers)
        assert view.headers[FIDELITY_HEADER] == dialect.fidelity(record).header()
    assert "state" in iftrue.fidelity(record).losses
