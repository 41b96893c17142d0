"""What pages show of the code, between markers; ``python -m tests.docs.tables`` writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gateway.dialect import Dialect
from gateway.dialect.differences import settings_of, table
from gateway.registry import BUILT_IN, installed
from tests.docs.credentials import credential_table
from tests.docs.fields import account_tables, field_table
from tests.docs.promise import pair_table, pairs, support_table

ROOT = Path(__file__).parents[2]
_BLOCK = "<!-- {name}: written by make docs -->\n{text}<!-- /{name} -->\n"


def blocks() -> Mapping[Path, Mapping[str, str]]:
    """For each page the texts that it must show, by the name of their markers."""
    return {
        ROOT / "README.md": {
            "credentials": credential_table(),
            "support": support_table(),
            "pairs": pair_table(),
        },
        ROOT / "docs" / "fidelity.md": {"crossing": pairs()},
        **{ROOT / "adapters" / own.name / "README.md": _of_adapter(own) for own in _built_in()},
        **{
            ROOT / "docs" / "fields" / f"{own.name}.md": {"accounts": account_tables(own)}
            for own in _built_in()
        },
    }


def _built_in() -> list[Dialect]:
    return [dialect for name, dialect in installed().items() if name in BUILT_IN]


def _of_adapter(dialect: Dialect) -> Mapping[str, str]:
    differ = any(settings_of(dialect.options))
    options = {"options": table(dialect.options)} if differ else {}
    return {"fields": field_table(dialect), **options}


def written(readme: str, texts: Mapping[str, str]) -> str:
    """A README with these texts between their markers. Raises ``LookupError`` without markers."""
    for name, text in texts.items():
        pattern = re.compile(rf"<!-- {name}:.*?<!-- /{name} -->\n", re.DOTALL)
        block = _BLOCK.format(name=name, text=text)
        readme, times = pattern.subn(lambda _, block=block: block, readme)
        if times != 1:
            raise LookupError(f"{name}: {times} places to write to")
    return readme


def main() -> None:
    """Write all of them."""
    for path, texts in blocks().items():
        path.write_text(written(path.read_text(), texts))


if __name__ == "__main__":
    main()
