"""Values come back as they were written, from both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy.exc import StatementError

from gateway.core.errors import BadText, Crashed
from gateway.core.model import (
    Artifact,
    ArtifactKind,
    Delivery,
    Presence,
    Record,
    Runtime,
    Source,
    State,
)
from tests.store.house import START, House, at, image

FULL = {
    "artifact": Artifact(
        kind=ArtifactKind.CONTAINER_IMAGE,
        name="ghcr.io/acme/shop",
        version="1.2.3",
        digests={"sha512": "b" * 128, "sha256": "a" * 64},
    ),
    "source": Source(commit="c" * 40, ref="main", is_tag=False),
    "state": State.FAILED,
    "presence": Presence.DECOMMISSIONED,
    "superseded_by": None,
    "created_at": at(0),
    "updated_at": at(1),
    "started_at": at(2),
    "finished_at": at(3),
    "last_seen_at": at(4),
    "ended_at": at(5),
    "delivery": Delivery(
        title="Ship it",
        changelog="* süß\n* 🚀",
        url="https://ci.example/1",
        duration_seconds=Decimal("12.3450"),
        is_fix=True,
        is_hotfix=False,
        is_forced=None,
        commits_count=0,
        pull_request_number=2**62,
        node_id="MDQ6",
    ),
    "runtime": Runtime(
        risks=("internet-exposed", "critical"),
        tags={"zebra": "1", "ant": "2", "": ""},
        attestation_id=7,
    ),
    "origin": "iftrue",
    "kept": {"gitlab": {"note": None, "numbers": [1, 2.5], "deep": {"b": 1, "a": True}}},
}


async def read(house: House, record: Record) -> Record:
    async with house.store.reading() as reading:
        found = await reading.record(house.scope, record.id)
    assert found is not None
    return found


async def test_a_record_reads_back_whole(house: House) -> None:
    made = await house.add(**FULL)
    assert await read(house, made) == made


async def test_a_record_of_which_little_is_known_reads_back_whole(house: House) -> None:
    made = await house.add(artifact=Artifact(), source=Source(commit="c"), slot="")
    found = await read(house, made)
    assert found == made
    assert found.artifact == Artifact()
    assert found.delivery == Delivery()


async def test_what_is_saved_of_a_record_reads_back(house: House) -> None:
    made = await house.add(artifact=image("a"))
    changed = replace(
        made,
        **{name: value for name, value in FULL.items() if name not in {"created_at", "origin"}},
    )
    async with house.store.writing() as tx:
        known = await tx.artifact(house.org.id, changed.artifact, START)
        changed = replace(changed, artifact=known)
        await tx.save(changed)
        await tx.refresh_slot(house.org.id, made.slot.id)
    found = await read(house, made)
    assert replace(found, slot=made.slot) == changed


async def test_maps_keep_the_order_in_which_they_were_said(house: House) -> None:
    found = await read(house, await house.add(**FULL))
    assert list(found.runtime.tags or {}) == ["zebra", "ant", ""]
    assert list(found.artifact.digests) == ["sha512", "sha256"]
    assert list(found.kept["gitlab"]["deep"]) == ["b", "a"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 11, 20, 17, 30, 0, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
async def test_moments_keep_microseconds_and_are_aware_and_utc(
    house: House, moment: datetime
) -> None:
    found = await read(house, await house.add(created_at=moment, finished_at=moment))
    assert found.created_at == found.finished_at == moment
    assert found.created_at.utcoffset() == timedelta(0)
    assert found.created_at.tzinfo is UTC


async def test_a_moment_said_in_another_zone_reads_back_in_utc(house: House) -> None:
    said = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    found = await read(house, await house.add(created_at=said))
    assert found.created_at.isoformat() == "2026-07-01T06:30:00+00:00"


async def test_a_naive_moment_is_refused(house: House) -> None:
    with pytest.raises(Crashed) as refused:
        await house.add(created_at=datetime(2026, 1, 1))  # noqa: DTZ001 (the point)
    assert isinstance(refused.value.__cause__, StatementError)


@pytest.mark.parametrize(
    "number", ["0", "0.1", "1.50", "1E+3", "-0.000001", "123456789012345678901234567890.123456789"]
)
async def test_decimals_are_exact(house: House, number: str) -> None:
    made = await house.add(delivery=Delivery(duration_seconds=Decimal(number)))
    assert str((await read(house, made)).delivery.duration_seconds) == number


async def test_text_that_no_database_holds_is_bad_text(house: House) -> None:
    with pytest.raises(BadText):
        await house.add(delivery=Delivery(title="\ud800"))
    with pytest.raises(BadText):
        await house.numbers(ref="\ud800")
    assert await house.numbers() == []
