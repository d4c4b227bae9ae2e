"""`strandline keys` on SQLite and MySQL: made, shown once, listed, revoked."""

import asyncio

import pytest
from typer.testing import CliRunner

from storage import api_keys as key_table
from storage.api_key_format import find_valid_key, hash_key
from storage.database import open_database
from storage.migrations import upgrade
from strandline.cli import app
from tests.support.clock import START


@pytest.fixture
def runner(database_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    asyncio.run(upgrade(database_url))
    monkeypatch.setenv("STRANDLINE_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "120")
    return CliRunner()


async def _stored(url: str) -> dict[str, key_table.ApiKey]:
    engine = open_database(url)
    try:
        async with engine.connect() as connection:
            return await key_table.load_all(connection)
    finally:
        await engine.dispose()


def test_a_key_from_its_making_to_its_end(runner: CliRunner, database_url: str) -> None:
    assert "there is no key" in runner.invoke(app, ["keys", "list"]).output
    made = runner.invoke(app, ["keys", "create", "trading desk", "-s", "enqueue", "-s", "watch"])
    secret = made.stdout.strip()
    keys = asyncio.run(_stored(database_url))
    key = find_valid_key(keys, secret, START)
    assert key is not None
    assert (key.name, key.scopes, key.hash) == ("trading desk", {"enqueue", "watch"}, hash_key(secret))
    listed = runner.invoke(app, ["keys", "list"]).output
    assert key.id in listed
    assert secret.rpartition("_")[2] not in listed
    assert runner.invoke(app, ["keys", "revoke", key.id]).exit_code == 0
    assert find_valid_key(asyncio.run(_stored(database_url)), secret, START) is None
    assert "revoked" in runner.invoke(app, ["keys", "list"]).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create", "x", "-s", "root"], "none of read, enqueue, watch, admin"),
        (["create", ""], "the name of a key"),
        (["create", "x", "--days", "0"], "--days"),
        (["revoke", "nosuchkey000"], "no key nosuchkey000"),
    ],
)
def test_what_is_wrong_is_told(runner: CliRunner, words: list[str], said: str) -> None:
    done = runner.invoke(app, ["keys", *words])
    assert done.exit_code != 0
    assert said in str(done.exception)
