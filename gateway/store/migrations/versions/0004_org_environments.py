"""Environments of an org as such: a description, a text to search in, and a project's by tier."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("environments", sa.Column("description", WORDS, nullable=True))
    op.add_column("environments", sa.Column("search_key", WORDS, nullable=False, server_default=""))
    # Folded as the database can; what is written from now on is folded by the gateway.
    name = 'name COLLATE "default"' if _is_postgresql() else "name"
    op.execute(f"UPDATE environments SET search_key = lower({name})")  # noqa: S608 (ours)
    if _is_postgresql():
        op.alter_column("environments", "search_key", server_default=None)
    op.create_index("environments_by_created", "environments", ["org_id", "created_at", "id"])
    op.create_index(
        "places_of_tier", "project_environments", ["org_id", "project_id", "tier", "number"]
    )


def downgrade() -> None:
    op.drop_index("places_of_tier", "project_environments")
    op.drop_index("environments_by_created", "environments")
    op.drop_column("environments", "search_key")
    op.drop_column("environments", "description")


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"
