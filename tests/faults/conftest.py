"""Stands for the nemesis: services of its own, for it breaks them."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.containers import ImageMissing, Server, run_kafka, run_mysql
from tests.support.databases import fresh_mysql
from tests.support.services import Services


@pytest.fixture(scope="session")
def breakable(services: Services) -> Iterator[tuple[Server, Server]]:
    """Kafka and MySQL in containers of our own: nobody else's tests should die with them."""
    if reason := services.why_no_container():
        services.absent("kafka", f"one that may be broken: {reason}")
    with ExitStack() as stack:
        try:
            yield run_kafka(stack), run_mysql(stack)
        except ImageMissing as error:
            services.absent("kafka", str(error))


@pytest.fixture
def breakable_database(breakable: tuple[Server, Server]) -> Iterator[str]:
    """`mysql+aiomysql://...` of an empty database on the server that may be broken."""
    with fresh_mysql(breakable[1].address) as url:
        yield url
