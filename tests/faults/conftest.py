"""Stands for the nemesis: services of its own, for it breaks them."""

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
    """In containers of our own: nobody else's tests should die with them."""
    if reason := services.why_no_container():
        services.absent("kafka", f"one that may be broken: {reason}")
    try:
        with run_servers() as running:
            yield running
    except ImageMissingError as error:
        services.absent("kafka", str(error))


@pytest.fixture
def breakable_database(breakable: Servers) -> Iterator[str]:
    """`mysql+aiomysql://...` of an empty database on the server that may be broken."""
    with fresh_mysql(breakable.mysql.address) as url:
        yield url


@pytest.fixture
def own_wall(services: Services, tmp_path: Path) -> Callable[[], SteppedClock]:
    """Makes a wall clock that may be stepped. Skips the test where libfaketime is not installed, or fails it."""

    def make() -> SteppedClock:
        if (library := find_faketime()) is None:
            services.absent("faketime", "libfaketimeMT.so.1 is not there: apt-get install faketime")
        return SteppedClock(library, tmp_path / "wall")

    return make
