"""The first schema: orgs, people, places, artifacts, records and events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
LIVE = sa.text("presence = 'live'")
SUCCEEDED = sa.text("state = 'success'")

NUMBERED = ("org", "user", "group", "project", "environment", "slot", "record")
TABLES = (
    "orgs",
    "org_names",
    "secrets",
    "users",
    "tokens",
    "groups",
    "group_members",
    "projects",
    "environments",
    "project_environments",
    "slots",
    "artifacts",
    "artifact_digests",
    "records",
    "events",
)


def upgrade() -> None:
    _make_numbers()
    _make_directory()
    _make_places()
    _make_artifacts()
    _make_records()
    _make_events()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if _has_sequences():
        for name in NUMBERED:
            op.execute(sa.schema.DropSequence(sa.Sequence(f"{name}_numbers")))
    else:
        op.drop_table("counters")


def _has_sequences() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _first(name: str) -> int:
    """Every org's built-in user is number 1; the others count on from there."""
    return 2 if name == "user" else 1


def _make_numbers() -> None:
    if _has_sequences():
        for name in NUMBERED:
            numbers = sa.Sequence(f"{name}_numbers", start=_first(name))
            op.execute(sa.schema.CreateSequence(numbers))
        return
    counters = op.create_table(
        "counters",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="counters_pkey"),
    )
    op.bulk_insert(counters, [{"name": name, "last": _first(name) - 1} for name in NUMBERED])


def _make_directory() -> None:
    op.create_table(
        "orgs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("name_key", WORDS, nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="orgs_pkey"),
    )
    op.create_table(
        "org_names",
        sa.Column("name_key", WORDS, nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="org_names_org_fkey"),
        sa.PrimaryKeyConstraint("name_key", name="org_names_pkey"),
    )
    op.create_table(
        "secrets",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("name", name="secrets_pkey"),
    )
    op.create_table(
        "users",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("username", WORDS, nullable=False),
        sa.Column("username_key", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("external_id", WORDS, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="users_org_fkey"),
        sa.PrimaryKeyConstraint("org_id", "id", name="users_pkey"),
    )
    op.create_index("one_user_per_external_id", "users", ["org_id", "external_id"], unique=True)
    op.create_index("one_user_per_username", "users", ["org_id", "username_key"], unique=True)
    op.create_table(
        "tokens",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.BigInteger(), nullable=False),
        sa.Column("projects", sa.JSON(), nullable=True),
        sa.Column("is_limited", sa.Boolean(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("jwt_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "user_id"], ["users.org_id", "users.id"], name="tokens_user_fkey"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="tokens_pkey"),
    )
    op.create_table(
        "groups",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("name_key", WORDS, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="groups_org_fkey"),
        sa.PrimaryKeyConstraint("org_id", "id", name="groups_pkey"),
    )
    op.create_index("one_group_per_name", "groups", ["org_id", "name_key"], unique=True)
    op.create_table(
        "group_members",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "group_id"], ["groups.org_id", "groups.id"], name="group_members_group_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "user_id"], ["users.org_id", "users.id"], name="group_members_user_fkey"
        ),
        sa.PrimaryKeyConstraint("org_id", "group_id", "user_id", name="group_members_pkey"),
    )


def _make_places() -> None:
    op.create_table(
        "projects",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("path", WORDS, nullable=False),
        sa.Column("path_key", WORDS, nullable=False),
        sa.Column("last_record_number", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="projects_org_fkey"),
        sa.PrimaryKeyConstraint("org_id", "id", name="projects_pkey"),
    )
    op.create_index("one_project_per_number", "projects", ["org_id", "number"], unique=True)
    op.create_index("one_project_per_path", "projects", ["org_id", "path_key"], unique=True)
    op.create_table(
        "environments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("logical", WORDS, nullable=False),
        sa.Column("physical", WORDS, nullable=False),
        sa.Column("cluster", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("tier", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="environments_org_fkey"),
        sa.PrimaryKeyConstraint("org_id", "id", name="environments_pkey"),
    )
    op.create_index("one_environment_per_name", "environments", ["org_id", "name"], unique=True)
    op.create_index(
        "one_environment_per_parts",
        "environments",
        ["org_id", "logical", "physical", "cluster"],
        unique=True,
    )
    op.create_table(
        "project_environments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("environment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("tier", WORDS, nullable=False),
        sa.Column("external_url", WORDS, nullable=True),
        sa.Column("description", WORDS, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "environment_id"],
            ["environments.org_id", "environments.id"],
            name="places_env_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"], ["projects.org_id", "projects.id"], name="places_project_fkey"
        ),
        sa.PrimaryKeyConstraint(
            "org_id", "project_id", "environment_id", name="project_environments_pkey"
        ),
    )
    op.create_table(
        "slots",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("environment_id", sa.Uuid(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("current_record_id", sa.Uuid(), nullable=True),
        sa.Column("current_number", sa.BigInteger(), nullable=True),
        sa.Column("current_created_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "environment_id"],
            ["environments.org_id", "environments.id"],
            name="slots_env_fkey",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="slots_pkey"),
    )
    op.create_index("one_slot_per_name", "slots", ["org_id", "environment_id", "name"], unique=True)
    op.create_index("slots_by_current_number", "slots", ["org_id", "current_number"])
    op.create_index(
        "slots_by_current_time", "slots", ["org_id", "current_created_at", "current_number"]
    )


def _make_artifacts() -> None:
    op.create_table(
        "artifacts",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", WORDS, nullable=True),
        sa.Column("name", WORDS, nullable=True),
        sa.Column("version", WORDS, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="artifacts_org_fkey"),
        sa.PrimaryKeyConstraint("org_id", "id", name="artifacts_pkey"),
    )
    op.create_table(
        "artifact_digests",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("artifact_id", sa.Uuid(), nullable=False),
        sa.Column("algorithm", WORDS, nullable=False),
        sa.Column("hex", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "artifact_id"],
            ["artifacts.org_id", "artifacts.id"],
            name="digests_artifact_fkey",
        ),
        sa.PrimaryKeyConstraint(
            "org_id", "artifact_id", "algorithm", "hex", name="artifact_digests_pkey"
        ),
    )
    op.create_index("artifacts_by_digest", "artifact_digests", ["org_id", "algorithm", "hex"])


def _make_records() -> None:
    op.create_table(
        "records",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("project_number", sa.BigInteger(), nullable=False),
        sa.Column("project_rule", WORDS, nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("environment_id", sa.Uuid(), nullable=False),
        sa.Column("artifact_id", sa.Uuid(), nullable=True),
        sa.Column("artifact_kind", WORDS, nullable=True),
        sa.Column("artifact_name", WORDS, nullable=True),
        sa.Column("artifact_version", WORDS, nullable=True),
        sa.Column("artifact_digests", sa.JSON(), nullable=True),
        sa.Column("source_commit", WORDS, nullable=True),
        sa.Column("source_ref", WORDS, nullable=True),
        sa.Column("source_is_tag", sa.Boolean(), nullable=True),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("presence", WORDS, nullable=False),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("title", WORDS, nullable=True),
        sa.Column("changelog", WORDS, nullable=True),
        sa.Column("url", WORDS, nullable=True),
        sa.Column("duration_seconds", sa.Text(), nullable=True),
        sa.Column("is_fix", sa.Boolean(), nullable=True),
        sa.Column("is_hotfix", sa.Boolean(), nullable=True),
        sa.Column("is_forced", sa.Boolean(), nullable=True),
        sa.Column("commits_count", sa.BigInteger(), nullable=True),
        sa.Column("pull_request_number", sa.BigInteger(), nullable=True),
        sa.Column("node_id", WORDS, nullable=True),
        sa.Column("risks", sa.JSON(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=True),
        sa.Column("attestation_id", sa.BigInteger(), nullable=True),
        sa.Column("origin", WORDS, nullable=False),
        sa.Column("kept", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "actor_id"], ["users.org_id", "users.id"], name="records_actor_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "artifact_id"],
            ["artifacts.org_id", "artifacts.id"],
            name="records_artifact_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id", "environment_id"],
            [
                "project_environments.org_id",
                "project_environments.project_id",
                "project_environments.environment_id",
            ],
            name="records_place_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "slot_id"], ["slots.org_id", "slots.id"], name="records_slot_fkey"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="records_pkey"),
    )
    op.create_index(
        "live_records_of_place",
        "records",
        ["org_id", "project_id", "environment_id"],
        postgresql_where=LIVE,
        sqlite_where=LIVE,
    )
    op.create_index(
        "one_live_record_per_slot",
        "records",
        ["org_id", "slot_id"],
        unique=True,
        postgresql_where=LIVE,
        sqlite_where=LIVE,
    )
    op.create_index("one_record_per_number", "records", ["org_id", "number"], unique=True)
    op.create_index("records_by_created", "records", ["org_id", "created_at", "number"])
    op.create_index("records_of_artifact", "records", ["org_id", "artifact_id", "number"])
    op.create_index("records_of_commit", "records", ["org_id", "source_commit", "number"])
    op.create_index(
        "records_of_node",
        "records",
        ["org_id", "project_id", "node_id", "number"],
        postgresql_where=sa.text("node_id IS NOT NULL"),
        sqlite_where=sa.text("node_id IS NOT NULL"),
    )
    op.create_index(
        "records_of_place", "records", ["org_id", "project_id", "environment_id", "number"]
    )
    op.create_index("records_of_project", "records", ["org_id", "project_id", "number"])
    op.create_index(
        "records_of_project_by_finished",
        "records",
        ["org_id", "project_id", "finished_at", "number"],
    )
    op.create_index(
        "records_of_project_by_ref", "records", ["org_id", "project_id", "source_ref", "number"]
    )
    op.create_index(
        "records_of_project_by_state", "records", ["org_id", "project_id", "state", "number"]
    )
    op.create_index(
        "records_of_project_by_updated", "records", ["org_id", "project_id", "updated_at", "number"]
    )
    op.create_index("records_of_slot", "records", ["org_id", "slot_id", "number"])
    op.create_index(
        "successes_of_place",
        "records",
        ["org_id", "project_id", "environment_id", "finished_at", "number"],
        postgresql_where=SUCCEEDED,
        sqlite_where=SUCCEEDED,
    )


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("dialect", WORDS, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("presence", WORDS, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("raw_digest", sa.LargeBinary(), nullable=False),
        sa.Column("idempotency_key", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="events_pkey"),
    )
    op.create_index("events_of_record", "events", ["org_id", "record_id", "id"])
    op.create_index(
        "one_event_per_idempotency_key",
        "events",
        ["org_id", "idempotency_key"],
        unique=True,
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
    )
