"""What nearly every request asks, on either database: as it is after the question."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
import uuid_utils.compat as uuid_utils

from gateway.core.members import ROOT, Held
from gateway.core.model import Delivery, Record
from gateway.core.protection import Approval, Owner, Protection, Verdict
from gateway.store import SqlStore, open_store
from tests.store.house import START, House, at
from tests.store.test_directory import a_token


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[SqlStore]:
    """Another gateway's store on the same database."""
    opened = open_store(database_url)
    yield opened
    await opened.close()


@pytest.fixture(params=["here", "elsewhere"])
def writer(request: pytest.FixtureRequest, house: House, elsewhere: SqlStore) -> SqlStore:
    """Who writes: the store that is asked, or another."""
    return elsewhere if request.param == "elsewhere" else house.store


async def test_a_token_is_found_as_it_is_now(house: House, writer: SqlStore) -> None:
    token = a_token(house, ROOT)
    held = Held(token, house.org, is_discussed=False)
    for _ in range(3):
        assert await house.store.held(house.org.id, token.id) is None
    async with writer.writing() as tx:
        await tx.make_token(token)
    for _ in range(3):
        assert await house.store.held(house.org.id, token.id) == held
    assert await house.store.held(UUID(int=7), token.id) is None
    async with writer.writing() as tx:
        await tx.revoke_token(house.org.id, token.id, at(1))
    for _ in range(3):
        revoked = replace(held, token=replace(token, revoked_at=at(1)))
        assert await house.store.held(house.org.id, token.id) == revoked
    async with writer.writing() as tx:
        org = await tx.add_alias(house.org, "other")
    assert await house.store.held(house.org.id, token.id) == replace(revoked, org=org)


async def test_a_record_is_found_as_it_is_now_though_its_times_are_the_same(
    house: House, writer: SqlStore
) -> None:
    record = await house.add()

    async def found() -> Record | None:
        return await house.store.numbered(house.org.id, record.number)

    for _ in range(3):
        assert await found() == record
    for title in ("one", "two"):
        changed = replace(record, delivery=Delivery(title=title))
        async with writer.writing() as tx:
            await tx.save(changed)
        for _ in range(3):
            assert await found() == changed
    async with writer.writing() as tx:
        await tx.remove(record)
    assert await found() is None


async def test_a_record_of_megabytes_is_found_as_any(house: House) -> None:
    record = await house.add(delivery=Delivery(changelog="x" * 2**20))
    for _ in range(3):
        assert await house.store.numbered(house.org.id, record.number) == record


async def test_approvals_are_looked_for_where_something_is_protected_or_was(
    house: House, writer: SqlStore
) -> None:
    async def is_discussed() -> bool:
        held = await house.store.held(house.org.id, token.id)
        assert held is not None
        assert held.is_discussed == await house.store.is_discussed(house.org.id)
        return held.is_discussed

    token = a_token(house, ROOT)
    async with writer.writing() as tx:
        await tx.make_token(token)
    record = await house.add()
    for _ in range(3):
        assert not await is_discussed()
    one = Protection(
        id=uuid_utils.uuid7(),
        owner=Owner.PROJECT,
        owner_id=record.project.id,
        name="production",
        grants=(),
        rules=(),
        created_at=START,
    )
    async with writer.writing() as tx:
        await tx.make_protection(house.org.id, one)
    for _ in range(3):
        assert await is_discussed()
        assert not await house.store.is_discussed(UUID(int=7))
    async with writer.writing() as tx:
        await tx.remove_protection(house.org.id, one)
    assert not await is_discussed()
    said = Approval(
        id=uuid_utils.uuid7(),
        record_id=record.id,
        rule_id=uuid_utils.uuid7(),
        user=ROOT,
        verdict=Verdict.APPROVED,
        comment=None,
        created_at=START,
    )
    async with writer.writing() as tx:
        await tx.save_approval(house.org.id, said)
    for _ in range(3):
        assert await is_discussed()
