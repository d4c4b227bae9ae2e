"""`strandline keys` on SQLite and MySQL: create, list, revoke."""

import asyncio

import pytest
from typer.testing import CliRunner

from storage import api_keys as key_table
from storage.api_key_format import find_valid_key, hash_key
from storage.database import open_database
from strandline.commands import app
from tests.support.clock import START


@pytest.fixture
def runner(migrated_database_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("STRANDLINE_DATABASE_URL", migrated_database_url)
    monkeypatch.setenv("COLUMNS", "120")
    return CliRunner()


async def load_keys(url: str) -> dict[str, key_table.ApiKey]:
    engine = open_database(url)
    try:
        async with engine.connect() as connection:
            return await key_table.load_all(connection)
    finally:
        await engine.dispose()


def test_keys_command_creates_lists_and_revokes(runner: CliRunner, migrated_database_url: str) -> None:
    assert "no keys: writes are open" in runner.invoke(app, ["keys", "list"]).output
    made = runner.invoke(app, ["keys", "create", "trading desk", "-s", "enqueue", "-s", "watch"])
    secret = made.stdout.strip()
    keys = asyncio.run(load_keys(migrated_database_url))
    key = find_valid_key(keys, secret, START)
    assert key is not None
    assert (key.name, key.scopes, key.hash) == ("trading desk", {"enqueue", "watch"}, hash_key(secret))
    listed = runner.invoke(app, ["keys", "list"]).output
    assert key.id in listed
    assert secret.split("_", 2)[2] not in listed
    assert runner.invoke(app, ["keys", "revoke", key.id]).exit_code == 0
    assert find_valid_key(asyncio.run(load_keys(migrated_database_url)), secret, START) is None
    assert "revoked" in runner.invoke(app, ["keys", "list"]).output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["create", "x", "-s", "root"], "use read, enqueue, watch, admin"),
        (["create", ""], "key name ''"),
        (["create", "x", "--days", "0"], "--days"),
        (["revoke", "0123456789ab"], "no key has the id 0123456789ab"),
    ],
)
def test_keys_command_names_invalid_argument(runner: CliRunner, words: list[str], message: str) -> None:
    result = runner.invoke(app, ["keys", *words])
    assert result.exit_code != 0
    assert message in str(result.exception)


def test_revoke_accepts_a_whole_key_and_repeats_no_secret(
    runner: CliRunner, migrated_database_url: str
) -> None:
    secret = runner.invoke(app, ["keys", "create", "desk"]).stdout.strip()
    revoked = runner.invoke(app, ["keys", "revoke", secret])
    assert revoked.exit_code == 0
    assert secret.split("_", 2)[2] not in revoked.output
    assert find_valid_key(asyncio.run(load_keys(migrated_database_url)), secret, START) is None
    for unknown in (f"{secret}x", secret.split("_", 2)[2]):
        refused = runner.invoke(app, ["keys", "revoke", "--", unknown])
        assert refused.exit_code == 1
        assert unknown not in refused.output + str(refused.exception)
