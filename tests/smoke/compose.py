"""Runs docker-compose.yml as a separate project: own name, free ports, no .env, and all of it removed at the end."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.containers import find_free_port

ROOT = Path(__file__).parents[2]
PROFILES = ("offline", "monitoring")
BUILT_IMAGE = "strandline:smoke"


class SmokeFailure(AssertionError):
    """A check of the smoke test failed."""


@dataclass(frozen=True)
class Project:
    """A compose project; `web` and `prometheus` are base URLs on this machine."""

    name: str
    environment: dict[str, str]
    web: str
    prometheus: str

    def run(self, *words: str, timeout: float = 120, check: bool = True) -> str:
        """Run `docker compose WORDS`; return its output. Raises SmokeFailure if it fails."""
        profiles = [word for profile in PROFILES for word in ("--profile", profile)]
        command = ["docker", "compose", "-p", self.name, "--env-file", os.devnull, *profiles, *words]
        return run_command(command, timeout=timeout, check=check, environment=self.environment)

    @property
    def image(self) -> str:
        return self.environment["STRANDLINE_IMAGE"]

    def run_in(self, service: str, *words: str, check: bool = True) -> str:
        return self.run("exec", "-T", service, *words, check=check)

    def run_python(self, service: str, code: str, *arguments: str) -> str:
        return self.run_in(service, "python", "-c", code, *arguments)

    def containers(self) -> list[dict[str, Any]]:
        """Return the output of `docker compose ps -a`."""
        return [json.loads(line) for line in self.run("ps", "-a", "--format", "json").splitlines()]

    def crash(self, container: str) -> None:
        """Kill the processes in the container, as in a crash, so that its restart policy restarts it."""
        run_command(["docker", "exec", container, "sh", "-c", "kill -9 -1"], check=False)

    def restarts(self, container: str) -> int:
        return int(run_command(["docker", "inspect", "--format", "{{.RestartCount}}", container]))


def run_command(
    command: Sequence[str],
    *,
    timeout: float = 60,
    check: bool = True,
    environment: dict[str, str] | None = None,
) -> str:
    process = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )
    if check and process.returncode:
        raise SmokeFailure(
            f"{' '.join(command)}: exit code {process.returncode}\n{process.stdout[-2000:]}{process.stderr[-4000:]}"
        )
    return process.stdout.strip()


@contextmanager
def create_project(image: str | None = None) -> Iterator[Project]:
    """Yield the project, not yet up, with `image` or a newly built one; remove all of it at the end."""
    web, prometheus = find_free_port(), find_free_port()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("STRANDLINE_", "MYSQL_"))
    }
    environment |= {
        "STRANDLINE_IMAGE": image or BUILT_IMAGE,
        "STRANDLINE_PORT": str(web),
        "PROMETHEUS_PORT": str(prometheus),
    }
    compose_project = Project(
        f"strandline-smoke-{os.getpid()}",
        environment,
        f"http://127.0.0.1:{web}",
        f"http://127.0.0.1:{prometheus}",
    )
    try:
        if image is None:
            compose_project.run("build", "--quiet", timeout=900)
        yield compose_project
    finally:
        compose_project.run("down", "--volumes", "--timeout", "5", timeout=180, check=False)
        if image is None:
            run_command(["docker", "image", "rm", "--force", BUILT_IMAGE], check=False)


def wait_until(what: str, holds: Callable[[], bool], *, seconds: float, every: float = 1.0) -> None:
    """Poll until the condition holds. Raises SmokeFailure after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise SmokeFailure(f"not within {seconds:.0f} s: {what}")
        time.sleep(every)
