"""Stands for the nemesis: services of its own, for it breaks them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.containers import ImageMissing
from tests.support.databases import fresh_mysql
from tests.support.faults.breakable import Servers, servers
from tests.support.faults.wall import Wall, faketime
from tests.support.services import Services


@pytest.fixture(scope="session")
def breakable(services: Services) -> Iterator[Servers]:
    """In containers of our own: nobody else's tests should die with them."""
    if reason := services.why_no_container():
        services.absent("kafka", f"one that may be broken: {reason}")
    try:
        with servers() as running:
            yield running
    except ImageMissing as error:
        services.absent("kafka", str(error))


@pytest.fixture
def breakable_database(breakable: Servers) -> Iterator[str]:
    """`mysql+aiomysql://...` of an empty database on the server that may be broken."""
    with fresh_mysql(breakable.mysql.address) as url:
        yield url


@pytest.fixture
def own_wall(services: Services, tmp_path: Path) -> Callable[[], Wall]:
    """Makes a wall clock that may be stepped. Skips the test where libfaketime is not installed, or fails it."""

    def make() -> Wall:
        if (library := faketime()) is None:
            services.absent("faketime", "libfaketimeMT.so.1 is not there: apt-get install faketime")
        return Wall(library, tmp_path / "wall")

    return make
