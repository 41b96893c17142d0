"""What comes of trying to break a law a few times."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Unsatisfiable

from gateway.conformance.broken import Broken
from gateway.conformance.cases import listed_level, raised
from gateway.conformance.laws import LAWS
from gateway.conformance.report import Verdict
from gateway.conformance.strategies import trials
from gateway.dialect import Dialect
from gateway.dialect.resources import BadFile

LAW_EXAMPLES = 20
"""How often a law is tried; enough to see a defect, and soon done."""

_briefly = settings(
    max_examples=LAW_EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate),  # what breaks is named; a smaller record is no news
    suppress_health_check=list(HealthCheck),
)


def law_verdict(name: str, dialect: Dialect) -> Verdict:
    """What comes of trying to break a law, in every profile of the dialect."""
    law = LAWS[name]
    level = listed_level(law.level, dialect) if "shelf" in law.needs else law.level
    verdict = Verdict(f"law.{law.check.__name__}", law.says, level)
    unasked = law.unasked(dialect)
    if unasked is not None:
        return replace(verdict, result="skipped", message=unasked)
    try:
        for attempt in trials(law, dialect):
            _briefly(attempt)()
    except Broken as broken:
        return verdict.as_failed(str(broken))
    except Unsatisfiable:
        return verdict.as_failed("it could not be asked: no body that the schema allows is taken")
    except BadFile as bad:
        return verdict.as_failed(str(bad))
    except Exception as error:  # a stranger's tables may raise anything
        return verdict.as_failed(raised(error))
    return verdict
