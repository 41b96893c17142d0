"""Protected environments, approvals, one numbering for orgs and groups, and indexes of lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")

COMBINATIONS = {
    "records_of_place_by_state": ("environment_id", "state", "number"),
    "records_of_place_by_updated": ("environment_id", "updated_at", "number"),
    "records_in_state_by_updated": ("state", "updated_at", "number"),
    "records_of_place_in_state_by_updated": ("environment_id", "state", "updated_at", "number"),
    "records_of_place_by_ref": ("environment_id", "source_ref", "number"),
    "records_in_state_by_ref": ("state", "source_ref", "number"),
    "records_of_place_in_state_by_ref": ("environment_id", "state", "source_ref", "number"),
    "records_in_state_by_finished": ("state", "finished_at", "number"),
    "records_of_place_in_state_by_finished": ("environment_id", "state", "finished_at", "number"),
}


def upgrade() -> None:
    op.add_column("project_environments", sa.Column("auto_stop", WORDS, nullable=True))
    op.create_index(
        "one_place_per_number",
        "project_environments",
        ["org_id", "project_id", "number"],
        unique=True,
    )
    op.create_index("tokens_of_user", "tokens", ["org_id", "user_id"])
    for name, columns in COMBINATIONS.items():
        op.create_index(name, "records", ["org_id", "project_id", *columns])
    _make_protections()
    _make_approvals()
    _number_protections()
    _number_groups_with_orgs()


def downgrade() -> None:
    for name in COMBINATIONS:
        op.drop_index(name, "records")
    for table in ("approvals", "protection_entries", "protections"):
        op.drop_table(table)
    op.drop_index("tokens_of_user", "tokens")
    op.drop_index("one_place_per_number", "project_environments")
    op.drop_column("project_environments", "auto_stop")
    if _has_sequences():
        op.execute("DROP SEQUENCE protection_numbers")
        op.execute("CREATE SEQUENCE group_numbers")
        op.execute("SELECT setval('group_numbers', last_value) FROM org_numbers")
    else:
        op.execute("DELETE FROM counters WHERE name = 'protection'")
        op.execute("INSERT INTO counters SELECT 'group', last FROM counters WHERE name = 'org'")


def _has_sequences() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _make_protections() -> None:
    op.create_table(
        "protections",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="protections_org_fkey"),
        sa.PrimaryKeyConstraint("org_id", "id", name="protections_pkey"),
    )
    op.create_index(
        "one_protection_per_name", "protections", ["org_id", "owner_id", "name"], unique=True
    )
    op.create_index("protections_by_owner", "protections", ["org_id", "owner", "name"])
    op.create_table(
        "protection_entries",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("protection_id", sa.Uuid(), nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.BigInteger(), nullable=True),
        sa.Column("required", sa.BigInteger(), nullable=False),
        sa.Column("inheritance", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "protection_id"],
            ["protections.org_id", "protections.id"],
            name="entries_protection_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "user_id"], ["users.org_id", "users.id"], name="entries_user_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "group_id"], ["groups.org_id", "groups.id"], name="entries_group_fkey"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="protection_entries_pkey"),
    )
    op.create_index(
        "entries_of_protection", "protection_entries", ["org_id", "protection_id", "number"]
    )


def _make_approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", WORDS, nullable=False),
        sa.Column("comment", WORDS, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "user_id"], ["users.org_id", "users.id"], name="approvals_user_fkey"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="approvals_pkey"),
    )
    op.create_index(
        "one_approval_per_rule",
        "approvals",
        ["org_id", "record_id", "rule_id", "user_id"],
        unique=True,
    )


def _number_protections() -> None:
    if _has_sequences():
        op.execute(sa.schema.CreateSequence(sa.Sequence("protection_numbers")))
    else:
        op.execute("INSERT INTO counters VALUES ('protection', 0)")


def _number_groups_with_orgs() -> None:
    """To a client of GitLab both are groups, so that a number has to name one of them."""
    op.execute("UPDATE groups SET number = number + (SELECT coalesce(max(number), 0) FROM orgs)")
    highest = "(SELECT max(number) FROM groups)"
    if _has_sequences():
        op.execute(
            f"SELECT setval('org_numbers', greatest(last_value, {highest})) FROM org_numbers"  # noqa: S608 (ours)
            " WHERE EXISTS (SELECT 1 FROM groups)"
        )
        op.execute("DROP SEQUENCE group_numbers")
    else:
        op.execute(
            f"UPDATE counters SET last = max(last, coalesce({highest}, 0)) WHERE name = 'org'"  # noqa: S608 (ours)
        )
        op.execute("DELETE FROM counters WHERE name = 'group'")
