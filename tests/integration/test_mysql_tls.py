"""A real MySQL with its own certificate: refused without the authority, used over TLS with it, never in plain text."""

import io
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from runtime.errors import StrandlineError
from runtime.settings import Settings
from storage.database import open_database
from storage.database_errors import Fault, classify
from storage.migrations import latest_revision, upgrade
from tests.support.certificates import issue_certificate
from tests.support.containers import ImageMissingError, Server, run_mysql
from tests.support.services import Services

_FILES = "/var/lib/mysql"


class Encrypted:
    """A MySQL that a test may reconfigure; `authority` is the CA file of its certificate."""

    def __init__(self, server: Server, authority: Path) -> None:
        self.url = f"{server.address}/mysql"
        self.authority = authority
        self._container = server._container.get_wrapped_container()

    def put(self, **files: bytes) -> None:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, content in files.items():
                about = tarfile.TarInfo(f"{name.replace('_', '-')}.pem")
                about.size, about.mode = len(content), 0o644
                tar.addfile(about, io.BytesIO(content))
        assert self._container.put_archive(_FILES, packed.getvalue())

    async def execute(self, *statements: str, encrypted: bool = False) -> None:
        """Execute as root, by default without TLS, since TLS is what the test changes."""
        settings = self.settings(database_ssl_cafile=self.authority)
        engine = open_database(settings.require_database_url() if encrypted else self.url)
        try:
            async with engine.connect() as connection:
                for statement in statements:
                    await connection.execute(text(statement))
        finally:
            await engine.dispose()

    def settings(self, **changed: object) -> Settings:
        return Settings.load(database_url=self.url, database_ssl=True, **changed)


@pytest.fixture(scope="module")
def server(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    if reason := services.why_no_container():
        services.report_absent("mysql", reason)
    signed = issue_certificate("127.0.0.1")
    authority = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.write_bytes(signed.authority)
    with ExitStack() as stack:
        try:
            running = Encrypted(run_mysql(stack, durable=False), authority)
        except ImageMissingError as error:
            services.report_absent("mysql", str(error))
        running.put(ca=signed.authority, server_cert=signed.certificate, server_key=signed.key)
        yield running


async def cipher(settings: Settings) -> str:
    """Return the cipher of a connection."""
    engine = open_database(settings.require_database_url())
    try:
        async with engine.connect() as connection:
            found = await connection.execute(text("SHOW SESSION STATUS LIKE 'Ssl_cipher'"))
            return str(found.one()[1])
    finally:
        await engine.dispose()


async def test_tls_accepts_certificate_of_known_authority_only(server: Encrypted) -> None:
    await server.execute("ALTER INSTANCE RELOAD TLS")
    assert await cipher(server.settings(database_ssl_cafile=server.authority))
    with pytest.raises(OperationalError, match="certificate is not accepted") as refused:
        await cipher(server.settings())
    assert classify(refused.value) is Fault.BROKEN
    assert "strandline-tests" not in str(refused.value)


async def test_tls_refuses_certificate_of_another_host(server: Encrypted) -> None:
    await server.execute("ALTER INSTANCE RELOAD TLS")
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    with pytest.raises(OperationalError, match=r"certificate is not accepted.*localhost"):
        await cipher(
            Settings.load(database_url=elsewhere, database_ssl=True, database_ssl_cafile=server.authority)
        )


async def test_tls_refuses_server_without_tls(server: Encrypted) -> None:
    """aiomysql alone would continue in plain text."""
    await server.execute("SET GLOBAL tls_version = ''", "ALTER INSTANCE RELOAD TLS NO ROLLBACK ON ERROR")
    try:
        with pytest.raises(OperationalError, match="offers no TLS"):
            await cipher(server.settings(database_ssl_cafile=server.authority))
    finally:
        await server.execute("SET GLOBAL tls_version = 'TLSv1.2,TLSv1.3'", "ALTER INSTANCE RELOAD TLS")


async def test_upgrade_works_where_the_server_requires_tls(server: Encrypted) -> None:
    await server.execute(
        "ALTER INSTANCE RELOAD TLS", "CREATE DATABASE encrypted", "SET GLOBAL require_secure_transport = ON"
    )
    url = f"{server.url.rpartition('/')[0]}/encrypted"
    over_tls = Settings.load(database_url=url, database_ssl=True, database_ssl_cafile=server.authority)
    try:
        assert await upgrade(over_tls.require_database_url()) == latest_revision()
        with pytest.raises(StrandlineError, match="insecure transport"):
            await upgrade(url)
    finally:
        await server.execute("SET GLOBAL require_secure_transport = OFF", encrypted=True)
