"""A command as a flat map of canonical path to value."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from gateway.core.commands import EnvironmentName, EnvironmentParts, ProjectPath, RecordDeployment
from gateway.core.model import Presence
from gateway.dialect.numbers import number_of


def said_by(command: RecordDeployment) -> dict[str, Any]:
    """The facts a command says, unsaid ones left out, as the core holds them."""
    facts: dict[str, Any] = {
        "state": command.state,
        "slot.name": command.deployment_name,
        "presence": Presence.DECOMMISSIONED if command.is_decommission else None,
        "occurred_at": command.occurred_at,
    }
    if isinstance(command.project, ProjectPath):
        facts["project.path"] = command.project.path
    if isinstance(command.environment, EnvironmentName):
        facts["environment.name"] = command.environment.name
    if isinstance(command.environment, EnvironmentParts):
        facts |= _group("environment", command.environment)
    for name in ("artifact", "source", "actor", "delivery", "runtime"):
        group = getattr(command, name)
        facts |= {} if group is None else _group(name, group)
    if not command.artifact.digests:
        del facts["artifact.digests"]
    return {path: value for path, value in facts.items() if value is not None}


def facts_of(command: RecordDeployment) -> dict[str, Any]:
    """The same in JSON's types, as an example names them."""
    return {path: plain_fact(value) for path, value in said_by(command).items()}


def _group(name: str, group: Any) -> dict[str, Any]:
    return {f"{name}.{f.name}": getattr(group, f.name) for f in fields(group)}


def plain_fact(value: Any) -> Any:
    """A fact in JSON's types."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return number_of(value)
    if isinstance(value, tuple):
        return list(value)
    return value
