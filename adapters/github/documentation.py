"""Which page of GitHub's documentation an answer points to.

Anchors of https://docs.github.com/rest/orgs/artifact-metadata, checked 2026-11-20.
"""

from __future__ import annotations

import re

ROOT = "https://docs.github.com/rest"
MEDIA_TYPES = "https://docs.github.com/v3/media"
BASES = ("", "/api/v3")
"""GitHub.com answers at the root, an Enterprise Server below ``/api/v3``."""

_PAGE = f"{ROOT}/orgs/artifact-metadata"
RATE_LIMITS = f"{ROOT}/overview/rate-limits-for-the-rest-api"
SECONDARY_LIMITS = (
    "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api"
    "#about-secondary-rate-limits"
)
"""Clients know a secondary limit by how this address ends."""

_ARTIFACTS = "/orgs/[^/]+/artifacts"
_RECORD = f"{_ARTIFACTS}/metadata/deployment-record"
_ANCHORS = (
    ("POST", f"{_RECORD}/cluster/[^/]+", "set-cluster-deployment-records"),
    ("POST", f"{_RECORD}/cluster/[^/]+/jobs", "create-a-cluster-deployment-records-job"),
    ("GET", f"{_RECORD}/cluster/[^/]+/jobs/[^/]+", "get-cluster-deployment-records-job-status"),
    ("POST", f"{_ARTIFACTS}/metadata/storage-record", "create-artifact-metadata-storage-record"),
    ("GET", f"{_ARTIFACTS}/[^/]+/metadata/storage-records", "list-artifact-storage-records"),
    ("POST", f"{_ARTIFACTS}/metadata/deployment-record", "create-an-artifact-deployment-record"),
    ("GET", f"{_ARTIFACTS}/[^/]+/metadata/deployment-records", "list-artifact-deployment-records"),
)


def documentation_url(method: str, path: str) -> str:
    """The endpoint's own anchor; the root of the REST documentation for anything else."""
    asked = "GET" if method == "HEAD" else method
    below = single_slash(path).removeprefix(BASES[1])
    for verb, pattern, anchor in _ANCHORS:
        if verb == asked and re.fullmatch(pattern, single_slash(below)):
            return f"{_PAGE}#{anchor}"
    return ROOT


def base_of(path: str) -> str:
    """The base that a path as sent lies below; a client looks for what it is told there too."""
    return BASES[1] if single_slash(path).startswith(f"{BASES[1]}/") else BASES[0]


def single_slash(path: str) -> str:
    """The path with one slash in front: a base URL that ends in one doubles it."""
    return f"/{path.lstrip('/')}"
