"""Fixtures for all tests: real services where they are available, and unique names."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.containers import ImageMissingError, start_kafka
from tests.support.databases import fresh_mysql
from tests.support.migrated import MigratedMysql, SqliteTemplate, open_migrated_mysql
from tests.support.services import Services, worker_redis_url

SERVICES = pytest.StashKey[Services]()


def pytest_configure(config: pytest.Config) -> None:
    # An example takes as long as the machine is busy with others; the test's own timeout stays.
    settings.register_profile("strandline", deadline=None)
    settings.load_profile("strandline")
    config.stash[SERVICES] = Services()


def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Start the services once, before the workers; workers find them by environment variables."""
    os.environ.update(config.stash[SERVICES].start_all())


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
    """`unique("topic")` returns a name that no other test uses, so that tests can share services."""
    return lambda stem: f"{stem}-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def kafka_bootstrap(services: Services) -> str:
    """Return `host:port` of a real Kafka. Without one the test is skipped, or fails if Kafka is required."""
    return services.address("kafka")


@pytest.fixture(scope="session")
def kafka_for_roles(services: Services) -> Iterator[str]:
    """Yield `host:port` of a Kafka for whole roles, which use the real topic and group names: one Kafka per worker.

    Without Docker all workers would share one Kafka: run a single worker then (JOBS=1).
    """
    if "PYTEST_XDIST_WORKER" not in os.environ or services.why_no_container():
        yield services.address("kafka")
        return
    with ExitStack() as stack:
        try:
            yield start_kafka(stack)
        except ImageMissingError as error:
            services.report_absent("kafka", str(error))


@pytest.fixture
def mysql_url(services: Services) -> Iterator[str]:
    """Yield the URL of an empty MySQL database for this test; it is dropped afterwards."""
    with fresh_mysql(services.address("mysql")) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the URL of an empty SQLite database for this test."""
    return f"sqlite+aiosqlite:///{tmp_path / 'strandline.db'}"


@pytest.fixture(params=["sqlite", "mysql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Run the test on an empty SQLite database and on an empty MySQL database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    return SqliteTemplate(tmp_path_factory.mktemp("template") / "strandline.db")


@pytest.fixture
def migrated_sqlite_url(sqlite_template: SqliteTemplate, tmp_path: Path) -> str:
    """Return the URL of a migrated SQLite database for this test."""
    return sqlite_template.copy_to(tmp_path / "strandline.db")


@pytest.fixture(scope="session")
def migrated_mysql(services: Services) -> Iterator[MigratedMysql]:
    with open_migrated_mysql(services.address("mysql")) as database:
        yield database


@pytest.fixture
def migrated_mysql_url(migrated_mysql: MigratedMysql) -> str:
    """Return the URL of a migrated MySQL database without rows. Tests that change its schema use `mysql_url`."""
    migrated_mysql.empty()
    return migrated_mysql.url


@pytest.fixture(params=["sqlite", "mysql"])
def migrated_database_url(request: pytest.FixtureRequest) -> str:
    """Run the test on a migrated SQLite database and on a migrated MySQL database, both without rows."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url


@pytest.fixture(scope="session")
def own_redis(services: Services) -> Iterator[str]:
    """Return the URL of a Redis that no other test worker uses, so that its settings can be changed."""
    if reason := services.why_no_container():
        if services.is_given("redis") and "PYTEST_XDIST_WORKER" not in os.environ:
            yield services.address("redis")
            return
        services.report_absent("redis", f"a Redis of the test's own is needed, and {reason}")
    with ExitStack() as stack:
        yield services.start_own("redis", stack)


@pytest.fixture
def redis_url(services: Services, request: pytest.FixtureRequest) -> str:
    """Return the URL of a real Redis with an empty database. All data in STRANDLINE_TEST_REDIS is deleted.

    A test marked `own_redis` gets one that no other worker uses.
    """
    import redis  # noqa: PLC0415 - only tests with a real Redis pay for the import

    own = request.node.get_closest_marker("own_redis")
    url = request.getfixturevalue("own_redis") if own else worker_redis_url(services.address("redis"))
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return str(url)
