"""Why a request is refused: types with fields, no wording.

Each dialect words them in its own status and sentences.

    GatewayError
    ├── Invalid, Several            a value that cannot be taken
    ├── NotFound, Forbidden         nothing to see, nothing to do
    ├── Unauthenticated             no credential, or one that does not hold
    ├── IllegalMove, Undeletable    the record's state does not allow it
    ├── Conflict                    a name that is taken
    ├── NoRoute, WrongMethod        the path or the verb is not the dialect's
    ├── BadBody, BadText, BadMediaType, TooLarge    the request cannot be read
    ├── Limited                     too many requests
    ├── Refused                     some items of a bulk write
    └── Unavailable, Crashed        the gateway's own fault
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from gateway.core.model import State


class GatewayError(Exception):
    """Root of all refusals."""


@dataclass
class Invalid(GatewayError):
    """One value that cannot be taken.

    ``field`` is the wire's own name of it, ``reason`` a word of the dialect that raised it (or one
    of ``required``, ``type``, ``format``, ``unknown``, ``unmakeable``), ``value`` what was said and
    ``detail`` a finished sentence where the reason needs one.
    """

    field: str
    reason: str
    value: object = None
    detail: str | None = None


@dataclass
class Several(GatewayError):
    """All problems of one request, in the order in which the dialect lists them."""

    problems: tuple[Invalid, ...]


@dataclass
class NotFound(GatewayError):
    """``what`` is ``org``, ``project``, ``environment``, ``record``, ``user``, ``token``…"""

    what: str
    name: str | None = None


@dataclass
class Forbidden(GatewayError):
    """The caller may not. ``needs`` is the permission, or ``project`` for a slot out of reach."""

    needs: str


class Doubt(StrEnum):
    """Why a credential does not hold."""

    MISSING = "missing"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    FORGED = "forged"
    WRONG_ALGORITHM = "wrong_algorithm"
    TWICE = "twice"


@dataclass
class Unauthenticated(GatewayError):
    """No credential, or one that does not hold."""

    doubt: Doubt


@dataclass
class IllegalMove(GatewayError):
    """A change of state that no delivery makes."""

    before: State
    after: State


@dataclass
class Undeletable(GatewayError):
    """A record that must stay: ``reason`` is ``running`` or ``last_deployment``."""

    reason: str


@dataclass
class Conflict(GatewayError):
    """``what`` with this name exists already."""

    what: str
    name: str


@dataclass
class NoRoute(GatewayError):
    """No endpoint of the dialect has this path."""

    method: str
    path: str


@dataclass
class WrongMethod(GatewayError):
    """The path is the dialect's, the verb is not. ``allowed`` is sorted."""

    method: str
    path: str
    allowed: tuple[str, ...] = ()


class BodyFault(StrEnum):
    """Why a body cannot be read as JSON."""

    SYNTAX = "syntax"
    ENCODING = "encoding"
    CONSTANT = "constant"  # NaN, Infinity
    DEPTH = "depth"
    DUPLICATE = "duplicate"
    SHAPE = "shape"  # JSON, but not an object


@dataclass
class BadBody(GatewayError):
    """``line`` and ``column`` count from 1 and point at the fault where it is known."""

    fault: BodyFault
    detail: str = ""
    line: int = 1
    column: int = 1


@dataclass
class BadText(GatewayError):
    """Text no database can hold: a NUL, a lone surrogate, bytes that are not UTF-8."""

    where: str


@dataclass
class BadMediaType(GatewayError):
    """A body in a media type that the dialect does not read."""

    content_type: str


@dataclass
class TooLarge(GatewayError):
    """A body of more than ``limit`` bytes."""

    limit: int


@dataclass
class Limited(GatewayError):
    """A token's requests are used up: of this second when ``is_burst``, else of this minute."""

    retry_after_seconds: int
    is_burst: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one item of a bulk write, at ``index`` from 0, is refused.

    ``project_number`` is that of the project the item names, where the caller may see it.
    """

    index: int
    error: NotFound | Forbidden
    project_number: int | None = None


@dataclass
class Refused(GatewayError):
    """A bulk write that is all or nothing: these items are refused, so nothing was written."""

    refusals: tuple[Refusal, ...]

    @property
    def first(self) -> NotFound | Forbidden:
        """Why the first of them is refused, for a dialect that has one answer for all."""
        return next((refusal.error for refusal in self.refusals), Forbidden("write"))


@dataclass
class Unavailable(GatewayError):
    """The database does not answer now; trying again later is right."""

    retry_after_seconds: int = field(default=1)


@dataclass
class Collided(Unavailable):
    """Two transactions waited for each other and this one was given up; it may begin again."""


class Crashed(GatewayError):
    """A fault of ours; the log has it, the answer says nothing more."""
