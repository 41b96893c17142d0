"""Requests at random: any operation of any dialect, with words that two tenants share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote

from gateway.conformance.schemas import schemas_by_name
from gateway.dialect import Dialect
from gateway.dialect.http import Endpoint
from tests.isolation.tenants import COMMIT, DIGEST, bodies, endpoints, placeholders
from tests.isolation.twins import Pair, Request, Twins

UNSAID = None
ENVIRONMENTS = ("production", "ours-production", "ours-guarded", "qa/eu")
THEIRS = (*ENVIRONMENTS, "theirs-production", "theirs-guarded")
"""An environment is the org's, so what is theirs is asked for and not written to."""

SLOTS = ("ours-slot", "shop", "api", "ours-in-cluster", "web")
PROJECTS = ("acme/shop", "acme/api", "acme/hidden", "acme/nothing")
HEXES = tuple(letter * 64 for letter in "abdef0")
STATES = ("success", "success", "running", "failed", "created", "canceled", UNSAID)

_ITEM = {
    "name": ("ours-image", "theirs-image", "acme/shop"),
    "digest": tuple(f"sha256:{digits}" for digits in HEXES),
    "status": ("deployed", "deployed", "decommissioned"),
    "deployment_name": SLOTS,
    "github_repository": ("shop", "api", "hidden", UNSAID, UNSAID),
    "version": ("1", UNSAID),
}
_PARTS = {"logical_environment": ENVIRONMENTS[:2], "physical_environment": ("eu", UNSAID)}
SAID: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("canonical", "/records"): {
        "project": (*PROJECTS, UNSAID, UNSAID, UNSAID),
        "environment": ENVIRONMENTS,
        "deployment_name": (*SLOTS, UNSAID),
        "state": STATES,
        "artifact": {
            "name": ("ours-image", "acme/hidden", "acme/shop", UNSAID, UNSAID),
            "digests": {"sha256": HEXES},
        },
        "source": {"commit": (COMMIT, UNSAID), "ref": ("main", UNSAID)},
        "actor": ({"username": "theirs-deployer"}, {"external_id": "m-7"}, UNSAID, UNSAID),
        "delivery": {"node_id": ("n-1", UNSAID), "pull_request_number": (7, UNSAID)},
    },
    ("chainloop", "/deployments"): {
        "environment_name": ENVIRONMENTS,
        "artifact_digest": (*(f"sha256:{digits}" for digits in HEXES), f"gitCommit:{COMMIT}"),
        "artifact_name": ("ours-image", "acme/hidden", UNSAID, UNSAID),
        "deployment_name": SLOTS,
        "status": ("DEPLOYED", "DECOMMISSIONED", UNSAID),
    },
    ("chainloop", "/environments"): {"name": ("production", "theirs-production", "brand-new")},
    ("github", "deployment-record"): {**_ITEM, **_PARTS, "cluster": ("moda", UNSAID)},
    ("github", "{cluster}"): {
        **_PARTS,
        "deployments": [_ITEM, _ITEM, _ITEM],
        "partial_success": (True, UNSAID),
    },
    ("github", "jobs"): {**_PARTS, "deployments": [_ITEM, _ITEM, _ITEM]},
    ("github", "storage-record"): {
        "name": ("ours-lib", "lib"),
        "digest": _ITEM["digest"],
        "registry_url": ("https://ours.example.com/", "https://reg.example.com/"),
        "github_repository": _ITEM["github_repository"],
    },
    ("gitlab", "deployments"): {
        "environment": ENVIRONMENTS,
        "sha": (COMMIT, "1" * 40),
        "ref": ("main",),
        "tag": (False,),
        "status": ("running", "success", "failed"),
    },
    ("gitlab", "{deployment_id}"): {"status": ("running", "success", "failed", "canceled")},
    ("gitlab", "approval"): {"status": ("approved", "rejected")},
    ("gitlab", "environments"): {"name": ENVIRONMENTS, "tier": ("staging", UNSAID)},
    ("gitlab", "protected_environments"): {
        "name": ENVIRONMENTS,
        "deploy_access_levels": [{"access_level": (30, 40)}],
    },
    ("iftrue", "/deployment"): {
        **{"title": ("t",), "branch": ("main",), "commit_id": (COMMIT, "1" * 40)},
        "repository_url": PROJECTS,
        "member_id": ("m-7", "m-8"),
        "pull_request_number": (7, 8),
        "deployment_node_id": ("n-1", UNSAID),
        "status": ("succes", "in_progress", "fail"),
    },
}
"""Per operation, what each member of a body may be: one of these."""

ASKED = {
    **{"environment": THEIRS, "environment_name": THEIRS, "name": THEIRS},
    **{"deployment_name": SLOTS, "project": PROJECTS, "project_name": PROJECTS},
    **{"repository_url": PROJECTS, "digest": _ITEM["digest"], "commit": (COMMIT,)},
    **{"limit": ("1", "3"), "per_page": ("1", "3"), "page": ("1", "2", "3")},
    **{"pagination.page_size": ("1", "3"), "pagination.page": ("0", "1"), "sort": ("asc", "desc")},
    **{"search": ("pro", "their", "sho"), "query": ("pro", "their"), "full_history": ("true",)},
    **{"username": ("ada", "mallory"), "state": STATES[:3], "presence": ("live", "superseded")},
}
"""What the parameters of a query may be; others are not said."""

NAMES = {
    "org": ("acme", "acme", "acme-inc", "umbrella"),
    "repo": ("shop", "api", "hidden", "nothing"),
    "cluster": ("moda",),
    "dialect": ("gitlab", "github", "chainloop", "iftrue", "canonical"),
    "digest": tuple(f"sha256:{digits}" for digits in (DIGEST, DIGEST, DIGEST, *HEXES)),
    "environment": THEIRS,
    "project": ("acme/shop", "acme/shop", "acme/api", "acme/hidden"),
    "group": ("acme", "hidden-team", "umbrella"),
}
"""What a placeholder of a path may be; another is one that an answer or what is hidden has."""

_PLACES = {
    "record": (".id", "records.id", "data.id", "deployment_record.id"),
    "environment_id": ("environment.id", "environments.id"),
    "number": (".id", ".number", "records.number"),
    "place": ("environment.id", ".id"),
    "user": ("user.id", ".id"),
    "job": (".job_id", ".id"),
}


@dataclass(frozen=True, slots=True)
class Stream:
    """Requests by these callers, one after the other: what was answered is asked for."""

    dice: Random
    twins: Twins
    callers: tuple[str, ...]

    def __call__(self, count: int) -> Iterator[Request]:
        """So many requests; as many read as write, and most that write make records."""
        every = list(endpoints())
        reads = [one for one in every if one[1].method == "GET"]
        writes = [one for one in every if one[1].method != "GET"]
        records = [one for one in writes if one[1].records]
        for _ in range(count):
            dialect, endpoint = self.dice.choice(self.dice.choice([reads, reads, writes, records]))
            who = self.dice.choice(self.callers)
            path = [*self._path(dialect, endpoint), self._query(dialect, endpoint)]
            yield Request(who, endpoint.method, path, self._body(dialect, endpoint))

    def _path(self, dialect: Dialect, endpoint: Endpoint) -> Iterator[str | Pair]:
        yield self.dice.choice(dialect.bases)
        kinds = iter(placeholders(dialect, endpoint))
        for part in endpoint.path.split("/")[1:]:
            yield "/"
            yield self._named(next(kinds)) if part.startswith("{") else part

    def _named(self, kind: str) -> str | Pair:
        if kind in NAMES:
            return quote(self.dice.choice(NAMES[kind]), safe="")
        found = self.twins.found
        known = [pair for place in _PLACES.get(kind, ()) for pair in found.get(place, ())]
        hidden = found[f"hidden {kind}"]
        return self.dice.choice(self.dice.choice([known or hidden, known[-9:] or hidden, hidden]))

    def _query(self, dialect: Dialect, endpoint: Endpoint) -> str:
        if endpoint.query is None:
            return ""
        able = schemas_by_name(dialect)[endpoint.query]["properties"].keys() & ASKED.keys()
        chosen = [name for name in sorted(able) if self.dice.random() < 1 / 4]
        said = [f"{name}={quote(str(self.dice.choice(ASKED[name])))}" for name in chosen]
        return "?" + "&".join(said) if said else ""

    def _body(self, dialect: Dialect, endpoint: Endpoint) -> Any:
        for place in (endpoint.path, endpoint.path.rpartition("/")[2]):
            said = SAID.get((dialect.name, place))
            if said is not None and endpoint.method in {"POST", "PUT"}:
                return self._rolled(said)
        return bodies(dialect, endpoint)

    def _rolled(self, able: Any) -> Any:
        match able:
            case tuple():
                return self.dice.choice(able)
            case list():
                return [self._rolled(one) for one in able]
            case dict():
                rolled = {name: self._rolled(value) for name, value in able.items()}
                return {name: value for name, value in rolled.items() if value is not UNSAID}
        return able
