"""Around GitHub's records: credential, org, and the digest, the cluster and the job in a path."""

from __future__ import annotations

import base64
import binascii

from adapters.github import headers
from adapters.github.sentences import problems
from adapters.github.translate import SHOWN
from adapters.github.wire import SCHEMAS
from gateway.core import digests
from gateway.core.context import Caller, Context
from gateway.core.errors import Doubt, NotFound, Several, Unauthenticated
from gateway.core.search import Search, View
from gateway.dialect.credentials import CredentialPlace, Kind
from gateway.dialect.http import Call
from gateway.dialect.text import Json, parse_json

CREDENTIALS = (
    CredentialPlace("bearer", Kind.BEARER, note="Or the scheme `token`"),
    CredentialPlace("basic", Kind.BASIC, note="The token as password, any user name"),
)
"""As documents show them."""

_MAX_DIGITS = 19
_DIGEST_SCHEMA = SCHEMAS["create"]["properties"]["digest"]


async def entered(call: Call) -> Context:
    """The caller inside the org of the path, the body read.

    Raises, in GitHub's order, ``Invalid`` for the headers, ``Unauthenticated``, ``NotFound``.
    """
    caller = await admitted(call)
    await call.body()
    return await call.enter(caller, call.segment("org"))


async def admitted(call: Call, *, is_counted: bool = True) -> Caller:
    """The caller, the headers checked. Raises ``Invalid``, ``Unauthenticated``, ``Limited``."""
    headers.check_request(call.frame.headers)
    secret = credential(call.header("authorization"))
    if not is_counted:
        return await call.identify(secret)
    return await call.admit(secret)


def cluster(call: Call) -> str:
    """The cluster in the path. Raises ``Several``, and ``NotFound`` for an encoded slash."""
    name = call.segment("cluster")
    if "/" in name:
        raise NotFound("cluster", name)
    found = problems(SCHEMAS["cluster"], name)
    if found:
        raise Several(found)
    return name


def job_number(call: Call) -> int:
    """The job in the path. Raises ``NotFound``: what is no number names no job."""
    text = call.segment("job_id")
    if not (text.isascii() and text.isdigit() and len(text) < _MAX_DIGITS):
        raise NotFound("job", text)
    return int(text)


def credential(header: str | None) -> str | None:
    """The token in ``Authorization``: after ``Bearer`` or ``token``, or as a Basic password.

    ``None`` without the header. Raises ``Unauthenticated`` for one that holds no token.
    """
    if not header:
        return None
    scheme, _, rest = header.strip().partition(" ")
    match scheme.lower():
        case "bearer" | "token":
            secret = rest.strip()
        case "basic":
            secret = _password(rest.strip())
        case _:
            secret = ""
    if not secret:
        raise Unauthenticated(Doubt.MALFORMED)
    return secret


def json_body(raw: bytes) -> Json:
    """The body as JSON, whatever its Content-Type; an empty one is an empty object."""
    return parse_json(raw) if raw else {}


def search(subject_digest: str) -> Search:
    """All records shown for a digest: GitHub does not page this list. Raises ``Several``."""
    digest = digest_of(subject_digest)
    return Search(view=View.CURRENT, digest=digest, presences=SHOWN, limit=None)


def digest_of(subject_digest: str) -> tuple[str, str]:
    """Algorithm and hex of the digest in a path. Raises ``Several``.

    Beside GitHub's ``sha256`` it may be one of the gateway's other algorithms or a git commit.
    """
    algorithm, _, value = subject_digest.partition(":")
    is_commit = algorithm == digests.GIT_COMMIT and digests.is_git_commit(value)
    if not is_commit and not digests.is_digest(algorithm, value):
        raise Several(problems(_DIGEST_SCHEMA, subject_digest))
    return algorithm, value


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
