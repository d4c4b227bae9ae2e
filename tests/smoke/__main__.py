"""`make smoke`; with the name of an image it builds none, but takes that one.

Each step says what it saw; the last line counts. Everything started is removed, come what may.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.smoke import load, monitoring, walls, watch
from tests.smoke.compose import Project, SmokeFailure, create_project, wait_until

_ANALYZERS = 3
_UP = 240.0
_OURS = (
    "setup",
    "api",
    "analysis-service",
    "analyzer",
    "sink",
    "scheduler",
    "prices",
    "simulator",
    "traefik",
)
_ENDED = 300.0


def main() -> int:
    begun = time.monotonic()
    passed = 0
    with create_project(*sys.argv[1:2]) as running:
        report(begun, f"the image is there: {running.image}")
        for step in STEPS:
            try:
                saw = step(running)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told of with the logs before they go
                report(begun, f"FAILED {step.__name__}: {type(error).__name__}: {error}")
                report(begun, running.run("ps", "-a", check=False))
                report(begun, running.run("logs", "--tail=40", *_OURS, check=False)[-15_000:])
                break
            passed += 1
            report(begun, f"{step.__name__}: {saw}")
    failed = len(STEPS) - passed
    print(f"{passed} passed, {failed} failed")  # noqa: T201
    return 1 if failed else 0


def report(begun: float, what: str) -> None:
    print(f"{time.monotonic() - begun:6.1f} s  {what}", flush=True)  # noqa: T201


def start_all_services(running: Project) -> str:
    running.run("up", "-d", "--quiet-pull", "--scale", f"analyzer={_ANALYZERS}", timeout=_UP)
    wait_until_healthy(running, seconds=120)
    return f"{len(running.containers())} containers"


def wait_until_healthy(running: Project, *, seconds: float) -> None:
    """Returns when every service is; the one-shot ones ended well. Raises Trouble naming those that are not."""

    def bad() -> list[str]:
        return [
            f"{one['Name']}: {one['State']} {one['Health']}"
            for one in running.containers()
            if not is_healthy(one)
        ]

    try:
        wait_until("all healthy", lambda: not bad(), seconds=seconds)
    except SmokeFailure:
        raise SmokeFailure(f"not healthy: {bad()}") from None


def is_healthy(container: dict[str, Any]) -> bool:
    if container["Service"] in {"setup", "secrets"}:
        return container["State"] == "exited" and container["ExitCode"] == 0
    return container["State"] == "running" and container["Health"] == "healthy"


def wait_for_scheduled_levels(running: Project) -> str:
    """The scheduler asks for its watchlist by itself."""

    def rows() -> Any:
        answer = httpx.get(f"{running.web}/api/v1/analysis/results", timeout=10, trust_env=False)
        return answer.raise_for_status().json()["data"]

    wait_until("a market with levels", lambda: any(row["support_levels"] for row in rows()), seconds=120)
    return f"{len(rows())} rows on the first page"


def check_network_access(running: Project) -> str:
    tried = walls.check_refused_paths(running)
    walls.check_published_ports(running)
    walls.check_traefik_network(running)
    walls.check_image(running)
    return f"{tried} ways in refused"


def call_analysis_service(running: Project) -> str:
    return walls.check_analysis_service(running)


def survive_analyzer_and_kafka_crash(running: Project) -> str:
    analyzer = f"{running.name}-analyzer-2"
    kafka = f"{running.name}-kafka-1"
    deaths: dict[int, Callable[[], None]] = {
        150: lambda: running.crash(analyzer),
        300: lambda: running.crash(kafka),
    }
    sent = asyncio.run(load.send_all(running.web, deaths))
    ends = asyncio.run(load.wait_until_all_ended(running.web, sent, seconds=_ENDED))
    for container in (analyzer, kafka):
        if running.restarts(container) != 1:
            raise SmokeFailure(f"{container} was started again {running.restarts(container)} times, not once")
    if set(ends) != {"completed"}:
        raise SmokeFailure(f"all ended, but not all well: {dict(ends)}")
    wait_until_healthy(running, seconds=120)
    return f"{ends.total()} requests: {dict(ends)}"


def fire_a_watch(running: Project) -> str:
    return watch.check_watch_fires(running)


def check_prometheus(running: Project) -> str:
    up = monitoring.check_targets(running.prometheus, analyzers=_ANALYZERS)
    return f"{up}; {monitoring.check_rules(running.prometheus)}"


def check_dashboards(running: Project) -> str:
    return monitoring.check_dashboards(running.prometheus)


STEPS: tuple[Callable[[Project], str], ...] = (
    start_all_services,
    wait_for_scheduled_levels,
    check_network_access,
    call_analysis_service,
    survive_analyzer_and_kafka_crash,
    fire_a_watch,
    check_prometheus,
    check_dashboards,
)


if __name__ == "__main__":
    sys.exit(main())
