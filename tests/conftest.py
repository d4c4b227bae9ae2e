"""Fixtures that every test may use: the real services where they are to be had, and names of one's own."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.containers import ImageMissingError, start_kafka
from tests.support.databases import fresh_mysql
from tests.support.services import Services, worker_redis_url

SERVICES = pytest.StashKey[Services]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVICES] = Services()


def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Workers share the services: they are started here, before the workers, and found by their environment."""
    os.environ.update(config.stash[SERVICES].started())


def pytest_unconfigure(config: pytest.Config) -> None:
    if services := config.stash.get(SERVICES, None):
        services.close()


def pytest_report_header(config: pytest.Config) -> list[str]:
    return config.stash[SERVICES].header()


@pytest.fixture(scope="session")
def services(request: pytest.FixtureRequest) -> Iterator[Services]:
    services = request.config.stash[SERVICES]
    try:
        yield services
    finally:
        services.close()


@pytest.fixture
def unique() -> Callable[[str], str]:
    """`unique("topic")` is a name that no other test has, so that tests share services and nothing else."""
    return lambda stem: f"{stem}-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def kafka_bootstrap(services: Services) -> str:
    """`host:port` of a real Kafka. Without one the test is skipped, or fails where Kafka is required."""
    return services.address("kafka")


@pytest.fixture(scope="session")
def kafka_for_roles(services: Services) -> Iterator[str]:
    """`host:port` of a Kafka for whole roles, which use topics and groups by their real names: one for each worker.

    Of workers that share a Kafka (because there is no Docker) let there be one: JOBS=1.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ or services.why_no_container():
        yield services.address("kafka")
        return
    with ExitStack() as stack:
        try:
            yield start_kafka(stack)
        except ImageMissingError as error:
            services.absent("kafka", str(error))


@pytest.fixture
def mysql_url(services: Services) -> Iterator[str]:
    """`mysql+aiomysql://...` of an empty database of this test alone, dropped after it."""
    with fresh_mysql(services.address("mysql")) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """`sqlite+aiosqlite:///...` of an empty database of this test alone."""
    return f"sqlite+aiosqlite:///{tmp_path / 'strandline.db'}"


@pytest.fixture(params=["sqlite", "mysql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind in turn: one test, both engines."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def redis_url(services: Services) -> str:
    """`redis://...` of a real Redis, its database emptied. STRANDLINE_TEST_REDIS is not for data one wants to keep."""
    import redis  # noqa: PLC0415 - only where a real Redis is wanted

    url = worker_redis_url(services.address("redis"))
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url
