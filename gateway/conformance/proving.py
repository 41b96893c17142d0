"""One dialect held to cases in every profile that it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from gateway.conformance.cases import Case, judged, levelled
from gateway.conformance.http import HTTP_CASES
from gateway.conformance.inside import cases_inside
from gateway.conformance.laws import LAWS
from gateway.conformance.opened import Bench, Inside
from gateway.conformance.report import Report, Verdict
from gateway.conformance.server import Server
from gateway.dialect import Dialect

PROPERTY = "conformance"
"""Under which name a test's properties hold verdicts."""

Told = tuple[str, Verdict]
"""A profile and a verdict on it."""


@dataclass(frozen=True)
class Proving:
    """Every verdict is noted in ``properties`` as well, for the report."""

    dialect: Dialect
    bench: Bench
    properties: list[tuple[str, object]]

    def over_http(self, cases: Iterable[Case[Server]]) -> list[Told]:
        """Hold the dialect to what needs HTTP alone, each case on a gateway of its own."""
        found = []
        for case in cases:
            for profile in self.dialect.options:
                verdict = self.bench.run(self._asked(levelled(case, self.dialect), profile))
                found.append(self._note(profile, verdict))
        return found

    def inside(self, cases: Callable[[str], Iterable[Case[Inside]]]) -> list[Told]:
        """Hold the dialect to the cases of each profile, which open gateways as they need."""
        found = []
        for profile in self.dialect.options:
            inside = Inside(self.dialect, profile, partial(self.bench.lent, self.dialect, profile))
            verdicts = (self.bench.run(judged(case, inside)) for case in cases(profile))
            found += [self._note(profile, verdict) for verdict in verdicts]
        return found

    def noted(self, verdict: Verdict) -> list[Told]:
        """A verdict that is the same in every profile."""
        return [self._note(profile, verdict) for profile in self.dialect.options]

    def everything(self) -> Sequence[Report]:
        """Hold the dialect to all there is; to the laws only where hypothesis is installed."""
        told = [
            *self.over_http(HTTP_CASES),
            *self.inside(partial(cases_inside, self.dialect)),
            *(verdict for name in LAWS for verdict in self.noted(self._law(name))),
        ]
        return [
            Report(
                self.dialect.name,
                self.dialect.version,
                profile,
                [v for p, v in told if p == profile],
            )
            for profile in self.dialect.options
        ]

    def _law(self, name: str) -> Verdict:
        try:
            from gateway.conformance.trying import law_verdict  # noqa: PLC0415 (of an extra)
        except ImportError:
            law = LAWS[name]
            why = "hypothesis is not installed: pip install 'deployment-gateway[conformance]'"
            return Verdict(f"law.{law.check.__name__}", law.says, law.level, "skipped", why)
        return law_verdict(name, self.dialect)

    async def _asked(self, case: Case[Server], profile: str) -> Verdict:
        async with self.bench.lent(self.dialect, profile) as world:
            token = await world.token()
            return await judged(case, Server(self.dialect, profile, world.client, token))

    def _note(self, profile: str, verdict: Verdict) -> Told:
        of = {"dialect": self.dialect.name, "version": self.dialect.version, "profile": profile}
        self.properties.append((PROPERTY, {**of, "case": asdict(verdict)}))
        return profile, verdict


def reports(noted: Iterable[dict[str, Any]]) -> Sequence[Report]:
    """What was noted, as a report for each dialect and profile."""
    found: dict[tuple[str, str, str], list[Verdict]] = {}
    for note in noted:
        key = (note["dialect"], note["version"], note["profile"])
        found.setdefault(key, []).append(Verdict(**note["case"]))
    return [Report(*key, cases=cases) for key, cases in found.items()]
