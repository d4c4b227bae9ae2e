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
from tests.smoke.compose import Project, Trouble, project, until

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
    with project(*sys.argv[1:2]) as running:
        say(begun, f"the image is there: {running.image}")
        for step in STEPS:
            try:
                saw = step(running)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told of with the logs before they go
                say(begun, f"FAILED {step.__name__}: {type(error).__name__}: {error}")
                say(begun, running.run("ps", "-a", check=False))
                say(begun, running.run("logs", "--tail=40", *_OURS, check=False)[-15_000:])
                break
            passed += 1
            say(begun, f"{step.__name__}: {saw}")
    failed = len(STEPS) - passed
    print(f"{passed} passed, {failed} failed")  # noqa: T201
    return 1 if failed else 0


def say(begun: float, what: str) -> None:
    print(f"{time.monotonic() - begun:6.1f} s  {what}", flush=True)  # noqa: T201


def everything_comes_up_healthy(running: Project) -> str:
    running.run("up", "-d", "--quiet-pull", "--scale", f"analyzer={_ANALYZERS}", timeout=_UP)
    healthy(running, seconds=120)
    return f"{len(running.containers())} containers"


def healthy(running: Project, *, seconds: float) -> None:
    """Returns when every service is; the one-shot ones ended well. Raises Trouble naming those that are not."""

    def bad() -> list[str]:
        return [
            f"{one['Name']}: {one['State']} {one['Health']}"
            for one in running.containers()
            if not is_well(one)
        ]

    try:
        until("all healthy", lambda: not bad(), seconds=seconds)
    except Trouble:
        raise Trouble(f"not healthy: {bad()}") from None


def is_well(container: dict[str, Any]) -> bool:
    if container["Service"] in {"setup", "secrets"}:
        return container["State"] == "exited" and container["ExitCode"] == 0
    return container["State"] == "running" and container["Health"] == "healthy"


def levels_show_without_asking(running: Project) -> str:
    """The scheduler asks for its watchlist by itself."""

    def rows() -> Any:
        answer = httpx.get(f"{running.web}/api/v1/analysis/results", timeout=10, trust_env=False)
        return answer.raise_for_status().json()["data"]

    until("a market with levels", lambda: any(row["support_levels"] for row in rows()), seconds=120)
    return f"{len(rows())} rows on the first page"


def walls_stand(running: Project) -> str:
    tried = walls.refused_from_outside(running)
    walls.only_these_ports(running)
    walls.traefik_knows_only_the_api(running)
    walls.image_is_bare(running)
    return f"{tried} ways in refused"


def analysis_service_is_reached_from_inside(running: Project) -> str:
    return walls.analysis_service_answers_inside(running)


def every_request_ends_though_an_analyzer_and_kafka_die(running: Project) -> str:
    analyzer = f"{running.name}-analyzer-2"
    kafka = f"{running.name}-kafka-1"
    deaths: dict[int, Callable[[], None]] = {
        150: lambda: running.crash(analyzer),
        300: lambda: running.crash(kafka),
    }
    sent = asyncio.run(load.send_all(running.web, deaths))
    ends = asyncio.run(load.all_ended(running.web, sent, seconds=_ENDED))
    for container in (analyzer, kafka):
        if running.restarts(container) != 1:
            raise Trouble(f"{container} was started again {running.restarts(container)} times, not once")
    if set(ends) != {"completed"}:
        raise Trouble(f"all ended, but not all well: {dict(ends)}")
    healthy(running, seconds=120)
    return f"{ends.total()} requests: {dict(ends)}"


def a_watch_fires(running: Project) -> str:
    return watch.fires(running)


def prometheus_sees_every_process(running: Project) -> str:
    up = monitoring.targets_up(running.prometheus, analyzers=_ANALYZERS)
    return f"{up}; {monitoring.rules_are_evaluated(running.prometheus)}"


def dashboards_have_data(running: Project) -> str:
    return monitoring.dashboards_answer(running.prometheus)


STEPS: tuple[Callable[[Project], str], ...] = (
    everything_comes_up_healthy,
    levels_show_without_asking,
    walls_stand,
    analysis_service_is_reached_from_inside,
    every_request_ends_though_an_analyzer_and_kafka_die,
    a_watch_fires,
    prometheus_sees_every_process,
    dashboards_have_data,
)


if __name__ == "__main__":
    sys.exit(main())
