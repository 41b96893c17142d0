"""What a dialect loses of a record, over plain sets."""

from __future__ import annotations

from dataclasses import replace

from gateway.core.fidelity import FACTS, holds, report
from gateway.core.model import Delivery, Presence, Runtime, Source
from tests.core.build import a_record

RECORD = a_record(
    source=Source(commit="c", ref="main"),
    delivery=Delivery(changelog="more", is_hotfix=True, is_fix=False),
)


def test_only_facts_that_the_record_holds_are_lost() -> None:
    shown = frozenset(FACTS) - {
        "delivery.changelog",
        "delivery.is_hotfix",
        "delivery.is_fix",
        "actor",
    }
    found = report(RECORD, shown, {})
    assert found.losses == ("actor", "changelog", "is_hotfix")
    assert found.header() == "loses=actor,changelog,is_hotfix"


def test_a_stand_in_covers_only_a_fact_that_is_absent() -> None:
    stands = {"sha": "source.commit", "ref": "source.ref"}
    bare = replace(RECORD, source=Source(commit="c"))
    assert report(RECORD, frozenset(FACTS), stands).is_lossless
    assert report(bare, frozenset(FACTS), stands).stand_ins == ("ref",)
    assert report(bare, frozenset(FACTS), stands).header() == "stands-in=ref"


def test_empty_lists_false_flags_and_no_presence_are_not_held() -> None:
    record = a_record(
        presence=Presence.NONE, delivery=Delivery(is_fix=False), runtime=Runtime((), {})
    )
    for path in ("presence", "delivery.is_fix", "runtime.risks", "runtime.tags"):
        assert not holds(record, path)
    assert holds(record, "artifact.digests")
