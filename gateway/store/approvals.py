"""What was said of deployments, and by people of which permission."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.dialects import postgresql

from gateway.core.context import Permission
from gateway.core.protection import Approval, Verdict
from gateway.store.queries import Queries
from gateway.store.rows import USER, user_of
from gateway.store.tables import approvals, tokens, users

_OF_RECORD = (
    select(approvals, *USER)
    .join(users, and_(users.c.org_id == approvals.c.org_id, users.c.id == approvals.c.user_id))
    .where(approvals.c.org_id == bindparam("org"), approvals.c.record_id == bindparam("record"))
    .order_by(approvals.c.id)
)
_INSERT = postgresql.insert(approvals)
_SAVE = _INSERT.on_conflict_do_update(
    index_elements=["org_id", "record_id", "rule_id", "user_id"],
    set_={"verdict": _INSERT.excluded.verdict, "comment": _INSERT.excluded.comment},
)
_TOKENS = select(
    tokens.c.user_id, tokens.c.permission, tokens.c.is_limited, tokens.c.projects
).where(
    tokens.c.org_id == bindparam("org"),
    tokens.c.user_id.in_(bindparam("users", expanding=True)),
    tokens.c.revoked_at.is_(None),
    or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > bindparam("moment")),
)


class ApprovalQueries(Queries):
    """Who said what, and who is who."""

    async def approvals(self, org_id: UUID, record_id: UUID) -> tuple[Approval, ...]:
        """What was said of a record, the oldest first."""
        rows = await self._all(_OF_RECORD, {"org": org_id, "record": record_id})
        return tuple(
            Approval(
                id=row.id,
                record_id=row.record_id,
                rule_id=row.rule_id,
                user=user_of(row),
                verdict=Verdict(row.verdict),
                comment=row.comment,
                created_at=row.created_at,
            )
            for row in rows
        )

    async def permissions(
        self, org_id: UUID, users: Collection[UUID], project_id: UUID | None, now: datetime
    ) -> Mapping[UUID, Permission]:
        """The highest permission of the users' tokens that hold and cover the project.

        Without a project, of all their tokens that hold.
        """
        values = {"org": org_id, "users": list(users), "moment": now}
        found: dict[UUID, Permission] = {}
        for row in await self._all(_TOKENS, values) if users else ():
            if _covers(row, project_id):
                known = found.get(row.user_id, Permission.READ)
                found[row.user_id] = max(known, Permission(row.permission))
        return found


class ApprovalWrites(ApprovalQueries):
    """Saying something."""

    async def save_approval(self, org_id: UUID, approval: Approval) -> None:
        """One per record, rule and user: a later one replaces verdict and comment."""
        await self._run(
            _SAVE,
            {
                "org_id": org_id,
                "id": approval.id,
                "record_id": approval.record_id,
                "rule_id": approval.rule_id,
                "user_id": approval.user.id,
                "verdict": approval.verdict,
                "comment": approval.comment,
                "created_at": approval.created_at,
            },
        )


def _covers(row: Any, project_id: UUID | None) -> bool:
    if project_id is None or not row.is_limited:
        return True
    return str(project_id) in (row.projects or ())
