"""Requests about protected environments and approvals in GitLab's spelling.

Source: https://docs.gitlab.com/ee/api/protected_environments.html, checked 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator

from adapters.gitlab.parameters import Said
from adapters.gitlab.wire import Parameters, Text, flag_of, integer, is_flag, one_of
from adapters.gitlab.wire_environments import TIERS
from gateway.core.errors import Invalid, Several
from gateway.core.limits import MAX_NUMBER
from gateway.core.protection import Level
from gateway.protection import EntrySaid, ProtectionSaid

_GRANTS, _RULES = "deploy_access_levels", "approval_rules"
_LEVELS = (Level.REPORTER, Level.DEVELOPER, Level.MAINTAINER, Level.ADMIN)
_INHERITANCE = (0, 1)
_REQUIRED = (1, 2, 3, 4, 5)
_GRANT_NUMBERS: Mapping[str, tuple[int, ...]] = {
    "access_level": _LEVELS,
    "user_id": (),
    "group_id": (),
    "group_inheritance_type": _INHERITANCE,
    "id": (),
}
"""The numbers of an entry, in the order in which they are checked; none listed is any."""

_RULE_NUMBERS = {**_GRANT_NUMBERS, "required_approvals": _REQUIRED}
NAMES = frozenset({_GRANTS, _RULES, "required_approval_count"})
"""The parameters of both requests that are read here, one by one."""

_HOLDERS = ("access_level", "user_id", "group_id")
_EXACTLY_ONE = "base Exactly one of access_level, group_id, user_id must be present"
_MAX_NAME = 255


class Approve(Parameters):
    """``POST /projects/:id/deployments/:deployment_id/approval``."""

    status: Annotated[str, BeforeValidator(one_of(("approved", "rejected")))]
    comment: Text = None
    represented_as: Text = None


def name_of(said: Said) -> str:
    """The name that a new protection has in the request."""
    return str(said.get("name") or "")


def check_name(name: str, *, is_tier: bool) -> None:
    """Raise ``Invalid`` with the model's sentence for a name that nothing can have."""
    if not name.strip():
        raise Invalid(field="model", reason="unprocessable", value=("Name can't be blank",))
    if is_tier and name not in TIERS:
        text = "Name must be one of environment tiers"
        raise Invalid(field="model", reason="unprocessable", value=(text,))
    if len(name) > _MAX_NAME:
        text = f"Name is too long (maximum is {_MAX_NAME} characters)"
        raise Invalid(field="model", reason="unprocessable", value=(text,))


def check_count(said: Said) -> None:
    """Raise ``Invalid``: only rules say how many have to approve."""
    if (integer(said.get("required_approval_count")) or 0) > 0:
        raise Invalid(field="required_approval_count", reason="deprecated")


def protection_said(said: Said, *, is_new: bool) -> ProtectionSaid:
    """The entries of a request. Raises ``Several`` for parameters, ``Invalid`` for the model's."""
    problems: list[Invalid] = []
    if is_new:
        problems += [Invalid(name, "missing") for name in ("name", _GRANTS) if name not in said]
        if isinstance(said.get("name"), list | dict):
            problems.append(Invalid("name", "invalid"))
    read = {name: _entries(name, said.get(name), problems) for name in (_GRANTS, _RULES)}
    count = said.get("required_approval_count")
    if count not in (None, "") and integer(count) is None:
        problems.append(Invalid("required_approval_count", "invalid"))
    if problems:
        raise Several(tuple(problems))
    _check_holders(read)
    return ProtectionSaid(grants=read[_GRANTS], rules=read[_RULES])


def _entries(name: str, value: object, problems: list[Invalid]) -> tuple[EntrySaid, ...] | None:
    if value is None or value == "":
        return None
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        problems.append(Invalid(name, "invalid"))
        return None
    found = []
    for index, item in enumerate(value):
        place = f"{name}[{index}]"
        faults = list(_faults(place, item, is_rule=name == _RULES))
        problems += faults
        if not faults:
            found.append(_entry(item))
    return tuple(found)


def _faults(place: str, item: Mapping[str, object], *, is_rule: bool) -> Iterator[Invalid]:
    for name, allowed in (_RULE_NUMBERS if is_rule else _GRANT_NUMBERS).items():
        yield from _number_faults(f"{place}[{name}]", item.get(name), allowed)
    if item.get("_destroy") not in (None, "") and not is_flag(item["_destroy"]):
        yield Invalid(f"{place}[_destroy]", "invalid")
    if is_rule and item.get("id") in (None, "") and all(item.get(n) is None for n in _HOLDERS):
        yield Invalid(", ".join(f"{place}[{name}]" for name in _HOLDERS), "none_of")


def _number_faults(place: str, value: object, allowed: tuple[int, ...]) -> Iterator[Invalid]:
    if value in (None, ""):
        return
    number = integer(value)
    if number is None or not -MAX_NUMBER <= number <= MAX_NUMBER:
        yield Invalid(place, "invalid")
    elif allowed and number not in allowed:
        yield Invalid(place, "value")


def _entry(item: Mapping[str, object]) -> EntrySaid:
    return EntrySaid(
        number=integer(item.get("id")),
        user=integer(item.get("user_id")),
        group=integer(item.get("group_id")),
        level=integer(item.get("access_level")),
        required=integer(item.get("required_approvals")),
        inheritance=integer(item.get("group_inheritance_type")),
        is_removed=is_flag(item.get("_destroy")) and flag_of(item["_destroy"]),
    )


def _check_holders(read: Mapping[str, tuple[EntrySaid, ...] | None]) -> None:
    for name, text in ((_GRANTS, "Deploy access levels"), (_RULES, "Approval rules")):
        for entry in read[name] or ():
            if entry.holders > 1 or (entry.holders == 0 and entry.number is None):
                sentence = f"{text} {_EXACTLY_ONE}"
                raise Invalid(field="model", reason="unprocessable", value=(sentence,))
