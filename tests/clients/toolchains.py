"""Whether the machine has what a client of another language is built with.

A client whose toolchain is missing is not run, and the summary of the run says which and why; on
CI's machine (``CI=true``), which must have them all, that is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Toolchain:
    """A command, how it says its version, and the oldest version that will do."""

    command: str
    version_words: tuple[str, ...]
    oldest: tuple[int, int]


TOOLCHAINS = {
    "go": Toolchain("go", ("version",), (1, 25)),
    "node": Toolchain("node", ("--version",), (20, 0)),
    "npm": Toolchain("npm", ("--version",), (9, 0)),
}


def needs(*names: str) -> None:
    """End the test here, said aloud, where the machine lacks one of these toolchains."""
    for name in names:
        lack = _lack(TOOLCHAINS[name])
        if lack is None:
            continue
        if os.environ.get("CI", "").lower() in {"true", "1"}:
            pytest.fail(lack)
        pytest.skip(f"not run: {lack}")  # a laptop without Go or Node; CI fails above instead


def named(setting: str, what: str) -> Path:
    """What an environment variable names; without it the test ends here, said aloud.

    For programs that no package registry has everywhere, so that even CI may be without them.
    """
    path = os.environ.get(setting)
    if not path:
        pytest.skip(f"not run: {setting} names no {what}")  # in no registry that CI reaches
    return Path(path).resolve(strict=True)


def run(words: list[str], folder: Path, *, seconds: int = 300, **environment: str) -> str:
    """What a command prints; a failure shows all of it. The gateway's settings stay out of it."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("DEPLOYMENT_GATEWAY_")}
    done = subprocess.run(
        words,
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _lack(toolchain: Toolchain) -> str | None:
    """Why a toolchain will not do; ``None`` when it will."""
    oldest = ".".join(map(str, toolchain.oldest))
    path = shutil.which(toolchain.command)
    if path is None:
        return f"{toolchain.command} {oldest} or newer is not on this machine"
    said = subprocess.run(
        [path, *toolchain.version_words], capture_output=True, text=True, timeout=30, check=False
    ).stdout
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < toolchain.oldest:
        return f"{toolchain.command} is {said.strip() or 'broken'}, and {oldest} is needed"
    return None
