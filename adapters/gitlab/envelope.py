"""What surrounds a deployment in GitLab: credential, address, search, encoding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from adapters.gitlab.options import Options
from adapters.gitlab.paging import TOTAL_LIMIT, offset
from adapters.gitlab.parameters import Said
from adapters.gitlab.translate import STATE_IN
from adapters.gitlab.wire import ListDeployments, integer, validated
from gateway.core.commands import ProjectChoice
from gateway.core.context import Permission
from gateway.core.errors import BadText, Doubt, Forbidden, Invalid, Unauthenticated
from gateway.core.search import Bounds, Search, SortKey
from gateway.dialect.credentials import CredentialPlace, Kind
from gateway.dialect.frame import Frame
from gateway.dialect.text import compact_json, decode_segment

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMATS = frozenset({"json", "txt"})
_FINISHED = frozenset({"success", "failed", "canceled"})
_JOB_PREFIX = "glcbt-"

_SORTS: Mapping[str, SortKey] = {
    "id": SortKey.NUMBER,
    "iid": SortKey.NUMBER,
    "created_at": SortKey.NUMBER,
    "updated_at": SortKey.UPDATED_AT,
    "finished_at": SortKey.FINISHED_AT,
    "ref": SortKey.REF,
}
"""GitLab orders by number for three of its words."""

CREDENTIALS = (
    CredentialPlace("private_token", Kind.HEADER, "PRIVATE-TOKEN"),
    CredentialPlace("bearer", Kind.BEARER),
    CredentialPlace("job_token", Kind.HEADER, "JOB-TOKEN", "Where no other token stands"),
    CredentialPlace("private_token_parameter", Kind.QUERY, "private_token"),
    CredentialPlace("access_token_parameter", Kind.QUERY, "access_token"),
    CredentialPlace("bearer_token_parameter", Kind.QUERY, "bearer_token"),
    CredentialPlace("job_token_parameter", Kind.QUERY, "job_token", "Where no other token stands"),
    CredentialPlace("token_parameter", Kind.QUERY, "token", "Where no other token stands"),
)
"""As documents show them; a parameter may stand in the body too."""

_NAME = re.compile(r"/projects/[^/]+/protected_environments/[^/]+")
_OF_GROUP = re.compile(r"/{1,2}api/v4/+groups/")
_TRAVERSAL = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")
_FREE_TEXT = frozenset({"search", "name", "description", "content", "body", "note", "comment"})
_ESCAPES = str.maketrans(
    {
        "&": "\\u0026",
        "<": "\\u003c",
        ">": "\\u003e",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)


_CREDENTIALS = ("private_token", "access_token", "bearer_token", "job_token", "token")


def credentials(
    headers: Mapping[str, str], said: Said, *, takes_jobs: bool = True
) -> tuple[str, ...]:
    """The secrets a request offers, in the order in which GitLab tries them.

    A job token counts only where no other stands, and where ``takes_jobs``. Raises
    ``Unauthenticated`` for a bearer token both in the header and in a parameter.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    if bearer and "access_token" in said:
        raise Unauthenticated(Doubt.TWICE)
    personal = _texts(
        bearer,
        said.get("access_token"),
        said.get("bearer_token"),
        said.get("private_token"),
        headers.get("private-token"),
    )
    found = tuple([text for text in personal if not text.startswith(_JOB_PREFIX)])
    if found or not takes_jobs:
        return found
    return _texts(headers.get("job-token"), said.get("job_token"), said.get("token"))


def secrets(said: Said) -> tuple[str, ...]:
    """Whatever stands in a parameter that holds credentials, tried or not."""
    return _texts(*[said[name] for name in _CREDENTIALS if name in said])


def _texts(*values: object) -> tuple[str, ...]:
    return tuple([value for value in values if isinstance(value, str) and value])


def check_scope(method: str, permission: Permission) -> None:
    """Raise ``Forbidden`` for a ``read`` token that would write: its scope is ``read_api``."""
    if method not in _READING and permission < Permission.WRITE:
        raise Forbidden(needs="write")


def check_text(frame: Frame, query: Iterable[tuple[str, str]]) -> None:
    """Raise for what GitLab refuses before it looks at the path.

    Text that is not UTF-8 in the path or in two headers is ``BadText``; ``..`` in the path or a
    query value is ``Invalid``.
    """
    path = decode_segment(frame.path)
    for name in ("referer", "authorization"):
        _check_utf8(frame.headers.get(name, ""), name)
    values = [value for name, value in query if name not in _FREE_TEXT]
    for text in (path, *values):
        if ".." in text and _TRAVERSAL.search(text) is not None:
            raise Invalid(field="path", reason="traversal")


def check_format(query: Iterable[tuple[str, str]]) -> None:
    """Raise ``Invalid`` for a format that is not JSON's."""
    for name, value in query:
        if name == "format" and value and value not in _FORMATS:
            raise Invalid(field="format", reason="unacceptable", value=value)


def _check_utf8(header: str, name: str) -> None:
    """Headers arrive as Latin-1, whatever bytes they are."""
    if header.isascii():
        return
    try:
        header.encode("latin-1").decode()
    except ValueError:
        raise BadText(name) from None


def identifier(name: str, said: str) -> int:
    """A whole number in the path. Raises ``Invalid``."""
    number = integer(said)
    if number is None:
        raise Invalid(field=name, reason="invalid")
    return number


def deployments_asked(said: Said, options: Options, today: date) -> ListDeployments:
    """What a list of deployments is asked for. Raises ``Several``."""
    return validated(ListDeployments, said, orders_by_ref=options.orders_by_ref, today=today)


def broken_rule(asked: ListDeployments, options: Options) -> Invalid | None:
    """The first rule of GitLab's finder that a combination of filters breaks."""
    updated = asked.updated_after or asked.updated_before
    finished = asked.finished_after or asked.finished_before
    if updated and finished:
        rule = "families"
    elif updated and options.updated_filter_needs_its_order and asked.order_by != "updated_at":
        rule = "updated_order"
    elif finished and asked.order_by != "finished_at":
        rule = "finished_order"
    elif asked.order_by == "finished_at" and not finished and asked.status not in _FINISHED:
        rule = "finished_sort"
    elif finished and asked.status != "success":
        rule = "finished_status"
    else:
        return None
    return Invalid(field="filter", reason="finder", value=rule)


def search(asked: ListDeployments, project: ProjectChoice) -> Search:
    """The search for one page and one row more, which tells whether a next page is there."""
    return Search(
        project=project,
        environment_name=asked.environment,
        states=frozenset({STATE_IN[asked.status]}) if asked.status else None,
        updated=Bounds(asked.updated_after, asked.updated_before),
        finished=Bounds(asked.finished_after, asked.finished_before, is_open=True),
        sort=_SORTS[asked.order_by],
        is_descending=asked.sort == "desc",
        offset=offset(asked),
        limit=asked.per_page + 1,
        count_limit=TOTAL_LIMIT,
    )


def encode(value: object) -> bytes:
    """JSON with the characters escaped that could end a script or a tag."""
    body = compact_json(value)
    if body.isascii() and b"&" not in body and b"<" not in body and b">" not in body:
        return body
    return body.decode().translate(_ESCAPES).encode()


def route_path(path: str) -> str:
    """The path as the routes spell it: no slash at its end or said twice, and no format at its end.

    ``deployments.json/`` is ``deployments``. The path of a project or a group and the name of a
    project's protected environment keep their dots, which may belong to them. Sources:
    https://gitlab.com/gitlab-org/gitlab/-/blob/master/ee/lib/api/protected_environments.rb and
    https://github.com/ruby-grape/grape/blob/v2.0.0/lib/grape/router.rb, checked 2026-11-20.
    """
    path = "/" + "/".join(part for part in path.split("/") if part)
    head, _, last = path.rpartition("/")
    bare, dot, ending = last.rpartition(".")
    if not dot or not bare or not ending or _NAME.fullmatch(path):
        return path
    if head in {"/projects", "/groups"} and integer(bare) is None:
        return path
    return f"{head}/{bare}"


def is_of_group(path: str) -> bool:
    """Whether a path as sent is below a group's."""
    return _OF_GROUP.match(path) is not None
