"""Stands for the nemesis: services of its own, for it breaks them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.containers import ImageMissing, Server, run_kafka, run_mysql
from tests.support.databases import fresh_mysql
from tests.support.faults.stand import Stand, on_kafka
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
async def stand(breakable: tuple[Server, Server], tmp_path: Path) -> AsyncIterator[Stand]:
    kafka, mysql = breakable
    with fresh_mysql(mysql.address) as url:
        async with on_kafka(kafka.address, url, tmp_path, kafka=kafka, mysql=mysql) as stand:
            yield stand
