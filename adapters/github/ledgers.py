"""What is done with every field of sets, jobs, storage records and what clients ask around them."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.github import wire
from adapters.github.translate import LEDGER
from gateway.dialect.accounts import IN_HEADERS, IN_PATHS, Account, As, Asks, Line, each, under
from gateway.dialect.ledger import Addressed, Derived, Ignored, Shown, To

_COUNT: Mapping[str, Line] = {"total_count": Derived("how many are shown")}
_PLACE: Mapping[str, Line] = {
    "logical_environment": LEDGER.request["logical_environment"],
    "physical_environment": LEDGER.request["physical_environment"],
}
_DEPLOYMENT: Mapping[str, Line] = {
    name: LEDGER.request[name] for name in wire.Deployment.model_fields
}
_ANSWERED = Ignored("says how much of the answer to send")

_BULK: Mapping[str, Account] = {
    "set": Account(
        {
            **_PLACE,
            **under("deployments[]", _DEPLOYMENT),
            "partial_success": Ignored("says whether to leave out what is refused"),
            "return_records": _ANSWERED,
        },
        model=wire.ClusterDeployments,
    ),
    "job": Account({**_PLACE, **under("deployments[]", _DEPLOYMENT)}),
    "partial": Account(
        {
            **_COUNT,
            "deployment_records[]": As("record"),
            "errors[].cause": Derived("not_found or unauthorized"),
            **under("errors[].deployment", each(" ".join(_DEPLOYMENT), Derived("as it was sent"))),
        }
    ),
    "accepted": Account(
        {
            "job_id": Derived("the job's number"),
            "errors[].name": Derived("the artifact's name in a deployment that is refused"),
            "errors[].cause": Derived("not_found or unauthorized"),
        }
    ),
    "status": Account(
        {
            "job_id": Derived("the job's number"),
            "status": Shown("job.status"),
            "started_at": Shown("job.started_at"),
            "total_count": Derived("how many records it made or changed, once it is done"),
            "errors[].name": Derived("the artifact's name in a deployment that was refused"),
            "errors[].cause": Derived("not_found or unauthorized"),
        }
    ),
}

_STORAGE: Mapping[str, Account] = {
    "storage": Account(
        {
            "name": To("storage.artifact.name", read="storage_records[].name"),
            "digest": To("storage.artifact.digests", read="storage_records[].digest"),
            "version": To("storage.artifact.version", note="GitHub never sends it back"),
            "artifact_url": To("storage.artifact_url", read="storage_records[].artifact_url"),
            "path": To("storage.path", note="GitHub never sends it back"),
            "registry_url": To("storage.registry_url", read="storage_records[].registry_url"),
            "repository": To("storage.repository", read="storage_records[].repository"),
            "status": To("storage.status", read="storage_records[].status"),
            "github_repository": To("storage.project", note="GitHub never sends it back"),
            "return_records": _ANSWERED,
        },
        model=wire.CreateStorage,
    ),
    "storage_list": Account(
        {
            **_COUNT,
            **under(
                "storage_records[]",
                {
                    "id": Derived("the storage record's number"),
                    "name": Shown("storage.artifact.name"),
                    "digest": Shown("storage.artifact.digests"),
                    "artifact_url": Shown("storage.artifact_url"),
                    "registry_url": Shown("storage.registry_url"),
                    "repository": Shown("storage.repository"),
                    "status": Shown("storage.status"),
                    "created_at": Shown("storage.created_at"),
                    "updated_at": Shown("storage.updated_at"),
                },
            ),
        }
    ),
}

_OWNER: Mapping[str, Line] = {
    "login": Shown("org.name"),
    "id": Derived("the org's number"),
    "node_id": Derived("the org's id"),
    "url": Derived("the gateway's address and the org's name"),
    "type": Derived("always Organization"),
    "site_admin": Derived("always false"),
}
_NEIGHBOURS: Mapping[str, Account] = {
    "organization": Account(
        {
            **{name: _OWNER[name] for name in ("login", "id", "node_id", "url", "type")},
            **each("repos_url html_url", Derived("the gateway's address and the org's name")),
            "description": Derived("always null: orgs have none here"),
            "name": Shown("org.name"),
            "created_at": Shown("org.created_at"),
        }
    ),
    "repository": Account(
        {
            "id": Derived("the project's number"),
            "node_id": Derived("the project's id"),
            "name": Shown("project.path", note="without the org"),
            "full_name": Shown("project.path"),
            "private": Derived("always true"),
            **under("owner", _OWNER),
            **each("html_url url", Derived("the gateway's address and the project's path")),
            "description": Derived("always null: projects have none here"),
            "fork": Derived("always false"),
            "created_at": Shown("project.created_at"),
        }
    ),
    "rate_limit": Account(
        {
            "resources.core": Derived("what the token may still ask"),
            "rate": Derived("the same, in the older version"),
        }
    ),
    "meta": Account({"verifiable_password_authentication": Derived("always false")}),
    "versions": Account({"[]": Derived("the API versions that are served")}),
    "zen": Account({"": Derived("a sentence, as text")}),
}

_HEADERS: Mapping[str, Line] = {
    "User-Agent": Ignored("a request without one is refused"),
    "X-GitHub-Api-Version": Asks("the version of the API; an unknown one is refused"),
    "Accept": Asks("a media type of GitHub's JSON; others are refused"),
}

_ARTIFACTS = "/orgs/{org}/artifacts"
_WITH_ETAG = (
    f"{_ARTIFACTS}/metadata/deployment-record/cluster/{{cluster}}/jobs/{{job_id}}",
    f"{_ARTIFACTS}/{{subject_digest}}/metadata/deployment-records",
    f"{_ARTIFACTS}/metadata/deployment-records",
    f"{_ARTIFACTS}/{{subject_digest}}/metadata/storage-records",
    *("/versions", "/meta", "/orgs/{org}", "/repos/{org}/{repo}"),
)
"""All that is read but ``/rate_limit``, which is never the same, and ``/zen``, which is text."""

_UNMODIFIED = Account({"If-None-Match": Asks("304 for who has the answer already")})

ACCOUNTS: Mapping[str, Account] = {
    IN_PATHS: Account(
        {
            "org": Addressed("org.name", "or one of its aliases"),
            "repo": Addressed("project.path", "without the org"),
            "cluster": Addressed("environment.cluster"),
            "job_id": Addressed("job.number"),
            "subject_digest": Addressed("artifact.digests", "or gitCommit:<hex> of a commit"),
        }
    ),
    f"{IN_HEADERS} POST": Account(_HEADERS),
    f"{IN_HEADERS} GET": Account(_HEADERS),
    **{f"{IN_HEADERS} GET {path}": _UNMODIFIED for path in _WITH_ETAG},
    "list": Account({**_COUNT, "deployment_records[]": As("record")}),
    "records_query": Account(
        {
            "environment": Asks("records in the environment of this name"),
            "deployment_name": Asks("records of the slots of this name"),
            "page": Asks("which page, from 1"),
            "per_page": Asks("how many a page holds"),
        }
    ),
    **_BULK,
    **_STORAGE,
    **_NEIGHBOURS,
}
