"""What a dialect does not show of a record: losses, computed over plain sets of canonical paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from gateway.core.model import Presence, Record

_Held = Callable[[Record], object]

FACTS: Mapping[str, _Held] = {
    "project.path": lambda r: r.project.path,
    "environment.name": lambda r: r.environment.name,
    "slot.name": lambda r: r.slot.name,
    "artifact.kind": lambda r: r.artifact.kind,
    "artifact.name": lambda r: r.artifact.name,
    "artifact.version": lambda r: r.artifact.version,
    "artifact.digests": lambda r: r.artifact.digests,
    "source.commit": lambda r: r.source.commit,
    "source.ref": lambda r: r.source.ref,
    "source.is_tag": lambda r: r.source.is_tag,
    "state": lambda r: r.state,
    "presence": lambda r: None if r.presence is Presence.NONE else r.presence,
    "created_at": lambda r: r.created_at,
    "finished_at": lambda r: r.finished_at,
    "actor": lambda r: r.actor.username,
    "delivery.title": lambda r: r.delivery.title,
    "delivery.changelog": lambda r: r.delivery.changelog,
    "delivery.url": lambda r: r.delivery.url,
    "delivery.duration_seconds": lambda r: r.delivery.duration_seconds,
    "delivery.is_fix": lambda r: r.delivery.is_fix,
    "delivery.is_hotfix": lambda r: r.delivery.is_hotfix,
    "delivery.is_forced": lambda r: r.delivery.is_forced,
    "delivery.commits_count": lambda r: r.delivery.commits_count,
    "delivery.pull_request_number": lambda r: r.delivery.pull_request_number,
    "delivery.node_id": lambda r: r.delivery.node_id,
    "runtime.risks": lambda r: r.runtime.risks,
    "runtime.tags": lambda r: r.runtime.tags,
    "runtime.attestation_id": lambda r: r.runtime.attestation_id,
}
"""The facts that count, and how a record holds them. Ids, origin and kept facts do not count."""


_NUMBERS = frozenset({int, float, Decimal})
_SHOWN = 256
"""So many sets are remembered: a dialect has a few, by what its words tell of a record."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Canonical facts a dialect has no place for, and wire fields that stand in for none."""

    losses: tuple[str, ...]
    stand_ins: tuple[str, ...]

    @property
    def is_lossless(self) -> bool:
        """Whether the dialect shows the whole record and makes nothing up."""
        return not self.losses and not self.stand_ins

    def header(self) -> str:
        """As a header value: ``loses=changelog,is_hotfix; stands-in=sha,ref``."""
        parts = []
        if self.losses:
            parts.append(f"loses={','.join(self.losses)}")
        if self.stand_ins:
            parts.append(f"stands-in={','.join(self.stand_ins)}")
        return "; ".join(parts)


def holds(record: Record, path: str) -> bool:
    """Whether a record holds a fact; a false flag and an empty list or map are not held."""
    return _is_said(FACTS[path](record))


def held(record: Record) -> frozenset[str]:
    """The facts that a record holds."""
    return frozenset([path for path, found in FACTS.items() if _is_said(found(record))])


def report(record: Record, shown: frozenset[str], stand_ins: Mapping[str, str]) -> Fidelity:
    """What a dialect that shows the paths in ``shown`` loses of a record.

    ``stand_ins`` maps a wire field to the canonical path whose absence it covers.
    """
    return Fidelity(
        losses=tuple([name for name, found in _unshown(shown) if _is_said(found(record))]),
        stand_ins=tuple([f for f, path in stand_ins.items() if not holds(record, path)]),
    )


@lru_cache(maxsize=_SHOWN)
def _unshown(shown: frozenset[str]) -> Sequence[tuple[str, _Held]]:
    """The facts beside these, each by the name under which it is lost."""
    return [(_short(path), found) for path, found in FACTS.items() if path not in shown]


def _is_said(value: object) -> bool:
    """Of what is empty, only a number says something."""
    return bool(value) or type(value) in _NUMBERS


def _short(path: str) -> str:
    group, _, leaf = path.rpartition(".")
    return leaf if group in {"delivery", "runtime", "source", ""} else path
