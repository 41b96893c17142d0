"""Orgs and their names, people, tokens and groups; what the instance keeps for itself."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from gateway.store.tables.columns import (
    IdKey,
    Json,
    Line,
    LineOrNone,
    Number,
    Row,
    TextKey,
    Time,
    TimeOrNone,
    refers,
)


class OrgRow(Row, table=True):
    __tablename__ = "orgs"
    __table_args__ = (
        # Promise: no two orgs count in one range. What an older gateway makes during an upgrade
        # shares the first org's.
        Index(
            "one_org_per_number_base",
            "number_base",
            unique=True,
            postgresql_where=text("number_base > 0"),
            sqlite_where=text("number_base > 0"),
        ),
    )

    id: IdKey
    number: Number
    number_base: Annotated[int, Field(sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})]
    name: Line
    name_key: Line
    aliases: Json
    created_at: Time


class OrgNameRow(Row, table=True):
    """The names and aliases of all orgs, folded: one space, so no two orgs answer to one name."""

    __tablename__ = "org_names"
    __table_args__ = (refers("org_id", to="orgs(id)", named="org_names_org_fkey"),)

    name_key: TextKey
    org_id: UUID


class CounterRow(Row, table=True):
    """The last number an org was given, on SQLite; PostgreSQL has sequences."""

    __tablename__ = "counters"

    org_id: IdKey
    name: TextKey
    last: Number


class SecretRow(Row, table=True):
    """What the instance made for itself and must keep, such as its signing key."""

    __tablename__ = "secrets"

    name: TextKey
    value: Line


class UserRow(Row, table=True):
    __tablename__ = "users"
    __table_args__ = (
        refers("org_id", to="orgs(id)", named="users_org_fkey"),
        # Promise: a username names one user. Query: by username.
        Index("one_user_per_username", "org_id", "username_key", unique=True),
        # Promise: an external id names one user. Query: who deployed, as said.
        Index("one_user_per_external_id", "org_id", "external_id", unique=True),
    )

    org_id: IdKey
    id: IdKey
    number: Number
    username: Line
    username_key: Line
    name: Line
    external_id: LineOrNone
    created_at: Time


class TokenRow(Row, table=True):
    __tablename__ = "tokens"
    __table_args__ = (
        refers("org_id", "user_id", to="users(org_id,id)", named="tokens_user_fkey"),
        # Query: what the tokens of a user open.
        Index("tokens_of_user", "org_id", "user_id"),
    )

    org_id: IdKey
    id: IdKey
    name: Line
    user_id: UUID
    permission: Number
    projects: Json
    is_limited: bool
    secret_hash: bytes
    jwt_hash: bytes
    created_at: Time
    expires_at: TimeOrNone
    revoked_at: TimeOrNone


class GroupRow(Row, table=True):
    __tablename__ = "groups"
    __table_args__ = (
        refers("org_id", to="orgs(id)", named="groups_org_fkey"),
        # Promise: a name names one group. Query: by name.
        Index("one_group_per_name", "org_id", "name_key", unique=True),
    )

    org_id: IdKey
    id: IdKey
    number: Number
    name: Line
    name_key: Line
    created_at: Time


class GroupMemberRow(Row, table=True):
    __tablename__ = "group_members"
    __table_args__ = (
        refers("org_id", "group_id", to="groups(org_id,id)", named="group_members_group_fkey"),
        refers("org_id", "user_id", to="users(org_id,id)", named="group_members_user_fkey"),
    )

    org_id: IdKey
    group_id: IdKey
    user_id: IdKey
