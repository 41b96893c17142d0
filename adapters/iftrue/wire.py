"""iftrue's request in its own spelling, and what its validation finds.

https://docs.iftrue.co/getting-started/basics/repository-settings/deployment-tracking-with-http-request
checked 2026-11-20. The texts and their order are those of class-validator, an inferred stack.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from adapters.iftrue.repository import repository
from gateway.core.errors import Invalid, Several
from gateway.dialect.numbers import decimal_of


class Status(StrEnum):
    """How a deployment went. ``succes`` is iftrue's own spelling; no other is taken or given."""

    SUCCESS = "succes"
    IN_PROGRESS = "in_progress"
    FAIL = "fail"


def _number(value: object) -> Decimal | None:
    """A JSON number as the decimal that it was written as."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        raise PydanticCustomError("number", "not a number")
    return decimal_of(value)


def _is_finite(value: int | float) -> bool:
    return isinstance(value, int) or math.isfinite(value)


def _whole(value: object) -> int | None:
    number = _number(value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise PydanticCustomError("number", "not a whole number")
    return int(number)


def _is_repository(url: str) -> str:
    if repository(url) is None:
        raise PydanticCustomError("url", "not a repository")
    return url


Text = Annotated[str, Field(min_length=1)]
Number = Annotated[Decimal | None, BeforeValidator(_number)]
# The canonical record counts in whole numbers; iftrue's own type is any number.
Whole = Annotated[int | None, BeforeValidator(_whole)]


class Deployment(BaseModel):
    """What ``POST /v1/organization/deployment`` takes, in the documented order.

    ``None`` is the same as unsaid. Unknown names are dropped.
    """

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    title: Text
    changelog: str | None = None
    url: str | None = None
    branch: Text
    commit_id: Text
    deployment_duration: Number = None
    is_fix: bool | None = None
    is_hotfix: bool | None = None
    is_forced: bool | None = None
    commits_count: Whole = None
    repository_url: Annotated[Text, AfterValidator(_is_repository)]
    member_id: Text
    pull_request_number: Annotated[int, BeforeValidator(_whole)]
    deployment_node_id: Annotated[str | None, Field(validate_default=True)] = None
    status: Annotated[Status | None, Field(strict=False)] = None

    @field_validator("deployment_node_id")
    @classmethod
    def _required_on_github(cls, node_id: str | None, info: ValidationInfo) -> str | None:
        where = repository(info.data.get("repository_url", ""))
        if not node_id and where is not None and where.is_on_github:
            raise PydanticCustomError("missing" if node_id is None else "string_too_short", "empty")
        return node_id


def validated(body: object) -> Deployment:
    """A body that fits. Raises ``Several``, problems in the order of the fields.

    What is no object has none of the fields.
    """
    try:
        return Deployment.model_validate(body if isinstance(body, dict) else {})
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        raise Several(tuple(p for problem in problems for p in _problems(problem))) from None


_REASONS: Mapping[str, str] = {
    "string_type": "string",
    "string_too_short": "empty",
    "bool_type": "boolean",
    "enum": "word",
    "url": "url",
    "number": "number",
    "int_type": "number",
}


def _problems(problem: Mapping[str, Any]) -> Iterator[Invalid]:
    field, kind = str(problem["loc"][0]), problem["type"]
    if field == "pull_request_number":
        yield Invalid(field=field, reason="number")
    elif kind == "missing" or (kind == "string_type" and problem["input"] is None):
        yield Invalid(field=field, reason="empty")
        yield Invalid(field=field, reason="string")
    else:
        yield Invalid(field=field, reason=_REASONS[kind])
