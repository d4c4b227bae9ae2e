"""Compilers and package managers of other languages, for tests of what other people's programs do."""

import shutil
import subprocess
from collections.abc import Mapping
from os import environ
from pathlib import Path

import pytest

from tests.support.services import Services


def require_program(services: Services, name: str) -> str:
    """Return the program's path. Without it the test is skipped, or fails if STRANDLINE_TEST_REQUIRE names it."""
    found = shutil.which(name)
    if found is None:
        services.report_absent(name, f"{name} is not on the path")
    return found


def require_installed(services: Services, name: str, marker: Path, target: str) -> None:
    """Skip the test, or fail it if `name` is required, unless `make target` has left its marker."""
    if not marker.exists():
        services.report_absent(name, f"{marker} does not exist: make {target}")


def run_program(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Return what the program prints. Fails the test, with its output, where it fails."""
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environ | dict(env or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        pytest.fail(f"{command[0]} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}", pytrace=False)
    return ran.stdout
