"""Who asks, for which org, through which dialect, under which request id."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from uuid import UUID

from gateway.core.errors import Forbidden
from gateway.core.model import Org, User
from gateway.core.search import Scope
from gateway.core.trace import Trace


class Permission(IntEnum):
    """What a credential may do; each includes the ones before it."""

    READ = 1
    WRITE = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """``read``, ``write`` or ``admin``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who holds a valid credential.

    ``org`` is ``None`` for the instance administrator, who may enter any org. ``projects`` is
    ``None`` for all projects of the org. ``is_discussed`` says whether the org's records may need
    approvals, or have any; ``None`` where that was not looked at with the credential.
    """

    user: User
    permission: Permission
    org: Org | None = None
    projects: frozenset[UUID] | None = None
    token_id: UUID | None = None
    is_discussed: bool | None = None

    @property
    def is_instance_admin(self) -> bool:
        """Whether this is the holder of the admin token."""
        return self.org is None

    @property
    def limits(self) -> str | None:
        """The projects that may be seen, hashed, to fit a key; ``None`` for the whole org."""
        if self.projects is None:
            return None
        return sha256(",".join(sorted(map(str, self.projects))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Context:
    """A caller inside one org, through one dialect.

    ``raw`` is the request's body as it came; ``trace`` notes what comes of it.
    """

    caller: Caller
    org: Org
    dialect: str
    request_id: str = ""
    raw: bytes = b""
    idempotency_key: str | None = None
    trace: Trace = field(default_factory=Trace, compare=False)

    @property
    def scope(self) -> Scope:
        """What the caller's queries may touch."""
        return Scope(self.org.id, self.caller.projects)

    def require(self, permission: Permission) -> None:
        """Raise ``Forbidden`` when the caller may do less than that."""
        if self.caller.permission < permission:
            raise Forbidden(needs=permission.word)

    def require_whole_org_admin(self) -> None:
        """Raise ``Forbidden`` but for an administrator of all the org's projects.

        One who is limited to projects must not hand out, guard or see more than these.
        """
        self.require(Permission.ADMIN)
        if self.caller.projects is not None:
            raise Forbidden(needs="whole_org")
