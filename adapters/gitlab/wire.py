"""GitLab's requests in its own spelling, checked as its parameter layer checks them.

Parameters come from a query, a form or a JSON object, so a number may be text and text may be a
number. Every problem is reported, in the order in which the fields are declared here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from adapters.gitlab.dates import parse_moment
from gateway.core.errors import Invalid, Several

STATUSES = ("created", "running", "success", "failed", "canceled", "skipped", "blocked")
"""The words of a deployment's status; a client may write four of them."""

WRITABLE = ("running", "success", "failed", "canceled")

ORDERS = ("id", "iid", "created_at", "updated_at", "finished_at")
DEFAULT_PER_PAGE = 20
MAX_PER_PAGE = 100

_TRUE = ("1", "on", "On", "ON", "t", "true", "True", "TRUE", "T", "y", "yes", "Yes", "YES", "Y")
_FALSE = ("0", "off", "Off", "OFF", "f", "false", "False", "FALSE", "F", "n", "no", "No", "NO", "N")
_BOOLEANS = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}

_INTEGER = re.compile(r"\s*([+-]?)(\d+(?:_\d+)*)\s*", re.ASCII)
_MANY_DIGITS = 40

_MISSING = {
    "environment": ("missing", "empty"),
    "sha": ("missing", "empty"),
    "ref": ("missing", "empty"),
    "status": ("missing", "value"),
}
"""What GitLab says of an absent required parameter, where that is more than ``is missing``."""

_REASONS = frozenset({"empty", "invalid", "value", "not_allowed", "absent"})

Model = TypeVar("Model", bound=BaseModel)


def text_of(value: object) -> str | None:
    """Text, or ``None``. JSON numbers and booleans read as text; lists and objects do not."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise PydanticCustomError("invalid", "is invalid")


def _filled(value: object) -> str:
    text = text_of(value)
    if text is None or not text.strip():
        raise PydanticCustomError("empty", "is empty")
    return text


def flag_of(value: object) -> bool:
    """Yes or no. GitLab lets an empty flag through to its database; here it is invalid."""
    flag = _BOOLEANS.get(text_of(value) or "")
    if flag is None:
        raise PydanticCustomError("invalid", "is invalid")
    return flag


def one_of(words: tuple[str, ...]) -> Callable[[object], str]:
    """A check that a value is one of these words."""

    def check(value: object) -> str:
        text = text_of(value)
        if text is None or text not in words:
            raise PydanticCustomError("value", "does not have a valid value")
        return text

    return check


def _order(value: object, info: ValidationInfo) -> str:
    by_ref = (info.context or {})["orders_by_ref"]
    return one_of((*ORDERS, "ref") if by_ref else ORDERS)(value)


def integer(value: object) -> int | None:
    """A whole number as text or JSON says it; ``None`` for anything else.

    Of a number of very many digits only the size is kept: it is beyond every database.
    """
    match = _INTEGER.fullmatch(str(value)) if isinstance(value, int | str) else None
    if match is None:
        return None
    digits = match[2].replace("_", "").lstrip("0")
    number = int(digits or "0") if len(digits) < _MANY_DIGITS else 10**_MANY_DIGITS
    return -number if match[1] == "-" else number


def whole_of(value: object) -> int | None:
    """A whole number; ``None`` for nothing said."""
    if value is None or value == "":
        return None
    number = integer(value)
    if number is None:
        raise PydanticCustomError("invalid", "is invalid")
    return number


def _page(value: object) -> int:
    return max(whole_of(value) or 1, 1)


def _per_page(value: object) -> int:
    size = whole_of(value)
    if size is None:
        return DEFAULT_PER_PAGE
    if size == 0:
        raise PydanticCustomError("not_allowed", "has a value not allowed")
    return min(size, MAX_PER_PAGE) if size > 0 else DEFAULT_PER_PAGE


def moment_of(value: object, info: ValidationInfo) -> datetime | None:
    """A moment, read loosely; ``None`` for nothing said."""
    if value is None or value == "":
        return None
    today = (info.context or {})["today"]
    moment = parse_moment(value, today) if isinstance(value, str) else None
    if moment is None:
        raise PydanticCustomError("invalid", "is invalid")
    return moment


def filter_of(value: object) -> str | None:
    """Text; an empty one says nothing."""
    return text_of(value) or None


def is_flag(value: object) -> bool:
    """Whether a value says yes or no."""
    return isinstance(value, bool) or (isinstance(value, str) and value in _BOOLEANS)


Text = Annotated[str | None, BeforeValidator(text_of)]
Filled = Annotated[str, BeforeValidator(_filled)]
Flag = Annotated[bool, BeforeValidator(flag_of)]
NewStatus = Annotated[str, BeforeValidator(one_of(WRITABLE))]
Moment = Annotated[datetime | None, BeforeValidator(moment_of)]
Filter = Annotated[str | None, BeforeValidator(filter_of)]


class Parameters(BaseModel):
    """What a request says; names that nobody declared are nobody's business."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class CreateDeployment(Parameters):
    """``POST /projects/:id/deployments``."""

    environment: Filled
    sha: Filled
    ref: Filled
    tag: Flag
    status: NewStatus


class UpdateDeployment(Parameters):
    """``PUT /projects/:id/deployments/:deployment_id``."""

    status: NewStatus


class Paged(Parameters):
    """The page a list asks for. Odd numbers are mended as GitLab mends them."""

    page: Annotated[int, BeforeValidator(_page)] = 1
    per_page: Annotated[int, BeforeValidator(_per_page)] = DEFAULT_PER_PAGE


class ListDeployments(Paged):
    """``GET /projects/:id/deployments``."""

    order_by: Annotated[str, BeforeValidator(_order)] = "id"
    sort: Annotated[str, BeforeValidator(one_of(("asc", "desc")))] = "asc"
    updated_after: Moment = None
    updated_before: Moment = None
    finished_after: Moment = None
    finished_before: Moment = None
    environment: Filter = None
    status: Annotated[str | None, BeforeValidator(one_of(STATUSES))] = None


def validated(model: type[Model], said: Mapping[str, object], **context: Any) -> Model:
    """The parameters of a request. Raises ``Several`` with every problem in declaration order."""
    try:
        return model.model_validate(said, context=context)
    except ValidationError as error:
        raise Several(tuple(_problems(error))) from None


def _problems(error: ValidationError) -> Iterator[Invalid]:
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        field, reason = str(item["loc"][0]), item["type"]
        if reason == "missing":
            yield from (Invalid(field, why) for why in _MISSING.get(field, ("missing",)))
        else:
            yield Invalid(field, reason if reason in _REASONS else "invalid")
