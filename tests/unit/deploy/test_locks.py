"""The image's lock files say what the others say: `make lock` writes them all."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]


def _locked(file: str) -> set[tuple[str, str]]:
    """(name, version) of each line; one name may have several, for different Pythons."""
    text = (_ROOT / file).read_text()
    return {(found[1], found[2]) for found in re.finditer(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE)}


@pytest.mark.parametrize("file", ["deploy/runtime.lock", "deploy/build.lock"])
def test_the_image_has_the_versions_that_were_tested(file: str) -> None:
    assert _locked(file) <= _locked("requirements.lock")


def test_the_image_has_whatever_the_project_depends_on() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[\[<>=~!; ]", one)[0].lower() for one in project["dependencies"]}
    assert wanted <= {name for name, _ in _locked("deploy/runtime.lock")}


@pytest.mark.parametrize("file", ["deploy/runtime.lock", "deploy/build.lock"])
def test_nothing_is_locked_without_a_hash(file: str) -> None:
    lines = (_ROOT / file).read_text().split("\n")
    bare = [line for line, after in pairwise(lines) if "==" in line and "--hash=sha256:" not in after]
    assert bare == []
