"""Where GitLab's documentation and its observed behaviour differ, one field each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """The defaults are what the documentation says (https://docs.gitlab.com/ee/api/deployments.html).

    * ``profile``: the setting's own name.
    * ``orders_by_ref``: the list's ``order_by`` takes ``ref``. The documentation lists it; servers
      refuse it since 16.2.
    * ``updated_filter_needs_its_order``: ``updated_after`` and ``updated_before`` come only with
      ``order_by=updated_at``. The documentation names no such rule; servers have it since 16.0.
    * ``accepts_deletion``: DELETE answers 202 ``202 Accepted``, as the documentation's example
      does; servers answer 204 without a body.
    * ``refusal_prefix``: what stands before the reason when DELETE is refused. The documentation's
      examples begin with ``400``; servers send the bare reason.
    """

    profile: str = "documented"
    orders_by_ref: bool = True
    updated_filter_needs_its_order: bool = False
    accepts_deletion: bool = True
    refusal_prefix: str = "400 "


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
