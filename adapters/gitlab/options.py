"""Where GitLab's documentation and its observed behaviour differ, one field each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.dialect.differences import differing


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults are the documented side; each field says the rest. Checked 2026-11-20.

    The documentation is https://docs.gitlab.com/ee/api/deployments.html.
    """

    profile: str = "documented"
    orders_by_ref: bool = differing(
        True,
        question="`order_by=ref`",
        documented="accepted",
        observed="refused",
        reason="the documentation lists it; servers refuse it since 16.2",
        evidence="source: `lib/api/deployments.rb` of https://gitlab.com/gitlab-org/gitlab",
    )
    updated_filter_needs_its_order: bool = differing(
        False,
        question="`updated_after`, `updated_before`",
        documented="with any order",
        observed="with `order_by=updated_at` alone",
        reason="the documentation names no such rule; servers have it since 16.0",
        evidence="source: `app/finders/deployments_finder.rb` of"
        " https://gitlab.com/gitlab-org/gitlab",
    )
    accepts_deletion: bool = differing(
        True,
        question="DELETE",
        documented='202 `{"message":"202 Accepted"}`',
        observed="204, no body",
        reason="the documentation's example answers 202; servers answer 204",
        evidence="source: `lib/api/deployments.rb` of https://gitlab.com/gitlab-org/gitlab",
    )
    refusal_prefix: str = differing(
        "400 ",
        question="DELETE refused",
        documented="`400 Cannot destroy running deployment`",
        observed="`Cannot destroy running deployment`",
        reason="the documentation's examples begin with `400`; servers send the bare reason",
        evidence="source: https://gitlab.com/gitlab-org/gitlab",
    )


OPTIONS: Mapping[str, Options] = {
    "documented": Options(),
    "observed": Options(
        profile="observed",
        orders_by_ref=False,
        updated_filter_needs_its_order=True,
        accepts_deletion=False,
        refusal_prefix="",
    ),
}
