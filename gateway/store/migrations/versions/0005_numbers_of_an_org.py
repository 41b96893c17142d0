"""Each org counts for itself, in a range of numbers of its own.

Numbers that were given stay as they are. The first org goes on where all of them were; each of
the others begins its own range. A gateway of the schema before goes on drawing from the first
org's counters, which on PostgreSQL are the ones that it knows.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
NUMBERED = (
    *("org", "user", "project", "environment", "slot", "record", "protection"),
    *("job", "storage_record"),
)
RANGE_BITS = 32
BASES = 2**20

orgs = sa.table("orgs", sa.column("id", sa.Uuid()), sa.column("number"), sa.column("number_base"))
counters = sa.table(
    "counters", sa.column("org_id", sa.Uuid()), sa.column("name"), sa.column("last")
)


def upgrade() -> None:
    op.add_column(
        "orgs", sa.Column("number_base", sa.BigInteger(), nullable=False, server_default="0")
    )
    last = {} if _is_postgresql() else _replace_counters(by_org=True)
    for base, org_id in _bases():
        _begin(base, org_id, last)
    used = sa.text("number_base > 0")
    op.create_index(
        "one_org_per_number_base",
        "orgs",
        ["number_base"],
        unique=True,
        postgresql_where=used,
        sqlite_where=used,
    )


def downgrade() -> None:
    op.drop_index("one_org_per_number_base", "orgs")
    if _is_postgresql():
        later = sa.select(orgs.c.number_base).where(orgs.c.number_base > 0)
        for base in op.get_bind().execute(later).scalars().all():
            for kind in NUMBERED:
                op.execute(f"DROP SEQUENCE {kind}_numbers_{base}")
    else:
        last = _replace_counters(by_org=False)
        op.bulk_insert(counters, [{"name": kind, "last": n} for kind, n in last.items()])
    op.drop_column("orgs", "number_base")


def _bases() -> Iterator[tuple[int, Any]]:
    """The range of each org there is: the first one's is 0."""
    if context.is_offline_mode():
        return  # an empty database has none
    known = [row.id for row in op.get_bind().execute(sa.select(orgs.c.id).order_by(orgs.c.number))]
    taken: set[int] = set()
    for org_id in known:
        base = 0
        while base in taken:
            base = 1 + secrets.randbelow(BASES - 1)
        taken.add(base)
        yield base, org_id


def _begin(base: int, org_id: Any, last: dict[str, int]) -> None:
    op.execute(sa.update(orgs).where(orgs.c.id == org_id).values(number_base=base))
    first = {kind: (base << RANGE_BITS) + (2 if kind == "user" else 1) for kind in NUMBERED}
    if not _is_postgresql():
        before = {kind: first[kind] - 1 for kind in NUMBERED} if base else last
        rows = [{"org_id": org_id, "name": kind, "last": before[kind]} for kind in NUMBERED]
        op.bulk_insert(counters, rows)
        return
    for kind in NUMBERED if base else ():
        op.execute(f"CREATE SEQUENCE {kind}_numbers_{base} START {first[kind]}")


def _replace_counters(*, by_org: bool) -> dict[str, int]:
    """Make the table anew; answers with what the gateway-wide, or the first, counters were at."""
    last: dict[str, int] = {}
    if not context.is_offline_mode():
        found: sa.Select[Any] = sa.select(
            counters.c.name, sa.func.min(counters.c.last).label("last")
        )
        rows = op.get_bind().execute(found.group_by(counters.c.name))
        last = {row.name: row.last for row in rows}
    op.drop_table("counters")
    own = [sa.Column("org_id", sa.Uuid(), nullable=False)] if by_org else []
    op.create_table(
        "counters",
        *own,
        sa.Column("name", WORDS, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*(c.name for c in own), "name", name="counters_pkey"),
    )
    return last


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"
