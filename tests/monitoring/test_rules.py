"""promtool's word on the configuration and the alerts; its own, where it is installed, else that of the image."""

import shutil
import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_IMAGE = "prom/prometheus:v3.5.0"
_MONITORING = "deploy/monitoring"


def _promtool() -> list[str] | None:
    if path := shutil.which("promtool"):
        return [path]
    if shutil.which("docker") is None:
        return None
    there = subprocess.run(
        ["docker", "image", "inspect", _IMAGE], capture_output=True, timeout=60, check=False
    )
    if there.returncode:
        return None
    mounts = [f"--volume={_ROOT / folder}:/at/{folder}:ro" for folder in (_MONITORING, "tests/monitoring")]
    # The configuration names its rules where the compose file puts them.
    mounts.append(f"--volume={_ROOT / _MONITORING / 'rules.yml'}:/etc/prometheus/rules.yml:ro")
    return ["docker", "run", "--rm", *mounts, "--workdir=/at", "--entrypoint=promtool", _IMAGE]


@pytest.mark.parametrize(
    "words",
    [
        (
            "check",
            "config",
            *(["--syntax-only"] if shutil.which("promtool") else []),
            f"{_MONITORING}/prometheus.yml",
        ),
        ("check", "rules", f"{_MONITORING}/rules.yml"),
        ("test", "rules", "tests/monitoring/rules_test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_finds_nothing(words: tuple[str, ...]) -> None:
    promtool = _promtool()
    if promtool is None:
        pytest.skip(f"neither promtool nor the image {_IMAGE} is here")
    done = subprocess.run(
        [*promtool, *words], cwd=_ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
