"""Protected environments and what was said of deployments to them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index

from gateway.store.tables.columns import (
    IdKey,
    Line,
    LineOrNone,
    Number,
    NumberOrNone,
    Row,
    Time,
    refers,
)


class ProtectionRow(Row, table=True):
    """``owner_id`` is a project's id, a group's, or the org's own."""

    __tablename__ = "protections"
    __table_args__ = (
        refers("org_id", to="orgs(id)", named="protections_org_fkey"),
        # Promise: an owner protects a name once. Queries: by name, all of an owner by name.
        Index("one_protection_per_name", "org_id", "owner_id", "name", unique=True),
        # Query: what groups say of a tier.
        Index("protections_by_owner", "org_id", "owner", "name"),
    )

    org_id: IdKey
    id: IdKey
    owner: Line
    owner_id: UUID
    name: Line
    created_at: Time


class ProtectionEntryRow(Row, table=True):
    """A grant or a rule: exactly one of user, group and level is said."""

    __tablename__ = "protection_entries"
    __table_args__ = (
        refers(
            "org_id", "protection_id", to="protections(org_id,id)", named="entries_protection_fkey"
        ),
        refers("org_id", "user_id", to="users(org_id,id)", named="entries_user_fkey"),
        refers("org_id", "group_id", to="groups(org_id,id)", named="entries_group_fkey"),
        # Query: the grants and rules of a protection, in their order.
        Index("entries_of_protection", "org_id", "protection_id", "number"),
    )

    org_id: IdKey
    id: IdKey
    number: Number
    protection_id: UUID
    kind: Line
    user_id: UUID | None
    group_id: UUID | None
    level: NumberOrNone
    required: Number
    inheritance: Number


class ApprovalRow(Row, table=True):
    """No foreign key to the rule: what was said outlives it. Nor to the record, as with events."""

    __tablename__ = "approvals"
    __table_args__ = (
        refers("org_id", "user_id", to="users(org_id,id)", named="approvals_user_fkey"),
        # Promise: a user speaks once under a rule. Query: what was said of a record.
        Index("one_approval_per_rule", "org_id", "record_id", "rule_id", "user_id", unique=True),
    )

    org_id: IdKey
    id: IdKey
    record_id: UUID
    rule_id: UUID
    user_id: UUID
    verdict: Line
    comment: LineOrNone
    created_at: Time
