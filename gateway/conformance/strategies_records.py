"""Canonical records of any legal shape: all states and presences, absent facts, odd texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

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
from gateway.core.places import AVAILABLE

_RISKS = ("critical-resource", "internet-exposed", "lateral-movement", "sensitive-data", "other")

_WORDS = ("a", "shop", "main", "v1.2.3", "prod", "x" * 40, "production:eu", "ghcr.io/acme/shop:1")
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)

characters = st.characters(codec="utf-8", exclude_characters="\0")
odd_texts = st.text(characters, min_size=1, max_size=30)
texts = st.sampled_from(_WORDS) | odd_texts
maybe = st.none() | texts
moments = st.integers(0, 10**15).map(lambda number: _EPOCH + timedelta(microseconds=number))
any_moments = moments | st.sampled_from((_FIRST, _LAST, _EPOCH))
numbers = st.integers(1, MAX_NUMBER)
flags = st.sampled_from((None, True, False))


def hexes(length: int) -> st.SearchStrategy[str]:
    """Lower-case hex of a length."""
    return st.integers(0, 16**length - 1).map(lambda number: f"{number:0{length}x}")


digests = st.fixed_dictionaries(
    {}, optional={name: hexes(length) for name, length in HEX_LENGTHS.items()}
) | st.fixed_dictionaries({"sha256": hexes(64)})
commits = hexes(40) | hexes(64) | texts
artifacts = st.builds(
    Artifact,
    id=st.sampled_from((None, UUID(int=60))),
    kind=st.none() | st.sampled_from(ArtifactKind),
    name=maybe,
    version=maybe,
    digests=digests,
)
sources = st.builds(Source, commit=st.none() | commits, ref=maybe, is_tag=flags)
seconds = st.decimals(-(2**40), 2**40, places=3) | st.integers(-MAX_NUMBER, MAX_NUMBER).map(Decimal)
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
    id=st.just(UUID(int=20)),
    number=numbers,
    username=texts,
    name=texts,
    external_id=maybe,
    created_at=any_moments,
)
_kept = st.dictionaries(texts, texts, max_size=2)
_SITUATIONS = [
    *((State.SUCCESS, presence) for presence in Presence if presence is not Presence.NONE),
    *((state, Presence.NONE) for state in State if state is not State.SUCCESS),
]


@st.composite
def _environments(draw: st.DrawFn) -> Environment:
    parts, moment = (draw(texts), draw(maybe), draw(maybe)), draw(any_moments)
    name = placing.joined_name(*parts)
    return Environment(
        id=UUID(int=40),
        logical=parts[0],
        physical=parts[1],
        cluster=parts[2],
        name=name,
        tier=placing.guess_tier(name),
        kind=draw(st.sampled_from((None, "kubernetes", "ecs", "server", "lambda", "custom"))),
        created_at=moment,
        updated_at=moment,
        description=draw(maybe),
    )


def _place(environment: Environment, external_url: str | None) -> ProjectEnvironment:
    return ProjectEnvironment(
        number=environment.created_at.year,
        slug=placing.slug(environment.name),
        state=AVAILABLE,
        tier=environment.tier,
        external_url=external_url,
        description=environment.description,
        created_at=environment.created_at,
        updated_at=environment.updated_at,
    )


@st.composite
def whole_records(draw: st.DrawFn, dialects: Sequence[str]) -> Record:
    """A record of any shape the core can hold, whoever of these wrote it."""
    state, presence = draw(st.sampled_from(_SITUATIONS))
    number, environment = draw(numbers), draw(_environments())
    is_current = presence is not Presence.NONE and draw(st.booleans())
    source, artifact = draw(sources), draw(artifacts)
    if not artifact.digests and source.commit is None:
        source = replace(source, commit=draw(commits))
    began, changed, ended = draw(any_moments), draw(moments), draw(moments)
    return Record(
        id=UUID(int=number),
        number=number,
        project_number=draw(st.integers(1, 2**31)),
        org=ORG,
        project=Project(UUID(int=50), number, f"{ORG.name}/{draw(_PATHS)}", began),
        project_rule=draw(st.sampled_from(ProjectRule)),
        slot=Slot(
            id=UUID(int=30),
            number=number,
            name=draw(st.just("") | texts),
            created_at=began,
            current=UUID(int=number) if is_current else None,
        ),
        environment=environment,
        project_environment=_place(environment, draw(_URLS)),
        artifact=artifact,
        source=source,
        state=state,
        presence=presence,
        superseded_by=UUID(int=number + 1) if presence is Presence.SUPERSEDED else None,
        created_at=began,
        updated_at=changed,
        started_at=draw(st.none() | moments),
        finished_at=draw(st.none() | any_moments),
        last_seen_at=draw(moments),
        ended_at=ended if draw(st.booleans()) else None,
        actor=draw(users),
        delivery=draw(deliveries),
        runtime=draw(runtimes),
        origin=draw(st.sampled_from(dialects)),
        kept=draw(st.dictionaries(st.sampled_from(dialects), _kept, max_size=len(dialects))),
    )


_PATHS = st.sampled_from(("shop", "team/shop", "unassigned", "Ünïcode"))
_URLS = st.sampled_from((None, "https://shop.example"))
