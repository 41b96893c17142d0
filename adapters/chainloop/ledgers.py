"""What is done with every field of the messages beside the record's own."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.chainloop import wire
from gateway.dialect.accounts import IN_HEADERS, IN_PATHS, Account, As, Asks, Line, under
from gateway.dialect.ledger import Addressed, Derived, Ignored, Shown, To

_PAGE: Mapping[str, Line] = {
    "pagination.page": Asks("which page, from the profile's first"),
    "pagination.page_size": Asks("how many a page holds"),
}
_PAGED: Mapping[str, Line] = {
    "pagination.page": Derived("the page asked for"),
    "pagination.page_size": Derived("how many a page holds"),
    "pagination.total_count": Derived("how many there are in all"),
    "pagination.total_pages": Derived("how many pages they fill"),
}
_LOGICAL: Mapping[str, Line] = {
    "id": Derived("one id per org and tier"),
    "name": Shown("environment.tier"),
    "description": Derived("always empty: tiers have none"),
    "organization_id": Derived("the org's id"),
    "created_at": Derived("as old as the org"),
    "updated_at": Derived("as old as the org"),
}

ACCOUNTS: Mapping[str, Account] = {
    IN_PATHS: Account({"id": Addressed("environment.id")}),
    IN_HEADERS: Account(
        {
            "Chainloop-Organization": Addressed(
                "org.name", "of the instance administrator alone; others have their token's"
            )
        }
    ),
    "created": Account({"deployment_record": As("record")}),
    "list": Account({"deployment_records[]": As("record"), **_PAGED}),
    "deployments_query": Account(
        {
            **_PAGE,
            "environment_name": Asks("records in the environment of this name"),
            "project_name": Asks("records of this project, with or without its org"),
            "project_version_name": Asks("records of this version, else of this ref"),
            "status": Asks("records of this presence; unspecified is no filter"),
            "artifact_kind": Asks("records of artifacts of this kind; unspecified is no filter"),
            "deployment_name": Asks("records of the slots of this name"),
            "full_history": Asks("every record, and not only each slot's current one"),
        },
        model=wire.ListDeploymentRecords,
    ),
    "create_environment": Account(
        {
            "name": To("environment.name", read="name"),
            "type": To("environment.kind", read="type", stand_in="ENVIRONMENT_TYPE_UNSPECIFIED"),
            "description": To("environment.description", read="description"),
            "logical_environment_id": To(
                "environment.tier", read="logical_environment.id", stand_in="guessed from the name"
            ),
        },
        model=wire.CreateEnvironment,
    ),
    "environment": Account(
        {
            "id": Derived("the environment's id in the org"),
            "name": Shown("environment.name"),
            "description": Shown("environment.description"),
            "type": Shown("environment.kind", stand_in="ENVIRONMENT_TYPE_UNSPECIFIED"),
            "organization_id": Derived("the org's id"),
            **under("logical_environment", _LOGICAL),
            "created_at": Shown("environment.created_at"),
            "updated_at": Shown("environment.updated_at"),
        }
    ),
    "environment_answer": Account({"environment": As("environment")}),
    "environments": Account({"environments[]": As("environment"), **_PAGED}),
    "environments_query": Account(
        {
            **_PAGE,
            "query": Asks("environments with this text in their name or description"),
            "logical_environment_id": Asks("environments of this tier"),
        },
        model=wire.ListEnvironments,
    ),
    "environment_query": Account(
        {
            "id": Addressed("environment.id", "the path's is bound last"),
            "name": Ignored("the id has found the environment; a name must only be one"),
        },
        model=wire.GetEnvironment,
    ),
}
