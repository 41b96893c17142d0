"""An audit of acts; events say which token and request; neither is ever changed or removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
APPENDED = ("acts", "events")

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME; END $$
"""


def upgrade() -> None:
    op.add_column("events", sa.Column("token_id", sa.Uuid(), nullable=True))
    op.add_column("events", sa.Column("request_id", WORDS, nullable=True))
    op.create_table(
        "acts",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("dialect", WORDS, nullable=False),
        sa.Column("request_id", WORDS, nullable=True),
        sa.Column("action", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "actor_id"], ["users.org_id", "users.id"], name="acts_actor_fkey"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="acts_pkey"),
    )
    if _is_postgresql():
        op.execute(REFUSE)
    for table in APPENDED:
        _keep(table)


def downgrade() -> None:
    for table in APPENDED:
        for change in _changes():
            where = f" ON {table}" if _is_postgresql() else ""
            op.execute(f"DROP TRIGGER {table}_refuse_{change.lower()}{where}")
    if _is_postgresql():
        op.execute("DROP FUNCTION refuse_change()")
    op.drop_table("acts")
    op.drop_column("events", "request_id")
    op.drop_column("events", "token_id")


def _keep(table: str) -> None:
    """Refuse every statement that would change or remove a row."""
    for change in _changes():
        name = f"{table}_refuse_{change.lower()}"
        if _is_postgresql():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {change} ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {change} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
            )


def _changes() -> tuple[str, ...]:
    return ("UPDATE", "DELETE", *(["TRUNCATE"] if _is_postgresql() else []))


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"
