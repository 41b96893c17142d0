"""Where Chainloop's published reference and its running service differ, one field each.

The reference is generated from the service's proto files; the service's own open clients read
camelCase keys and an error ``reason``, which is what go-kratos answers by default. The sources of
each side are named in the README beside this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults are the documented side.

    ``is_camel_case``: response keys read ``environmentName`` instead of ``environment_name``; both
    spellings are read in requests either way.

    ``first_page``: the number of the first page, also in answers; observed, 0 is refused.

    ``refuses_odd_page_size``: the reference cuts a ``page_size`` above 100 to 100 and reads an
    absent one, or 0, as the default; observed, each of them is refused once any ``pagination.*``
    key is sent.

    ``has_kratos_errors``: ``{code: HTTP status, reason, message, metadata}`` instead of
    ``{code: gRPC number, message, details}``.

    ``has_plain_routing_errors``: an unknown path or a wrong verb is answered in plain text by the
    router instead of in the error body.
    """

    profile: str = "documented"
    is_camel_case: bool = False
    first_page: int = 0
    refuses_odd_page_size: bool = False
    has_kratos_errors: bool = False
    has_plain_routing_errors: bool = False


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
