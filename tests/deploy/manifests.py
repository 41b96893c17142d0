"""What is asked of every Kubernetes object that the project gives operators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.settings import PREFIX, VARIABLES, BadSettings, load

Object = Mapping[str, Any]

PATHS = {"/healthz", "/readyz"}
COMMANDS = {"serve", "migrate"}


def problems(objects: Iterable[Object]) -> list[str]:
    """What is wrong with these, each with the object's kind and name."""
    found = list(objects)
    return [problem for one in found for problem in _of(one, found)]


def settings_named(names: Iterable[str]) -> list[str]:
    """Those of these environment variables that the gateway does not know."""
    return sorted(name for name in names if name.startswith(PREFIX) and name not in VARIABLES)


def _of(one: Object, others: list[Object]) -> Iterator[str]:
    where = f"{one['kind']} {one['metadata']['name']}"
    template = one["spec"].get("template")
    if template is not None:
        yield from (f"{where}: {said}" for said in _of_pod(template["spec"]))
    if one["kind"] == "Deployment":
        labels = template["metadata"]["labels"]
        wanted = one["spec"]["selector"]["matchLabels"]
        if not wanted.items() <= labels.items():
            yield f"{where}: selects other pods than its own"
    if one["kind"] in {"Service", "PodDisruptionBudget"}:
        yield from (f"{where}: {said}" for said in _of_selector(one, others))


def _of_pod(pod: Object) -> Iterator[str]:
    security = pod.get("securityContext", {})
    if not (security.get("runAsNonRoot") and security.get("runAsUser", 0) > 0):
        yield "may run as root"
    if pod.get("automountServiceAccountToken") is not False:
        yield "holds a token of the cluster"
    if pod.get("enableServiceLinks") is not False:
        yield "gets a Service's address as settings that nobody knows"
    mounted = {volume["name"] for volume in pod.get("volumes", ())}
    for container in pod["containers"]:
        yield from _of_container(container, mounted)


def _of_container(container: Object, volumes: set[str]) -> Iterator[str]:
    security = container.get("securityContext", {})
    if security.get("readOnlyRootFilesystem") is not True:
        yield "may write to its root"
    if security.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    if security.get("capabilities") != {"drop": ["ALL"]}:
        yield "keeps capabilities"
    if container["args"][0] not in COMMANDS:
        yield f"runs {container['args'][0]}"
    yield from (f"says {name}" for name in settings_named(e["name"] for e in container["env"]))
    said = {env["name"]: env["value"] for env in container["env"] if "value" in env}
    try:
        load({name: value for name, value in said.items() if settings_named([name]) == []})
    except BadSettings as error:
        yield f"does not start: {error}"
    for env in container["env"]:
        if env["name"].endswith(("_TOKEN", "_URL", "_KEY")) and "value" in env:
            yield from () if "PUBLIC_URL" in env["name"] else (f"shows {env['name']}",)
    ports = {port["name"] for port in container.get("ports", ())}
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        probe = container.get(name, {}).get("httpGet")
        if ports and (probe is None or probe["path"] not in PATHS or probe["port"] not in ports):
            yield f"has no good {name}"
    if not {mount["name"] for mount in container.get("volumeMounts", ())} <= volumes:
        yield "mounts a volume that is not there"
    if not {"requests", "limits"} <= container.get("resources", {}).keys():
        yield "says nothing of what it needs"


def _of_selector(one: Object, others: list[Object]) -> Iterator[str]:
    selector = one["spec"]["selector"]
    wanted = selector.get("matchLabels", selector)
    pods = [other["spec"]["template"] for other in others if other["kind"] == "Deployment"]
    chosen = [pod for pod in pods if wanted.items() <= pod["metadata"]["labels"].items()]
    if not chosen:
        yield "selects nothing"
    for port in one["spec"].get("ports", ()):
        names = {p["name"] for pod in chosen for c in pod["spec"]["containers"] for p in c["ports"]}
        if port["targetPort"] not in names:
            yield f"leads to no port {port['targetPort']}"
