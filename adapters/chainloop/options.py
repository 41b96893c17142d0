"""Where Chainloop's published reference and its running service differ, one field each.

The reference is generated from the service's proto files; the service's own open clients read
camelCase keys and an error ``reason``, which is what go-kratos answers by default. Checked
2026-11-20; the sources of each side are named in the README beside this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.dialect.differences import differing


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults are the documented side; each field says the rest."""

    profile: str = "documented"
    is_camel_case: bool = differing(
        False,
        question="response keys",
        documented="`environment_name`",
        observed="`environmentName`",
        reason="the reference's generator keeps the names of the proto files; go-kratos writes"
        " proto3 JSON, and the service's open clients read `organizationName`,"
        " `validationErrors`, `orgId`",
        evidence="source: the clients of https://github.com/chainloop-dev/chainloop;"
        " measured on go-kratos 2.9.2",
    )
    first_page: int = differing(
        0,
        question="first page, also in answers",
        documented="0",
        observed="1; 0 is refused",
        reason="the reference calls the page zero-based; the open control plane's proto, with the"
        " same comments word for word, demands at least 1",
        evidence="source: the pagination proto of https://github.com/chainloop-dev/chainloop",
    )
    refuses_odd_page_size: bool = differing(
        False,
        question="`page_size` above 100, or 0 or absent beside another `pagination.*` key",
        documented="cut to 100; 100",
        observed="refused with 400",
        reason="the reference says that a larger size is cut to the maximum; the open control"
        " plane's rule is more than 0 and at most 100 as soon as the message is there",
        evidence="source: the pagination proto of https://github.com/chainloop-dev/chainloop",
    )
    has_kratos_errors: bool = differing(
        False,
        question="error body",
        documented='`{"code": gRPC number, "message", "details": []}`',
        observed='`{"code": HTTP status, "reason", "message", "metadata": {}}`',
        reason="the reference's default answer is the generator's `rpcStatus`; go-kratos encodes"
        " errors of its own, whose `reason` the open clients read",
        evidence="source: https://github.com/go-kratos/kratos; measured on go-kratos 2.9.2",
    )
    has_plain_routing_errors: bool = differing(
        False,
        question="unknown path, wrong verb",
        documented="the error body, codes 5 and 12",
        observed="plain text",
        reason="the reference knows one default answer for all that fails; go-kratos leaves"
        " unmatched requests to its router",
        evidence="source: https://github.com/go-kratos/kratos; measured on go-kratos 2.9.2",
    )


OPTIONS: Mapping[str, Options] = {
    "documented": Options(),
    "observed": Options(
        profile="observed",
        is_camel_case=True,
        first_page=1,
        refuses_odd_page_size=True,
        has_kratos_errors=True,
        has_plain_routing_errors=True,
    ),
}
