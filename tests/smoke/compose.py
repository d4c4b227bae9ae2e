"""docker-compose.yml as a project of its own: own name, free ports, nobody's .env, and nothing left behind."""

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
BUILT = "strandline:smoke"


class SmokeFailure(AssertionError):
    """What was to be seen was not."""


@dataclass(frozen=True)
class Project:
    """A project; `web` and `prometheus` are base URLs on this machine."""

    name: str
    environment: dict[str, str]
    web: str
    prometheus: str

    def run(self, *words: str, timeout: float = 120, check: bool = True) -> str:
        """`docker compose WORDS`; what it printed. Raises Trouble where it fails."""
        profiles = [word for profile in PROFILES for word in ("--profile", profile)]
        command = ["docker", "compose", "-p", self.name, "--env-file", os.devnull, *profiles, *words]
        return run_command(command, timeout=timeout, check=check, environment=self.environment)

    @property
    def image(self) -> str:
        return self.environment["STRANDLINE_IMAGE"]

    def inside(self, service: str, *words: str, check: bool = True) -> str:
        return self.run("exec", "-T", service, *words, check=check)

    def python(self, service: str, code: str, *arguments: str) -> str:
        return self.inside(service, "python", "-c", code, *arguments)

    def containers(self) -> list[dict[str, Any]]:
        """As `docker compose ps` tells of them, those that ended included."""
        return [json.loads(line) for line in self.run("ps", "-a", "--format", "json").splitlines()]

    def crash(self, container: str) -> None:
        """Kills what the container runs, from within: as a crash, so that its restart policy is what mends it."""
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
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )
    if check and done.returncode:
        raise SmokeFailure(
            f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        )
    return done.stdout.strip()


@contextmanager
def create_project(image: str | None = None) -> Iterator[Project]:
    """The project, not yet up, of `image`, else of one built for it; removes all of it in the end."""
    web, prometheus = find_free_port(), find_free_port()
    ours = {
        name: value for name, value in os.environ.items() if not name.startswith(("STRANDLINE_", "MYSQL_"))
    }
    environment = ours | {
        "STRANDLINE_IMAGE": image or BUILT,
        "STRANDLINE_PORT": str(web),
        "PROMETHEUS_PORT": str(prometheus),
    }
    made = Project(
        f"strandline-smoke-{os.getpid()}",
        environment,
        f"http://127.0.0.1:{web}",
        f"http://127.0.0.1:{prometheus}",
    )
    try:
        if image is None:
            made.run("build", "--quiet", timeout=900)
        yield made
    finally:
        made.run("down", "--volumes", "--timeout", "5", timeout=180, check=False)
        if image is None:
            run_command(["docker", "image", "rm", "--force", BUILT], check=False)


def wait_until(what: str, seen: Callable[[], bool], *, seconds: float, every: float = 1.0) -> None:
    """Looks again until it is seen. Raises Trouble when `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > deadline:
            raise SmokeFailure(f"not within {seconds:.0f} s: {what}")
        time.sleep(every)
