"""Orgs, users, tokens and groups."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
import uuid_utils.compat as uuid_utils

from gateway.core.context import Permission
from gateway.core.errors import Conflict
from gateway.core.members import ROOT, Token
from gateway.core.model import User
from gateway.core.search import Scope
from gateway.store import SqlStore
from tests.store.house import START, House, at, opened_house


async def someone(house: House, username: str, external_id: str | None = None) -> User:
    async with house.store.writing() as tx:
        return await tx.make_user(
            house.org.id, username=username, name=username, external_id=external_id, now=START
        )


async def test_an_org_is_found_by_name_and_alias_in_any_case(house: House) -> None:
    async with house.store.reading() as reading:
        for name in ("acme", "ACME", "acme-inc", "Acme-Inc"):
            assert await reading.org(name) == house.org
        assert await reading.org("acm") is None


async def test_names_keep_their_first_spelling(store: SqlStore) -> None:
    house = await opened_house(store, "Straße", "ÄCME")
    async with store.reading() as reading:
        found = await reading.org("STRASSE")
    assert found == house.org
    assert found.name == "Straße"
    assert found.aliases == ("ÄCME",)


async def test_an_alias_that_repeats_a_name_is_dropped(store: SqlStore) -> None:
    house = await opened_house(store, "acme", "ACME", "Inc", "inc")
    assert house.org.aliases == ("inc",)


@pytest.mark.parametrize("taken", ["ACME", "acme-INC"])
async def test_no_two_orgs_answer_to_one_name(house: House, taken: str) -> None:
    for name, aliases in ((taken, ()), ("umbrella", (taken,))):
        with pytest.raises(Conflict) as refused:
            await opened_house(house.store, name, *aliases)
        assert (refused.value.what, refused.value.name) == ("org", taken)
    async with house.store.reading() as reading:
        assert await reading.orgs() == (house.org,)


async def test_a_new_org_has_its_root_and_its_unassigned_project(house: House) -> None:
    async with house.store.reading() as reading:
        assert await reading.users(house.org.id) == (ROOT,)
        assert [p.path for p in await reading.projects(house.scope)] == ["acme/unassigned"]


async def test_orgs_are_listed_by_name(store: SqlStore) -> None:
    for name in ("b", "C", "a"):
        await opened_house(store, name)
    async with store.reading() as reading:
        orgs = await reading.orgs()
    assert [org.name for org in orgs] == ["a", "b", "C"]


async def test_an_alias_is_added_once_and_never_taken(house: House) -> None:
    umbrella = await opened_house(house.store, "umbrella")
    async with house.store.writing() as tx:
        named = await tx.add_alias(umbrella.org, "Corp")
        assert named.aliases == ("Corp",)
        assert await tx.add_alias(umbrella.org, "CORP") == named
        assert await tx.add_alias(named, "Umbrella") == named
    with pytest.raises(Conflict):
        async with house.store.writing() as tx:
            await tx.add_alias(umbrella.org, "Acme")
    async with house.store.reading() as reading:
        assert await reading.org("corp") == named


async def test_the_org_of_a_project_and_of_a_record_is_found(house: House) -> None:
    umbrella = await opened_house(house.store, "umbrella")
    record = await umbrella.add()
    async with house.store.reading() as reading:
        assert await reading.org_of_project(record.project.number) == umbrella.org
        assert await reading.org_of_record(record.id) == umbrella.org
        assert await reading.org_of_project(2**80) is None
        assert await reading.org_of_record(UUID(int=7)) is None


async def test_users_are_numbered_from_two_and_found_in_any_case(house: House) -> None:
    umbrella = await opened_house(house.store, "umbrella")
    ada, _ = await someone(house, "Ada", "u-1"), await someone(umbrella, "Bob")
    assert ada.number == 2
    async with house.store.reading() as reading:
        assert await reading.user(house.org.id, "ADA") == ada
        assert await reading.user(house.org.id, "bob") is None
        assert await reading.users(house.org.id) == (ROOT, ada)


@pytest.mark.parametrize(
    ("username", "external_id", "taken"),
    [("ADA", None, "ADA"), ("other", "u-1", "u-1"), ("Root", None, "Root")],
)
async def test_a_username_or_external_id_is_taken_once(
    house: House, username: str, external_id: str | None, taken: str
) -> None:
    await someone(house, "ada", "u-1")
    with pytest.raises(Conflict) as refused:
        await someone(house, username, external_id)
    assert (refused.value.what, refused.value.name) == ("user", taken)


async def test_a_user_said_by_external_id_is_made_once(house: House) -> None:
    async with house.store.writing() as tx:
        made = await tx.user_with_external_id(house.org.id, "u-9", name="Ada", now=START)
        again = await tx.user_with_external_id(house.org.id, "u-9", name=None, now=at(1))
    assert made == again
    assert (made.username, made.name, made.external_id) == ("u-9", "Ada", "u-9")


async def test_an_external_id_that_is_a_username_gets_a_suffix(house: House) -> None:
    await someone(house, "u-9")
    await someone(house, "u-9-2")
    async with house.store.writing() as tx:
        made = await tx.user_with_external_id(house.org.id, "u-9", name=None, now=START)
    assert (made.username, made.external_id) == ("u-9-3", "u-9")


async def test_a_user_said_by_name_is_made_once(house: House) -> None:
    async with house.store.writing() as tx:
        made = await tx.user_named(house.org.id, "Ada", now=START)
        assert await tx.user_named(house.org.id, "ada", now=at(1)) == made
    assert made.username == made.name == "Ada"


def a_token(house: House, user: User, *projects: UUID, is_limited: bool = False) -> Token:
    return Token(
        id=uuid_utils.uuid7(),
        org_id=house.org.id,
        name="ci",
        user=user,
        permission=Permission.WRITE,
        projects=frozenset(projects) if projects or is_limited else None,
        secret_hash=b"\x00\xff" * 16,
        jwt_hash=b"\x01" * 32,
        created_at=START,
        expires_at=at(5),
        revoked_at=None,
    )


async def test_tokens_read_back_whole_the_oldest_first(house: House) -> None:
    ada = await someone(house, "ada")
    kept = [
        a_token(house, ada),
        a_token(house, ada, UUID(int=1), UUID(int=2)),
        a_token(house, ROOT, is_limited=True),
    ]
    async with house.store.writing() as tx:
        for token in kept:
            await tx.make_token(token)
    async with house.store.reading() as reading:
        assert await reading.tokens(house.org.id) == tuple(kept)


async def test_a_token_is_revoked_once(house: House) -> None:
    token = a_token(house, ROOT)
    async with house.store.writing() as tx:
        await tx.make_token(token)
        assert not await tx.revoke_token(house.org.id, UUID(int=7), at(1))
        assert not await tx.revoke_token(UUID(int=7), token.id, at(1))
        assert await tx.revoke_token(house.org.id, token.id, at(1))
        assert await tx.revoke_token(house.org.id, token.id, at(2))
        assert await tx.tokens(house.org.id) == (replace(token, revoked_at=at(1)),)


async def test_groups_gather_users_by_number(house: House) -> None:
    ada, bob = await someone(house, "ada"), await someone(house, "bob")
    async with house.store.writing() as tx:
        owners = await tx.make_group(house.org.id, "Owners", [bob, ada, bob], START)
        empty = await tx.make_group(house.org.id, "nobody", [], START)
        assert owners.members == (ada, bob)
        assert empty.members == ()
        more = await tx.add_to_group(house.org.id, "OWNERS", ROOT)
        assert await tx.add_to_group(house.org.id, "owners", ada) == more
        assert await tx.add_to_group(house.org.id, "none", ada) is None
    assert more is not None
    assert more.members == (ROOT, ada, bob)
    async with house.store.reading() as reading:
        assert await reading.groups(house.org.id) == (more, empty)


async def test_a_group_name_is_taken_once(house: House) -> None:
    for name in ("owners", "OWNERS"):
        if name == "OWNERS":
            with pytest.raises(Conflict):
                await _make_group(house, name)
        else:
            await _make_group(house, name)


async def _make_group(house: House, name: str) -> None:
    async with house.store.writing() as tx:
        await tx.make_group(house.org.id, name, [], START)


async def test_a_scope_shows_only_its_projects(house: House) -> None:
    first, second = await house.add(project="a"), await house.add(project="b")
    only = Scope(house.org.id, frozenset({first.project.id}))
    async with house.store.reading() as reading:
        assert await reading.projects(only) == (first.project,)
        assert await reading.project(only, "acme/b") is None
        assert await reading.project_by_number(only, second.project.number) is None
        assert await reading.projects(Scope(house.org.id, frozenset())) == ()


async def test_the_signing_key_is_made_once(store: SqlStore) -> None:
    key = await store.signing_key()
    assert len(key) >= 32
    assert await store.signing_key() == key
