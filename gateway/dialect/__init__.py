"""What an adapter is: a value of functions and tables that the gateway mounts.

Nothing here is to be inherited from. A ``Dialect`` is complete or it does not construct, and every
part of it can be called in a test without a server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Protocol

from gateway.access import Access
from gateway.approvals import Approving
from gateway.auditing import Audit
from gateway.bulk import Bulk
from gateway.choosing import Rules
from gateway.core import fidelity
from gateway.core.commands import RecordDeployment
from gateway.core.context import Context
from gateway.core.errors import GatewayError
from gateway.core.model import Record
from gateway.dialect.accounts import Account
from gateway.dialect.client import Client
from gateway.dialect.credentials import BEARER, CredentialPlace
from gateway.dialect.frame import Frame, Lookup, Owner, Wire, WireError
from gateway.dialect.ledger import Ledger
from gateway.dialect.limits import RateLimiter
from gateway.dialect.text import compact_json
from gateway.directory import Directory
from gateway.environments import Environments
from gateway.jobs import Jobs, Worked
from gateway.listings import Listings
from gateway.org_environments import OrgEnvironments
from gateway.ports import Clock, Store
from gateway.protection import Protections
from gateway.service import Deployments
from gateway.storage import Storage

if TYPE_CHECKING:
    from starlette.responses import Response

    from gateway.dialect.http import Call, Endpoint

API_VERSION = 1
"""The version of this module's contract; an adapter says which one it was written for.

One that says nothing was written for the first: it is refused when this number has moved on.
"""

ENTRY_POINTS = "deployment_gateway.dialects"
"""The group in which a package names its adapter."""

DOCUMENTED = "documented"
OBSERVED = "observed"


async def no_checks(_call: Call) -> None:
    """Nothing is refused before a path is looked at."""


async def record_alone(call: Call, _ctx: Context, record: Record) -> Wire:
    """A record needs nothing beside it to be shown."""
    return call.dialect.render(record, call.frame)


class Options(Protocol):
    """Where a provider's documentation and its observed behaviour differ, one field each."""

    @property
    def profile(self) -> str:
        """``documented`` or ``observed``."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the suite may expect of a dialect.

    ``states`` are the canonical states a client can write; ``creates`` is the path a new record is
    posted to, for an org and a project such as ``acme/shop``.
    """

    states: frozenset[str]
    creates: Callable[[str, str], str]
    created_status: int
    can_decommission: bool = False
    answers_head: bool = True


@dataclass(frozen=True, slots=True)
class Dialect:
    """One provider's dialect.

    ``paths`` are the path heads it owns, ``bases`` the prefixes below which its routes live.
    ``parse`` turns a create body into a command and raises ``GatewayError`` alone; ``render`` and
    ``render_error`` are total; ``shows`` says whether the dialect has this record at all.
    ``jobs`` is how its jobs are worked off, where it has any. ``route_path`` makes a path below
    the base canonical before it is routed; with ``ignores_case`` the base itself is found in any
    case of letters. ``headers`` go on every answer. ``arrive`` raises
    ``GatewayError`` for what is refused before a path is looked at, ``dress`` has the last word on
    every answer. ``credentials`` are the places a credential may stand in, ``body_types`` the
    media types that bodies come in. ``spelled`` is a place of the ledger as a profile's options
    spell it, ``client`` the other side's view, for the suite. ``title`` is the name for
    people to read. ``accounts`` are the tables of all other fields, by the schema that names them.
    ``view`` is a record as the dialect's own reading of one shows it, where that holds more than
    the record itself.
    """

    name: str
    version: str
    paths: tuple[str, ...]
    bases: tuple[str, ...]
    routes: Callable[[], Sequence[Endpoint]]
    parse: Callable[[object, Owner, Frame], RecordDeployment]
    render: Callable[[Record, Frame], Wire]
    render_error: Callable[[GatewayError, Frame], WireError]
    shows: Callable[[Record], bool]
    lookup: Lookup
    ledger: Ledger
    options: Mapping[str, Options]
    capabilities: Capabilities
    examples: Traversable
    schemas: Traversable
    media_type: str = "application/json"
    body_types: tuple[str, ...] = ("application/json",)
    credentials: tuple[CredentialPlace, ...] = (BEARER,)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    encode: Callable[[object], bytes] = compact_json
    headers: Callable[[Frame, str], Mapping[str, str]] = lambda _frame, _request_id: {}
    arrive: Callable[[Call], Awaitable[None]] = no_checks
    dress: Callable[[Call, Response], Response] = lambda _call, response: response
    route_path: Callable[[str], str] = lambda path: path
    ignores_case: bool = False
    spelled: Callable[[str, Any], str] = lambda place, _options: place
    client: Client = field(default_factory=Client)
    view: Callable[[Call, Context, Record], Awaitable[Wire]] = record_alone
    jobs: Worked | None = None
    title: str = ""
    maturity: str = "stable"
    api_version: int = 1

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", self.name)

    def fidelity(self, record: Record) -> fidelity.Fidelity:
        """What this dialect loses of a record, and what stands in for what it does not hold."""
        return fidelity.report(record, self.ledger.told(record), self.ledger.stand_ins)


@dataclass(frozen=True, slots=True)
class Services:
    """What endpoints may call. ``dialects`` are all that are installed, with their options.

    ``limiter`` is ``None`` where requests are not limited. With ``server_timing`` each answer says
    what its time went into.
    """

    deployments: Deployments
    environments: Environments
    org_environments: OrgEnvironments
    protections: Protections
    approvals: Approving
    listings: Listings
    bulk: Bulk
    jobs: Jobs
    storage: Storage
    directory: Directory
    audit: Audit
    access: Access
    max_body_bytes: int
    public_url: str | None = None
    dialects: Mapping[str, tuple[Dialect, Options]] = field(default_factory=dict)
    limiter: RateLimiter | None = None
    server_timing: bool = True

    @classmethod
    def over(
        cls, store: Store, clock: Clock, access: Access, rules: Rules, *, max_body_bytes: int
    ) -> Services:
        """All the use cases of one store, and nothing beside them."""
        return cls(
            deployments=Deployments(store, clock, rules),
            environments=Environments(store, clock, rules),
            org_environments=OrgEnvironments(store, clock),
            protections=Protections(store, clock),
            approvals=Approving(store, clock),
            listings=Listings(store),
            bulk=Bulk(store, clock, rules),
            jobs=Jobs(store, clock),
            storage=Storage(store, clock, rules),
            directory=Directory(store, clock, access),
            audit=Audit(store),
            access=access,
            max_body_bytes=max_body_bytes,
        )
