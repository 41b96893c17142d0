"""How every endpoint of ``/gateway/v1`` begins: the body as JSON, the caller inside an org."""

from __future__ import annotations

from adapters.canonical import envelope
from gateway.core.context import Caller, Context
from gateway.core.errors import BadMediaType
from gateway.dialect.http import Call
from gateway.dialect.text import Json, parse_json


async def json_body(call: Call) -> Json:
    """The body as JSON, no key of it said twice: nothing that was said is dropped.

    Raises ``BadMediaType``, ``BadBody``, ``BadText``, ``TooLarge``.
    """
    is_json = call.media_type in {"", "application/json"} or call.media_type.endswith("+json")
    if not is_json:
        raise BadMediaType(call.content_type)
    return parse_json(await call.body(), refuse_duplicates=True)


async def caller_of(call: Call) -> Caller:
    """Who asks. Raises ``Unauthenticated``."""
    credential = envelope.credential(call.header("authorization"))
    return await call.admit(credential)


async def entered(call: Call, org: str | None) -> Context:
    """The caller inside the org that is named, or their own. Raises ``NotFound``."""
    return await call.enter(await caller_of(call), org)


async def at_record(call: Call) -> Context:
    """The caller inside the org that holds the record of the path. Raises ``NotFound``."""
    caller = await caller_of(call)
    record_id = envelope.record_id(call.segment("id"))
    return await call.inside(caller, await call.services.access.org_of_record(caller, record_id))
