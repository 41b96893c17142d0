"""``dev.cdevents.service.deployed.0.3.0`` in the specification's own spelling.

https://github.com/cdevents/spec/blob/v0.5.1/continuous-deployment.md, checked 2026-11-20.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.core.errors import Invalid, Several

TYPE = "dev.cdevents.service.deployed.0.3.0"
SPECIFICATION = "0.5.1"

Text = Annotated[str, Field(min_length=1)]


class _Closed(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Context(_Closed):
    """What is common to all events."""

    specversion: Text
    id: Text
    source: Text
    type: Literal["dev.cdevents.service.deployed.0.3.0"]
    timestamp: Text
    chainId: Text | None = None  # noqa: N815 (the specification's spelling)
    schemaUri: Text | None = None  # noqa: N815
    links: list[Any] | None = None


class Environment(_Closed):
    """Where the service runs."""

    id: Text
    source: Text | None = None


class Content(_Closed):
    """What was deployed, and where."""

    environment: Environment
    artifactId: Text  # noqa: N815


class Subject(_Closed):
    """The service."""

    id: Text
    source: Text | None = None
    content: Content


class Event(_Closed):
    """The whole event."""

    context: Context
    subject: Subject
    customData: Any = None  # noqa: N815
    customDataContentType: Text | None = None  # noqa: N815


def validated(body: object) -> Event:
    """A body that is such an event. Raises ``Several``."""
    try:
        return Event.model_validate(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise Several(
            tuple(
                Invalid(
                    field=".".join(str(step) for step in problem["loc"]) or "event",
                    reason=problem["type"],
                    detail=problem["msg"],
                )
                for problem in problems
            )
        ) from None
