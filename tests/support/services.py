"""Kafka, MySQL and Redis for tests: a given one, else a container, else none with the reason.

Containers start on first use and are removed at the end of the session.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import cached_property
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

from tests.support import containers

STARTERS: Mapping[str, Callable[[ExitStack], str]] = {
    "kafka": containers.start_kafka,
    "mysql": containers.start_mysql,
    "redis": containers.start_redis,
}
SUBSTITUTES = {"kafka": "the in-process broker", "mysql": "SQLite", "redis": "no cache"}
REQUIRABLE = (*STARTERS, "chromium", "faketime", "npm", "node", "go", "java", "generators", "freqtrade")


class Services:
    """The address of each service, and whether its absence skips or fails a test."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._stack = ExitStack()
        self._addresses: dict[str, str] = {}
        self.required = _parse_required(environ.get("STRANDLINE_TEST_REQUIRE", ""))

    @cached_property
    def _no_engine(self) -> str | None:
        return containers.missing_engine_reason()

    def is_given(self, name: str) -> bool:
        """Return whether an environment variable gives the service's address."""
        return self._given(name) is not None

    def _given(self, name: str) -> str | None:
        return self._environ.get(f"STRANDLINE_TEST_{name.upper()}") or None

    def why_no_container(self) -> str | None:
        """Return why containers cannot be started; None if they can."""
        return self._no_engine

    def why_absent(self, name: str) -> str | None:
        """Return why the service is not available; None if it is given or can be started."""
        if self._given(name) or self._no_engine is None:
            return None
        return f"STRANDLINE_TEST_{name.upper()} is not set, and {self._no_engine}"

    def address(self, name: str) -> str:
        """Return the address, starting the service if needed. Without it the test is skipped, or fails if required."""
        if name not in self._addresses:
            if reason := self.why_absent(name):
                self.report_absent(name, reason)
            self._addresses[name] = self._given(name) or self._start(name)
        return self._addresses[name]

    def start_all(self) -> Mapping[str, str]:
        """Start all available services; return the environment variables by which another process finds them."""
        variables = {}
        for name in STARTERS:
            # The tests that need a service report why it cannot be started.
            with suppress(containers.ImageMissingError):
                if self.why_absent(name) is None:
                    variables[f"STRANDLINE_TEST_{name.upper()}"] = self._given(name) or self._start_once(name)
        return variables

    def start_own(self, name: str, stack: ExitStack) -> str:
        """Start one more, removed when `stack` closes. Without an image the test is skipped, or fails if required."""
        try:
            return STARTERS[name](stack)
        except containers.ImageMissingError as error:
            self.report_absent(name, str(error))

    def _start_once(self, name: str) -> str:
        if name not in self._addresses:
            self._addresses[name] = STARTERS[name](self._stack)
        return self._addresses[name]

    def _start(self, name: str) -> str:
        try:
            return self._start_once(name)
        except containers.ImageMissingError as error:
            self.report_absent(name, str(error))

    def report_absent(self, name: str, reason: str) -> NoReturn:
        """Skip the current test, or fail it if STRANDLINE_TEST_REQUIRE names the service."""
        if name in self.required:
            pytest.fail(f"{name} is required (STRANDLINE_TEST_REQUIRE) but absent: {reason}", pytrace=False)
        pytest.skip(f"needs {name}: {reason}")

    def header(self) -> list[str]:
        """Describe each service in a line for pytest's header."""
        return [f"{name}: {self._describe(name)}" for name in STARTERS]

    def _describe(self, name: str) -> str:
        demand = " (required)" if name in self.required else ""
        if self._given(name):
            return f"given by STRANDLINE_TEST_{name.upper()}{demand}"
        if reason := self.why_absent(name):
            return f"absent{demand}, {SUBSTITUTES[name]} stands in: {reason}"
        return f"a container of {containers.IMAGES[name]}{demand}"

    def close(self) -> None:
        self._stack.close()


def worker_redis_url(redis: str) -> str:
    """Return the URL with a database per pytest-xdist worker, because tests delete all data in theirs."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    return urlsplit(redis)._replace(path=f"/{int(worker) + 1}").geturl() if worker else redis


def _parse_required(names: str) -> frozenset[str]:
    required = frozenset(name.strip() for name in names.split(",") if name.strip())
    if unknown := required - set(REQUIRABLE):
        raise pytest.UsageError(
            f"STRANDLINE_TEST_REQUIRE: {', '.join(sorted(unknown))} are unknown; known are {REQUIRABLE}"
        )
    return required
