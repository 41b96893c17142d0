"""GitLab's environments, protected environments and approvals from the core's values. Pure.

Sources: https://docs.gitlab.com/ee/api/environments.html and
https://docs.gitlab.com/ee/api/protected_environments.html, checked 2026-11-20.
"""

from __future__ import annotations

from adapters.gitlab.translate import deployment, user
from gateway.core.model import Environment, ProjectEnvironment, Record
from gateway.core.places import Place
from gateway.core.protection import Approval, Approvals, Grant, Protection, Rule
from gateway.dialect.frame import Frame, Wire
from gateway.dialect.moments import milliseconds


def listed_environment(place: Place, project: Wire) -> Wire:
    """An environment as most calls show it: with its project."""
    return {**_head(place.environment, place.here), "project": project, **_tail(place.here)}


def from_environment(place: Place, last: Record | None, frame: Frame) -> Wire:
    """``GET /projects/:id/environments/:environment_id``: with what was last deployed to it."""
    shown = deployment(last, frame) if last is not None else None
    if shown is not None:
        del shown["environment"]
    return {**_head(place.environment, place.here), "last_deployment": shown, **_tail(place.here)}


def _head(environment: Environment, here: ProjectEnvironment) -> Wire:
    return {
        "id": here.number,
        "name": environment.name,
        "slug": here.slug,
        "external_url": here.external_url,
        "created_at": milliseconds(here.created_at),
        "updated_at": milliseconds(here.updated_at),
        "tier": here.tier,
    }


def _tail(here: ProjectEnvironment) -> Wire:
    return {
        "state": here.state,
        "auto_stop_at": None,
        "description": here.description,
        "auto_stop_setting": here.auto_stop or "always",
    }


def approved(record: Record, approvals: Approvals, frame: Frame) -> Wire:
    """A deployment as the calls about one show it, with what was said of it."""
    rules = [
        {
            **_rule(rule),
            "deployment_approvals": [from_approval(a, frame) for a in approvals.under(rule)],
        }
        for rule in approvals.rules
    ]
    return {
        **deployment(record, frame),
        "pending_approval_count": approvals.pending,
        "approvals": [from_approval(approval, frame) for approval in approvals.given],
        "approval_summary": {"rules": rules},
    }


def from_approval(approval: Approval, frame: Frame) -> Wire:
    """What one user said."""
    return {
        "user": user(approval.user, frame),
        "status": approval.verdict.value,
        "created_at": milliseconds(approval.created_at),
        "comment": approval.comment,
    }


def from_protection(protection: Protection) -> Wire:
    """A protected environment, or a protected tier of a group."""
    return {
        "name": protection.name,
        "deploy_access_levels": [_grant(grant) for grant in protection.grants],
        "required_approval_count": 0,  # the rules alone say how many
        "approval_rules": [_rule(rule) for rule in protection.rules],
    }


def _grant(grant: Grant) -> Wire:
    holder = grant.holder
    return {
        "id": grant.number,
        "access_level": None if holder.level is None else int(holder.level),
        "access_level_description": holder.name,
        "user_id": holder.user.number if holder.user is not None else None,
        "group_id": holder.group.number if holder.group is not None else None,
        "group_inheritance_type": grant.inheritance,
    }


def _rule(rule: Rule) -> Wire:
    holder = rule.holder
    return {
        "id": rule.number,
        "user_id": holder.user.number if holder.user is not None else None,
        "group_id": holder.group.number if holder.group is not None else None,
        "access_level": None if holder.level is None else int(holder.level),
        "access_level_description": holder.name,
        "required_approvals": rule.required,
        "group_inheritance_type": rule.inheritance,
    }
