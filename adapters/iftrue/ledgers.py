"""What is done with every field of the gateway's own list; the record has its own ledger."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.dialect.accounts import IN_HEADERS, IN_PATHS, Account, As, Asks
from gateway.dialect.ledger import Addressed, Derived

ACCOUNTS: Mapping[str, Account] = {
    IN_PATHS: Account({"id": Addressed("id", "of a record")}),
    f"{IN_HEADERS} GET": Account(
        {
            "If-None-Match": Asks("304 for who has the answer already"),
            "Cache-Control": Asks("with no-cache it is answered whole all the same"),
        }
    ),
    "list": Account(
        {
            "data[]": As("record"),
            "page": Derived("the page asked for"),
            "limit": Derived("how many a page holds"),
            "total": Derived("how many there are in all"),
        }
    ),
    "deployments_query": Account(
        {
            "page": Asks("which page, from 1"),
            "limit": Asks("how many a page holds"),
            "repository_url": Asks("deployments of this repository"),
            "branch": Asks("deployments of this ref"),
            "status": Asks("deployments in any state that has this word"),
            "since": Asks("deployments created then or later"),
            "until": Asks("deployments created then or earlier"),
        }
    ),
}
