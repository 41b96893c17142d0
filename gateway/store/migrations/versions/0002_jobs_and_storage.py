"""Jobs, storage records, and slots by their number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
UNFINISHED = sa.text("status IN ('pending', 'processing')")
NUMBERED = ("job", "storage_record")


def upgrade() -> None:
    _make_numbers()
    _make_jobs()
    _make_storage_records()
    op.create_index("one_slot_per_number", "slots", ["org_id", "number"], unique=True)


def downgrade() -> None:
    op.drop_index("one_slot_per_number", "slots")
    op.drop_table("storage_records")
    op.drop_table("jobs")
    for name in NUMBERED:
        if _has_sequences():
            op.execute(sa.schema.DropSequence(sa.Sequence(f"{name}_numbers")))
        else:
            op.execute(sa.text(f"DELETE FROM counters WHERE name = '{name}'"))  # noqa: S608 (ours)


def _has_sequences() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _make_numbers() -> None:
    if _has_sequences():
        for name in NUMBERED:
            op.execute(sa.schema.CreateSequence(sa.Sequence(f"{name}_numbers", start=1)))
        return
    counters = sa.table("counters", sa.column("name", sa.Text()), sa.column("last", sa.BigInteger))
    op.bulk_insert(counters, [{"name": name, "last": 0} for name in NUMBERED])


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("dialect", WORDS, nullable=False),
        sa.Column("place", WORDS, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.BigInteger(), nullable=False),
        sa.Column("projects", sa.JSON(), nullable=True),
        sa.Column("is_limited", sa.Boolean(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", WORDS, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("worker", WORDS, nullable=True),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("total_count", sa.BigInteger(), nullable=True),
        sa.Column("errors", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "actor_id"], ["users.org_id", "users.id"], name="jobs_actor_fkey"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="jobs_pkey"),
    )
    op.create_index(
        "one_unfinished_job_per_place",
        "jobs",
        ["org_id", "dialect", "place"],
        unique=True,
        postgresql_where=UNFINISHED,
        sqlite_where=UNFINISHED,
    )
    op.create_index("one_job_per_number", "jobs", ["org_id", "number"], unique=True)


def _make_storage_records() -> None:
    op.create_table(
        "storage_records",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("project_rule", WORDS, nullable=False),
        sa.Column("artifact_id", sa.Uuid(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("version", WORDS, nullable=True),
        sa.Column("digests", sa.JSON(), nullable=True),
        sa.Column("registry_url", WORDS, nullable=False),
        sa.Column("repository", WORDS, nullable=False),
        sa.Column("path", WORDS, nullable=True),
        sa.Column("artifact_url", WORDS, nullable=True),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "actor_id"], ["users.org_id", "users.id"], name="storage_actor_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "artifact_id"],
            ["artifacts.org_id", "artifacts.id"],
            name="storage_artifact_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"],
            ["projects.org_id", "projects.id"],
            name="storage_project_fkey",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="storage_records_pkey"),
    )
    op.create_index(
        "one_storage_record_per_place",
        "storage_records",
        ["org_id", "artifact_id", "name", "registry_url", "repository"],
        unique=True,
    )
    op.create_index(
        "one_storage_record_per_number", "storage_records", ["org_id", "number"], unique=True
    )
