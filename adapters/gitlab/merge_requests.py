"""The merge requests of a deployment, as far as records tell of them. Pure.

A record may carry the number of the pull request that it delivered. Each such number is shown as a
merged merge request: what nobody has said is null, empty or zero, and its times are those of the
first record that carries it. Source: https://docs.gitlab.com/ee/api/merge_requests.html, checked
2026-11-20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from urllib.parse import quote

from adapters.gitlab.parameters import Said
from adapters.gitlab.translate import user
from adapters.gitlab.wire import integer, text_of
from adapters.gitlab.wire_listing import ListMergeRequests
from gateway.core.model import Record, User
from gateway.dialect.frame import Frame, Wire
from gateway.dialect.moments import milliseconds

_ID_BYTES = 6  # as large a number as JavaScript reads without loss
_SHOWN_STATES = frozenset({"all", "merged"})
_NOBODY = frozenset({"none", "0", ""})


def chosen(
    records: Iterable[Record], asked: ListMergeRequests, said: Said, caller: User
) -> list[Record]:
    """The records whose merge requests a list shows, in its order."""
    found = [
        record
        for record in records
        if asked.state in _SHOWN_STATES
        and asked.admits(record.created_at)
        and _is_in_scope(record, asked.scope, caller)
        and _passes(record, said)
    ]
    key = _title if asked.order_by == "title" else _moment
    return sorted(found, key=key, reverse=asked.sort == "desc")


def from_carrier(record: Record, frame: Frame) -> Wire:
    """The merge request whose number a record carries."""
    iid = record.delivery.pull_request_number or 0
    path = record.project.path
    moment = milliseconds(record.created_at)
    who = user(record.actor, frame)
    return {
        "id": _id(record),
        "iid": iid,
        "project_id": record.project.number,
        "title": _title(record)[0],
        "description": record.delivery.changelog,
        "state": "merged",
        "created_at": moment,
        "updated_at": moment,
        "merged_by": None,
        "merge_user": None,
        "merged_at": moment,
        "closed_by": None,
        "closed_at": None,
        "target_branch": "",
        "source_branch": record.source.ref or "",
        "user_notes_count": 0,
        "upvotes": 0,
        "downvotes": 0,
        "author": who,
        "assignees": [],
        "assignee": None,
        "reviewers": [],
        "source_project_id": record.project.number,
        "target_project_id": record.project.number,
        "labels": [],
        "draft": False,
        "imported": False,
        "imported_from": "none",
        "work_in_progress": False,
        "milestone": None,
        "merge_when_pipeline_succeeds": False,
        "merge_status": "can_be_merged",
        "detailed_merge_status": "not_open",
        "merge_after": None,
        "sha": record.source.commit,
        "merge_commit_sha": None,
        "squash_commit_sha": None,
        "discussion_locked": None,
        "should_remove_source_branch": None,
        "force_remove_source_branch": None,
        "prepared_at": moment,
        "allow_collaboration": False,
        "allow_maintainer_to_push": False,
        "reference": f"!{iid}",
        "references": {"short": f"!{iid}", "relative": f"!{iid}", "full": f"{path}!{iid}"},
        "web_url": f"{frame.base_url}/{quote(path)}/-/merge_requests/{iid}",
        "time_stats": {
            "time_estimate": 0,
            "total_time_spent": 0,
            "human_time_estimate": None,
            "human_total_time_spent": None,
        },
        "squash": False,
        "squash_on_merge": False,
        "task_completion_status": {"count": 0, "completed_count": 0},
        "has_conflicts": False,
        "blocking_discussions_resolved": True,
        "approvals_before_merge": None,
    }


def _id(record: Record) -> int:
    """Of project and number alone, so that it stays whatever becomes of the records."""
    said = f"{record.project.id}!{record.delivery.pull_request_number}"
    return int.from_bytes(sha256(said.encode()).digest()[:_ID_BYTES], "big")


def _title(record: Record) -> tuple[str, int]:
    number = record.delivery.pull_request_number or 0
    return record.delivery.title or f"!{number}", number


def _moment(record: Record) -> tuple[float, int]:
    return record.created_at.timestamp(), record.delivery.pull_request_number or 0


def _is_in_scope(record: Record, scope: str, caller: User) -> bool:
    scope = scope.replace("-", "_")
    if scope == "created_by_me":
        return record.actor.id == caller.id
    return scope == "all"


def _passes(record: Record, said: Said) -> bool:
    refused = said.get("not")
    refused = refused if isinstance(refused, dict) else {}
    return _matches(record, said, is_all=True) and not _matches(record, refused, is_all=False)


def _matches(record: Record, said: Mapping[str, object], *, is_all: bool) -> bool:
    """Whether a record fits all of the filters, or any of them. Unknown ones say nothing."""
    found = [
        check(record, words) for name, check in FILTERS.items() if (words := _texts(said.get(name)))
    ]
    return all(found) if is_all else any(found)


def _texts(value: object) -> list[str]:
    """What a filter asks for; an empty one, or one that is no text, says nothing."""
    values = value if isinstance(value, list) else [value]
    return [
        text for item in values if not isinstance(item, list | dict) and (text := text_of(item))
    ]


def _by_number(of: Callable[[Record], int | None]) -> Callable[[Record, list[str]], bool]:
    return lambda record, said: of(record) in {integer(text) for text in said}


def _nobody(_record: Record, said: list[str]) -> bool:
    """What no merge request is known to have: asking for none of it finds all of them."""
    return all(text.lower() in _NOBODY for text in said)


def _mentions(record: Record, said: list[str]) -> bool:
    words = f"{_title(record)[0]} {record.delivery.changelog or ''}".casefold()
    return all(text.casefold() in words for text in said)


FILTERS: Mapping[str, Callable[[Record, list[str]], bool]] = {
    "iids": _by_number(lambda record: record.delivery.pull_request_number),
    "author_id": _by_number(lambda record: record.actor.number),
    "author_username": lambda record, said: record.actor.username in said,
    "source_branch": lambda record, said: (record.source.ref or "") in said,
    "target_branch": lambda _record, _said: False,
    "source_project_id": _by_number(lambda record: record.project.number),
    "search": _mentions,
    "wip": lambda _record, said: said == ["no"],
    "draft": lambda _record, said: said[0] in {"false", "no", "0"},
    "environment": lambda record, said: record.environment.name in said,
    "assignee_id": _nobody,
    "assignee_username": _nobody,
    "reviewer_id": _nobody,
    "reviewer_username": _nobody,
    "merge_user_id": _nobody,
    "merge_user_username": _nobody,
    "approved_by_ids": _nobody,
    "approved_by_usernames": _nobody,
    "approver_ids": _nobody,
    "labels": _nobody,
    "milestone": _nobody,
    "my_reaction_emoji": _nobody,
}
"""The filters that are read by hand, by name: a record, and what is asked for."""
