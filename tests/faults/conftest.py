"""Fixtures of the fault tests: services of their own, because they break them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.containers import ImageMissingError
from tests.support.databases import fresh_mysql
from tests.support.faults.breakable import Servers, run_servers
from tests.support.faults.wall import SteppedClock, find_faketime
from tests.support.services import Services


@pytest.fixture(scope="session")
def breakable(services: Services) -> Iterator[Servers]:
    """Start services in containers that no other test uses."""
    if reason := services.why_no_container():
        services.report_absent("kafka", f"the fault tests need containers: {reason}")
    try:
        with run_servers() as running:
            yield running
    except ImageMissingError as error:
        services.report_absent("kafka", str(error))


@pytest.fixture
def breakable_database(breakable: Servers) -> Iterator[str]:
    """Yield the URL of an empty database on the breakable server."""
    with fresh_mysql(breakable.mysql.address) as url:
        yield url


@pytest.fixture
def make_stepped_clock(services: Services, tmp_path: Path) -> Callable[[], SteppedClock]:
    """Return a factory of steppable clocks. Without libfaketime the test is skipped, or fails if it is required."""

    def make() -> SteppedClock:
        if (library := find_faketime()) is None:
            services.report_absent(
                "faketime", "libfaketimeMT.so.1 is not installed: apt-get install faketime"
            )
        return SteppedClock(library, tmp_path / "wall")

    return make
