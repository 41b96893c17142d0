"""A project's records are indexed in blocks, so that a wide window is found in any order.

The indexes by ref have their blocks, those by last change the refs. Two indexes go: the last
deployment is found by the finish in a state, and nobody asks for an order by finish without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SUCCEEDED = sa.text("state = 'success'")
BLOCK = sa.text("(project_number >> 13)")
REF = sa.text("coalesce(source_ref, '')")

FILTERS: Mapping[str, Sequence[str]] = {
    "records_of_project_by": (),
    "records_of_place_by": ("environment_id",),
    "records_in_state_by": ("state",),
    "records_of_place_in_state_by": ("environment_id", "state"),
}


def upgrade() -> None:
    op.drop_index("successes_of_place", "records")
    op.drop_index("records_of_project_by_finished", "records")
    _index(
        "records_of_project_by_block",
        *(BLOCK, "updated_at", "environment_id", "state", "number", "project_number"),
    )
    for name, filters in FILTERS.items():
        _replace(f"{name}_updated", *filters, "updated_at", "number", "source_ref")
        ends = (REF, BLOCK, "updated_at", "number", "project_number")
        _replace(f"{name}_ref", *filters, *ends)


def downgrade() -> None:
    for name, filters in FILTERS.items():
        _replace(f"{name}_updated", *filters, "updated_at", "number")
        _replace(f"{name}_ref", *filters, "source_ref", "number")
    op.drop_index("records_of_project_by_block", "records")
    _index("records_of_project_by_finished", "finished_at", "number")
    op.create_index(
        "successes_of_place",
        "records",
        ["org_id", "project_id", "environment_id", "finished_at", "number"],
        postgresql_where=SUCCEEDED,
        sqlite_where=SUCCEEDED,
    )


def _replace(name: str, *columns: str | sa.TextClause) -> None:
    op.drop_index(name, "records")
    _index(name, *columns)


def _index(name: str, *columns: str | sa.TextClause) -> None:
    op.create_index(name, "records", ["org_id", "project_id", *columns])
