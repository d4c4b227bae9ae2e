"""Fixtures of the fault tests: services of their own, because they break them."""

from collections.abc import Iterator

import pytest

from tests.support.containers import ImageMissingError
from tests.support.databases import fresh_mysql
from tests.support.faults.breakable import Servers, run_servers
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
