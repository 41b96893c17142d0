"""One request as an endpoint sees it, and the answers it can give."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from gateway.core.context import Caller, Context
from gateway.core.errors import BadText, Limited
from gateway.core.model import Org, Record
from gateway.core.trace import Phase, Trace
from gateway.dialect.bodies import multipart, whole
from gateway.dialect.concealing import concealed
from gateway.dialect.frame import Frame, WireError
from gateway.dialect.text import Json, decode_segment, is_fit, parse_json, parse_pairs

if TYPE_CHECKING:
    from gateway.dialect import Dialect, Services

Shapes = Mapping[int, str | None]
"""The schema of an answer's body by its status."""

FIDELITY_HEADER = "Deployment-Gateway-Fidelity"
REQUEST_HEADER = "Deployment-Gateway-Request-Id"
"""Under one name what dialects that have request ids say in forms of their own."""

_TIMING = ", ".join(f"{phase.name.lower()};dur=%.2f" for phase in Phase)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One verb on one path below the dialect's base; ``{name}`` matches a whole segment.

    The rest is what documents say of it: ``query`` and ``body`` name the schemas, in the dialect's
    folder, of what may be asked and sent; ``shapes`` the schema of each success by its status,
    ``None`` where it has no body. ``is_public`` needs no credential. ``records`` is asked to record
    deployments, so that what it refuses is counted. ``tells_fidelity`` where a success may hold
    exactly one record, of which the dialect loses something: its header then says so.
    """

    method: str
    path: str
    answer: Callable[[Call], Awaitable[Response]]
    query: str | None = None
    body: str | None = None
    shapes: Shapes = field(default_factory=dict)
    is_public: bool = False
    records: bool = False
    tells_fidelity: bool = False


class Call:
    """A request inside its dialect."""

    def __init__(
        self, request: Request, dialect: Dialect, services: Services, frame: Frame
    ) -> None:
        self.request = request
        self.dialect = dialect
        self.services = services
        self.frame = frame
        self.trace = trace_of(request.scope)
        self.began = time.perf_counter()
        self._query: list[tuple[str, str]] | None = None
        self._body: bytes | None = None
        self._json: Json = None
        self._caller: Caller | None = None
        self._secrets: tuple[str, ...] = ()

    @property
    def request_id(self) -> str:
        """The id of this request in logs and answers."""
        return self.trace.request_id

    @property
    def content_type(self) -> str:
        """The media type of the body as sent, parameters included; empty when unsaid."""
        return self.frame.headers.get("content-type", "")

    @property
    def media_type(self) -> str:
        """The same without parameters and in lower case."""
        return self.content_type.partition(";")[0].strip().lower()

    def header(self, name: str) -> str | None:
        """A header's value. Raises ``BadText`` for one that no database could hold."""
        value = self.frame.headers.get(name.lower())
        if value is not None and not is_fit(value):
            raise BadText(name)
        return value

    def segment(self, name: str) -> str:
        """A path parameter, percent-decoded once. Raises ``BadText``."""
        return decode_segment(self.request.path_params[name])

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query as pairs, in order, read once. Raises ``BadText``."""
        if self._query is None:
            self._query = parse_pairs(self.request.scope["query_string"], where="query")
        return self._query

    async def body(self) -> bytes:
        """The whole body, read once. Raises ``TooLarge``."""
        if self._body is None:
            self._body = await whole(self.request.receive, self.services.max_body_bytes)
        return self._body

    async def json(self) -> Json:
        """The whole body as JSON, read once. Raises ``BadBody``, ``BadText``, ``TooLarge``."""
        if self._json is None:
            self._json = parse_json(await self.body())
        return self._json

    async def form(self) -> list[tuple[str, str]]:
        """The body as form pairs, urlencoded or multipart. Raises ``BadText``."""
        raw = await self.body()
        if self.media_type.startswith("multipart/"):
            return await multipart(self.request.headers, raw)
        return parse_pairs(raw, where="body")

    async def identify(self, credential: str | None) -> Caller:
        """Who holds the credential. Raises ``Unauthenticated``."""
        with self.trace.during(Phase.AUTH):
            return await self.services.access.authenticate(credential)

    async def admit(self, credential: str | None) -> Caller:
        """Who holds the credential, the request counted. Raises ``Unauthenticated``, ``Limited``.

        From here on the frame holds what the caller may still ask.
        """
        caller = await self.identify(credential)
        limiter = self.services.limiter
        if limiter is not None:
            try:
                allowance = limiter.count(caller)
            except Limited:
                self.frame = replace(self.frame, allowance=limiter.look(caller))
                raise
            self.frame = replace(self.frame, allowance=allowance)
        self._caller = caller
        return caller

    def uncount(self) -> None:
        """Let the request count against no limit, where it was counted."""
        limiter, counted = self.services.limiter, self.frame.allowance
        if limiter is not None and counted is not None and self._caller is not None:
            limiter.forget(self._caller, counted)
            self.frame = replace(self.frame, allowance=limiter.look(self._caller))

    async def enter(self, caller: Caller, org: str | None = None) -> Context:
        """The caller inside the org the request names. Raises ``NotFound``."""
        with self.trace.during(Phase.AUTH):
            found = await self.services.access.org(caller, org)
        return await self.inside(caller, found)

    async def inside(self, caller: Caller, org: Org) -> Context:
        """The caller inside this org, with the body read so far."""
        self.trace.org = org.name
        return Context(
            caller=caller,
            org=org,
            dialect=self.dialect.name,
            request_id=self.request_id,
            raw=self._kept(),
            trace=self.trace,
        )

    def conceal(self, secrets: Iterable[str]) -> None:
        """Keep these out of what events keep of the body: they are, or look like, credentials."""
        self._secrets = tuple(secrets)

    def _kept(self) -> bytes:
        beside = {value for _, value in self.query} if self._secrets else ()
        return concealed(self._body or b"", self._secrets, beside)

    def reply(
        self, body: object, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        """A JSON answer in the dialect's dress, encoded or not; ``None`` is no body at all."""
        return respond(self, WireError(status, body, headers or {}))

    def reply_record(
        self,
        body: object,
        record: Record,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """An answer that holds exactly this record, with its fidelity as a header."""
        fidelity = self.dialect.fidelity(record)
        report = {} if fidelity.is_lossless else {FIDELITY_HEADER: fidelity.header()}
        return self.reply(body, status=status, headers={**(headers or {}), **report})


def server_timing(trace: Trace) -> str:
    """The phases of a request so far as the header ``Server-Timing`` says them, in milliseconds."""
    trace.turn_to(Phase.RENDER)
    return _TIMING % tuple(seconds * 1000 for seconds in trace.seconds)


def trace_of(scope: Scope) -> Trace:
    """What is noted of a request: begun around the application, else here."""
    state: dict[str, Trace] = scope.setdefault("state", {})
    if "trace" not in state:
        state["trace"] = Trace()
    return state["trace"]


def respond(call: Call, answer: WireError) -> Response:
    """A response in the dialect's media type, encoding and standing headers."""
    call.trace.turn_to(Phase.RENDER)
    dialect = call.dialect
    headers = {**dialect.headers(call.frame, call.request_id), **answer.headers}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    headers["content-type"] = answer.media_type or dialect.media_type
    if headers["content-type"].startswith("text/"):
        return Response(str(answer.body), answer.status, headers)
    body = answer.body if isinstance(answer.body, bytes) else dialect.encode(answer.body)
    return Response(body, answer.status, headers)
