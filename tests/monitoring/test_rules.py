"""Checks configuration and alerts with promtool: the installed one, else that of the Prometheus image."""

import shutil
import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_IMAGE = "prom/prometheus:v3.5.0"
_MONITORING = "deploy/monitoring"


def _promtool_command() -> list[str] | None:
    if path := shutil.which("promtool"):
        return [path]
    if shutil.which("docker") is None:
        return None
    inspected = subprocess.run(
        ["docker", "image", "inspect", _IMAGE], capture_output=True, timeout=60, check=False
    )
    if inspected.returncode:
        return None
    mounts = [f"--volume={_ROOT / folder}:/at/{folder}:ro" for folder in (_MONITORING, "tests/monitoring")]
    # The configuration expects its rules where the compose file mounts them.
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
def test_promtool_accepts_configuration_and_rules(words: tuple[str, ...]) -> None:
    promtool = _promtool_command()
    if promtool is None:
        pytest.skip(f"neither promtool nor the image {_IMAGE} is available")
    process = subprocess.run(
        [*promtool, *words], cwd=_ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr
