"""Canonical records of any legal shape: all states and presences, absent facts, odd texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

from gateway.conformance.imagined import ORG
from gateway.core import placing
from gateway.core.digests import HEX_LENGTHS
from gateway.core.limits import MAX_NUMBER
from gateway.core.model import (
    Artifact,
    ArtifactKind,
    Delivery,
    Environment,
    Presence,
    Project,
    ProjectEnvironment,
    ProjectRule,
    Record,
    Runtime,
    Slot,
    Source,
    State,
    User,
)

DIALECTS = ("canonical", "chainloop", "github", "gitlab", "iftrue")
_RISKS = ("critical-resource", "internet-exposed", "lateral-movement", "sensitive-data", "other")

characters = st.characters(codec="utf-8", exclude_characters="\0")
odd_texts = st.text(characters, min_size=1, max_size=30)
plain_texts = st.from_regex(r"[a-z][a-z0-9._-]{0,11}", fullmatch=True)
texts = plain_texts | odd_texts
maybe = st.none() | texts
ordinary_moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
moments = ordinary_moments | st.datetimes(timezones=st.just(UTC))
numbers = st.integers(1, 2**31) | st.integers(1, MAX_NUMBER)


def hexes(length: int) -> st.SearchStrategy[str]:
    """Lower-case hex of a length."""
    return st.integers(0, 16**length - 1).map(lambda number: f"{number:0{length}x}")


digests = st.fixed_dictionaries(
    {}, optional={name: hexes(length) for name, length in HEX_LENGTHS.items()}
) | st.fixed_dictionaries({"sha256": hexes(64)})
commits = hexes(40) | hexes(64) | texts
artifacts = st.builds(
    Artifact,
    id=st.none() | st.uuids(),
    kind=st.none() | st.sampled_from(ArtifactKind),
    name=maybe,
    version=maybe,
    digests=digests,
)
sources = st.builds(Source, commit=st.none() | commits, ref=maybe, is_tag=st.none() | st.booleans())
seconds = st.decimals(-(2**40), 2**40, places=3) | st.integers(-MAX_NUMBER, MAX_NUMBER).map(Decimal)
flags = st.none() | st.booleans()
deliveries = st.builds(
    Delivery,
    title=maybe,
    changelog=maybe,
    url=maybe,
    duration_seconds=st.none() | seconds,
    is_fix=flags,
    is_hotfix=flags,
    is_forced=flags,
    commits_count=st.none() | st.integers(-MAX_NUMBER, MAX_NUMBER),
    pull_request_number=st.none() | st.integers(-MAX_NUMBER, MAX_NUMBER),
    node_id=maybe,
)
runtimes = st.builds(
    Runtime,
    risks=st.lists(st.sampled_from(_RISKS) | texts, max_size=5).map(tuple),
    tags=st.dictionaries(texts, st.just("") | texts, max_size=5),
    attestation_id=st.none() | numbers,
)
users = st.builds(
    User,
    id=st.uuids(),
    number=numbers,
    username=texts,
    name=texts,
    external_id=maybe,
    created_at=moments,
)
kept = st.dictionaries(
    st.sampled_from(DIALECTS), st.dictionaries(texts, texts, max_size=2), max_size=3
)
_SITUATIONS = [
    *((State.SUCCESS, presence) for presence in Presence if presence is not Presence.NONE),
    *((state, Presence.NONE) for state in State if state is not State.SUCCESS),
]


@st.composite
def _environments(draw: st.DrawFn) -> Environment:
    parts = draw(texts), draw(maybe), draw(maybe)
    name = placing.joined_name(*parts)
    return Environment(
        id=draw(st.uuids()),
        logical=parts[0],
        physical=parts[1],
        cluster=parts[2],
        name=name,
        tier=placing.guess_tier(name),
        kind=draw(st.sampled_from((None, "kubernetes", "ecs", "server", "lambda", "custom"))),
        created_at=draw(moments),
        updated_at=draw(moments),
        description=draw(maybe),
    )


@st.composite
def _places(draw: st.DrawFn, environment: Environment) -> ProjectEnvironment:
    return ProjectEnvironment(
        number=draw(numbers),
        slug=placing.slug(environment.name),
        state=draw(st.sampled_from(("available", "stopping", "stopped"))),
        tier=environment.tier,
        external_url=draw(st.none() | plain_texts.map(lambda text: f"https://{text}.example")),
        description=draw(maybe),
        created_at=draw(moments),
        updated_at=draw(moments),
    )


@st.composite
def whole_records(draw: st.DrawFn) -> Record:
    """A record of any shape the core can hold, whoever wrote it."""
    state, presence = draw(st.sampled_from(_SITUATIONS))
    record_id, environment = draw(st.uuids()), draw(_environments())
    is_current = presence is not Presence.NONE and draw(st.booleans())
    source, artifact = draw(sources), draw(artifacts)
    if not artifact.digests and source.commit is None:
        source = replace(source, commit=draw(commits))
    return Record(
        id=record_id,
        number=draw(numbers),
        project_number=draw(numbers),
        org=ORG,
        project=Project(
            draw(st.uuids()), draw(numbers), f"{ORG.name}/{draw(plain_texts)}", draw(moments)
        ),
        project_rule=draw(st.sampled_from(ProjectRule)),
        slot=Slot(
            id=draw(st.uuids()),
            number=draw(numbers),
            name=draw(st.just("") | texts),
            created_at=draw(moments),
            current=record_id if is_current else None,
        ),
        environment=environment,
        project_environment=draw(_places(environment)),
        artifact=artifact,
        source=source,
        state=state,
        presence=presence,
        superseded_by=draw(st.uuids()) if presence is Presence.SUPERSEDED else None,
        created_at=draw(moments),
        updated_at=draw(moments),
        started_at=draw(st.none() | moments),
        finished_at=draw(st.none() | moments),
        last_seen_at=draw(moments),
        ended_at=draw(st.none() | moments),
        actor=draw(users),
        delivery=draw(deliveries),
        runtime=draw(runtimes),
        origin=draw(st.sampled_from(DIALECTS)),
        kept=draw(kept),
    )
