"""What a gateway says at ``/metrics``, as numbers."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

PREFIX = "deployment_gateway_"


class Figures:
    """All samples of one scrape."""

    def __init__(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.text
        families = text_string_to_metric_families(answer.text)
        self._samples = [sample for family in families for sample in family.samples]

    def of(self, name: str, **labels: str) -> float:
        """The sum of the samples of this name that have these labels."""
        return sum(sample.value for sample in self._named(name, labels))

    def labels(self, name: str, label: str, **labels: str) -> set[str]:
        """The values that a label has."""
        return {sample.labels[label] for sample in self._named(name, labels)}

    def words(self) -> dict[str, set[str]]:
        """Every value that any sample has for a label, by label."""
        found: dict[str, set[str]] = {}
        for sample in self._samples:
            for label, value in sample.labels.items():
                found.setdefault(label, set()).add(value)
        return found

    def _named(self, name: str, labels: dict[str, str]) -> Iterator[Sample]:
        for sample in self._samples:
            if sample.name == PREFIX + name and labels.items() <= sample.labels.items():
                yield sample
