"""What READMEs show of the code, between markers; ``python -m tests.docs.tables`` writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gateway.dialect.differences import settings_of, table
from gateway.registry import installed

ROOT = Path(__file__).parents[2]
_BLOCK = "<!-- {name}: written by make docs -->\n{text}<!-- /{name} -->\n"


def blocks() -> Mapping[Path, Mapping[str, str]]:
    """For each README the texts that it must show, by the name of their markers."""
    return {
        ROOT / "adapters" / name / "README.md": {"options": table(dialect.options)}
        for name, dialect in installed().items()
        if any(settings_of(dialect.options))
    }


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
