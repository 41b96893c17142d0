"""How the command begins."""

from __future__ import annotations

import subprocess
import sys

from gateway.cli.demo import greeting
from gateway.settings import load

_BEGUN = """
import gc, sys
from gateway.cli import main
assert "gateway.cli.program" not in sys.modules
sys.argv = ["deployment-gateway", "--help"]
try:
    main()
finally:
    print("garbage:", gc.isenabled(), gc.get_freeze_count() > len(gc.get_objects()))
"""


def test_garbage_is_looked_for_again_once_all_is_imported_but_not_among_that() -> None:
    words = [sys.executable, "-c", _BEGUN]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "garbage: True True"


def test_the_demo_says_an_address_of_ipv6_as_a_client_takes_it() -> None:
    said = greeting(load({}, host="::1", port=8080), "dgw_token")
    assert "export GATEWAY=http://[::1]:8080 TOKEN=dgw_token" in said
    assert "http://[::1]:8080/docs" in said
