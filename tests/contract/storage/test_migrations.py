"""Upgrades of empty, current and foreign databases, also several at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.errors import ConfigurationError, Transient
from schemas.market import Market
from schemas.tables import metadata, watches
from storage.database import open_database
from storage.migrations import VERSION_TABLE, latest_revision, upgrade
from tests.support.events import CANDLE, HOUR_MS, NOON, make_completed, make_failed, make_market
from tests.support.sinks import SinkBench, upgraded
from tests.support.watchers import a_row

BORN = "2024-03-04 05:06:07"

MYSQL_FOREIGN = """
CREATE TABLE analysis_results (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  exchange VARCHAR(20) NOT NULL COMMENT 'which: binance, bybit (50% each)',
  symbol VARCHAR(64) NOT NULL,
  market_type VARCHAR(16) NOT NULL DEFAULT 'spot',
  timeframe VARCHAR(10) NOT NULL DEFAULT '1h',
  input_limit INT NOT NULL,
  support_levels JSON NOT NULL,
  resistance_levels JSON NOT NULL,
  last_price FLOAT NOT NULL COMMENT 'last, as float',
  note VARCHAR(20) NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id){keys}
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
"""
SQLITE_FOREIGN = """
CREATE TABLE analysis_results (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  exchange VARCHAR(20) NOT NULL,
  symbol VARCHAR(64) NOT NULL,
  market_type VARCHAR(16) NOT NULL DEFAULT 'spot',
  timeframe VARCHAR(10) NOT NULL DEFAULT '1h',
  input_limit INTEGER NOT NULL,
  support_levels JSON NOT NULL,
  resistance_levels JSON NOT NULL,
  last_price FLOAT NOT NULL,
  note VARCHAR(20) NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP{keys}
)
"""
SEARCH = ("symbol", "updated_at", "exchange", "market_type", "timeframe")
THEIR_KEY = ", UNIQUE (timeframe, symbol, exchange, market_type)"
THEIR_ROW = (
    "INSERT INTO analysis_results (id, exchange, symbol, input_limit, support_levels, resistance_levels,"
    f" last_price, created_at, updated_at)"
    f" VALUES ({{id}}, 'binance', '{{symbol}}', 100, '[1.5, 2.5]', '[]', 0.1, '{BORN}', '{BORN}')"
)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(database_url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def execute(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement.replace("%", "%%"))


async def create_foreign_table(engine: AsyncEngine, keys: str = "", *, rows: int = 2) -> None:
    """Create the table of another backend with rows 11, 12, ..."""
    statement = MYSQL_FOREIGN if engine.dialect.name == "mysql" else SQLITE_FOREIGN
    await execute(
        engine,
        statement.format(keys=keys),
        *(THEIR_ROW.format(id=11 + n, symbol=f"N{n}USDT") for n in range(rows)),
    )


async def fetch(engine: AsyncEngine, query: str) -> list[dict[str, Any]]:
    async with engine.connect() as connection:
        return [dict(row._mapping) for row in await connection.execute(text(query))]


async def columns(engine: AsyncEngine) -> dict[str, dict[str, Any]]:
    def read(connection: Connection) -> dict[str, dict[str, Any]]:
        return {
            column["name"]: dict(column) for column in inspect(connection).get_columns("analysis_results")
        }

    async with engine.connect() as connection:
        return await connection.run_sync(read)


async def test_upgrade_creates_declared_tables(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        return list(compare_metadata(context, metadata))

    assert await upgrade(engine) == latest_revision()
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_upgrade_is_idempotent(engine: AsyncEngine) -> None:
    await upgrade(engine)
    await SinkBench(engine).take(make_completed())
    rows = await SinkBench(engine).raw_rows()
    assert await upgrade(engine) == latest_revision()
    assert await SinkBench(engine).raw_rows() == rows


@pytest.mark.parametrize("adopting", [False, True])
async def test_upgrade_runs_concurrently(engine: AsyncEngine, database_url: str, adopting: bool) -> None:
    if adopting:
        await create_foreign_table(engine)
    async with asyncio.timeout(60):
        assert await asyncio.gather(*(upgrade(database_url) for _ in range(6))) == [latest_revision()] * 6
    await SinkBench(engine).take(make_completed())


async def test_upgrade_resumes_after_interruption(engine: AsyncEngine) -> None:
    """MySQL commits each step of a migration by itself: completed steps exist, but are not recorded."""
    await upgrade(engine)
    await execute(
        engine,
        f"UPDATE {VERSION_TABLE} SET version_num = '0001'",
        "DROP INDEX ix_analysis_jobs_ended_at"
        + (" ON analysis_jobs" if engine.dialect.name == "mysql" else ""),
    )
    assert await upgrade(engine) == latest_revision()
    names = {"ix_analysis_jobs_queued_at", "ix_analysis_jobs_status", "ix_analysis_jobs_market"}
    assert await indexes(engine) == names | {"ix_analysis_jobs_ended_at"}


async def test_upgrade_renames_watch_column_and_keeps_rows(engine: AsyncEngine) -> None:
    await upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(watches.insert().values(**a_row("w-1", requested="f" * 64)))
    before = await fetch(engine, "SELECT * FROM watches")
    await execute(
        engine,
        "ALTER TABLE watches RENAME COLUMN requested TO asked",
        f"UPDATE {VERSION_TABLE} SET version_num = '0005'",
    )
    assert await upgrade(engine) == latest_revision()
    assert await fetch(engine, "SELECT * FROM watches") == before


async def indexes(engine: AsyncEngine) -> set[str]:
    def read(connection: Connection) -> set[str]:
        return {str(index["name"]) for index in inspect(connection).get_indexes("analysis_jobs")}

    async with engine.connect() as connection:
        return await connection.run_sync(read)


async def test_adoption_keeps_rows_ids_and_times(engine: AsyncEngine) -> None:
    await create_foreign_table(engine)
    theirs = (
        "SELECT id, exchange, symbol, market_type, timeframe, created_at, updated_at FROM analysis_results"
    )
    before = await fetch(engine, theirs)
    await upgrade(engine)
    assert await fetch(engine, theirs) == before
    rows = await SinkBench(engine).rows()
    assert [(row["id"], row["support_levels"], row["input_limit"]) for row in rows] == [
        (11, [1.5, 2.5], 100),
        (12, [1.5, 2.5], 100),
    ]
    assert [row["last_price"] for row in rows] == pytest.approx([0.1, 0.1])
    ours = ("levels", "candle_at", "analyzed_at", "request_id", "algorithm")
    assert {row[name] for row in rows for name in ours} == {None}


async def test_adoption_lets_sink_write(engine: AsyncEngine) -> None:
    await create_foreign_table(engine)
    await upgrade(engine)
    bench = SinkBench(engine)
    price = 65_432.1234567
    theirs = make_market("N0USDT")
    await bench.take(make_completed(theirs, last_price=price), make_completed(make_market("NEWUSDT")))
    row = next(row for row in await bench.rows() if row["symbol"] == "N0USDT")
    assert (row["id"], row["last_price"]) == (11, price)
    assert row["created_at"] == datetime.fromisoformat(BORN)
    assert row["updated_at"] == NOON.replace(tzinfo=None)

    # A refused result leaves updated_at alone, though the table says ON UPDATE CURRENT_TIMESTAMP.
    raw = await bench.raw_rows()
    bench.clock.time += timedelta(hours=1)
    await bench.take(make_completed(theirs, candle_at=CANDLE - HOUR_MS, last_price=1.0))
    assert await bench.raw_rows() == raw


async def test_adoption_makes_timeframe_case_sensitive(engine: AsyncEngine) -> None:
    await create_foreign_table(engine, THEIR_KEY)
    await upgrade(engine)
    bench = SinkBench(engine)
    await bench.take(*(make_completed(make_market(timeframe=frame)) for frame in ("1m", "1M")))
    assert {row["timeframe"] for row in await bench.rows()} == {"1h", "1m", "1M"}


async def test_adoption_lets_other_backend_write(engine: AsyncEngine) -> None:
    await create_foreign_table(engine)
    await upgrade(engine)
    await execute(engine, THEIR_ROW.format(id=99, symbol="THEIRSUSDT"))
    assert len(await fetch(engine, "SELECT id FROM analysis_results WHERE candle_at IS NULL")) == 3


async def test_adoption_keeps_column_attributes(mysql_url: str) -> None:
    engine = open_database(mysql_url)
    try:
        await create_foreign_table(engine)
        await upgrade(engine)
        found = await columns(engine)
        assert {
            name: str(found[name]["type"]).split(" ")[0] for name in ("last_price", "exchange", "note")
        } == {
            "last_price": "DOUBLE",
            "exchange": "VARCHAR(32)",
            "note": "VARCHAR(20)",
        }
        assert found["exchange"]["comment"] == "which: binance, bybit (50% each)"
        assert found["last_price"]["comment"] == "last, as float"
        assert not found["exchange"]["nullable"]
        assert found["timeframe"]["default"] == "'1h'"
        assert "ON UPDATE CURRENT_TIMESTAMP" in str(found["updated_at"]["default"])
    finally:
        await engine.dispose()


Columns = tuple[str | None, ...]


def _keys(connection: Connection) -> tuple[list[Columns], list[Columns]]:
    """Return the columns of the unique keys (SQLite lists one twice), and of the plain indexes."""
    inspector = inspect(connection)
    indexes = inspector.get_indexes("analysis_results")
    unique = {tuple(index["column_names"]) for index in indexes if index["unique"]}
    unique |= {tuple(key["column_names"]) for key in inspector.get_unique_constraints("analysis_results")}
    return list(unique), sorted(tuple(index["column_names"]) for index in indexes if not index["unique"])


async def test_adoption_adds_missing_keys(engine: AsyncEngine) -> None:
    await create_foreign_table(engine)
    await upgrade(engine)
    async with engine.connect() as connection:
        unique, plain = await connection.run_sync(_keys)
    assert unique == [("exchange", "symbol", "market_type", "timeframe")]
    assert plain == [("symbol",), SEARCH, ("updated_at", "id")]


async def test_adoption_accepts_equivalent_keys(engine: AsyncEngine) -> None:
    await create_foreign_table(engine, THEIR_KEY)
    await execute(
        engine,
        "CREATE INDEX theirs ON analysis_results (symbol, note)",
        "CREATE INDEX theirs_too ON analysis_results (updated_at, id, note)",
    )
    await upgrade(engine)
    async with engine.connect() as connection:
        unique, plain = await connection.run_sync(_keys)
    assert unique == [("timeframe", "symbol", "exchange", "market_type")]
    assert plain == [("symbol", "note"), SEARCH, ("updated_at", "id", "note")]
    await SinkBench(engine).take(make_completed(make_market("N0USDT")))
    assert len(await SinkBench(engine).rows()) == 2


async def test_upgrade_leaves_out_search_index_that_would_be_too_wide(mysql_url: str) -> None:
    async with upgraded(mysql_url) as engine:
        await execute(
            engine,
            "DROP INDEX ix_analysis_results_search ON analysis_results",
            "DROP INDEX uq_analysis_results_market ON analysis_results",
            "ALTER TABLE analysis_results MODIFY exchange VARCHAR(700) NOT NULL",
            f"UPDATE {VERSION_TABLE} SET version_num = '0008'",
        )
        assert await upgrade(engine) == latest_revision()
        async with engine.connect() as connection:
            _, plain = await connection.run_sync(_keys)
        assert SEARCH not in plain


async def test_adoption_names_duplicate_markets_and_changes_nothing(engine: AsyncEngine) -> None:
    await create_foreign_table(engine)
    await execute(engine, THEIR_ROW.format(id=21, symbol="N1USDT"))
    before = await columns(engine), await SinkBench(engine).raw_rows()
    with pytest.raises(ConfigurationError) as error:
        await upgrade(engine)
    assert "binance N1USDT spot 1h (2 rows)" in str(error.value)
    assert "N0USDT" not in str(error.value)
    assert "keep one row of each" in str(error.value)
    after = await columns(engine), await SinkBench(engine).raw_rows()
    assert repr(after) == repr(before)

    await execute(engine, "DELETE FROM analysis_results WHERE id = 21")
    assert await upgrade(engine) == latest_revision()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("CREATE UNIQUE INDEX one_each ON analysis_results (symbol, timeframe)", "one_each"),
        ("ALTER TABLE analysis_results ADD COLUMN owner INT NOT NULL", "column owner must be given a value"),
        ("ALTER TABLE analysis_results DROP COLUMN symbol", "no column symbol"),
        (
            "ALTER TABLE analysis_results MODIFY last_price VARCHAR(32)",
            "last_price is varchar.*make it DOUBLE",
        ),
        (
            "ALTER TABLE analysis_results DROP updated_at, ADD updated_at INT",
            "updated_at is int.*make it DATETIME",
        ),
    ],
)
async def test_adoption_refuses_incompatible_table(mysql_url: str, change: str, message: str) -> None:
    engine = open_database(mysql_url)
    try:
        await create_foreign_table(engine, rows=1)
        await execute(engine, change)
        with pytest.raises(ConfigurationError, match=message):
            await upgrade(engine)
    finally:
        await engine.dispose()


async def test_adoption_fills_missing_columns(engine: AsyncEngine) -> None:
    """A backend of one exchange and one market type, without levels or creation times."""
    on_update = " ON UPDATE CURRENT_TIMESTAMP" if engine.dialect.name == "mysql" else ""
    number = "INT AUTO_INCREMENT" if engine.dialect.name == "mysql" else "INTEGER"
    await execute(
        engine,
        f"CREATE TABLE analysis_results (id {number} PRIMARY KEY, symbol VARCHAR(64) NOT NULL,"
        f" updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP{on_update})",
        f"INSERT INTO analysis_results (id, symbol, updated_at) VALUES (5, 'BTCUSDT', '{BORN}')",
    )
    await upgrade(engine)
    row = await SinkBench(engine).row()
    born = datetime.fromisoformat(BORN)
    assert (row["id"], row["updated_at"], row["created_at"]) == (5, born, born)
    assert (row["exchange"], row["market_type"], row["timeframe"]) == ("binance", "spot", "1h")
    assert (row["support_levels"], row["resistance_levels"]) == ([], [])
    await execute(engine, "INSERT INTO analysis_results (symbol) VALUES ('ETHUSDT')")
    await SinkBench(engine).take(make_completed())
    assert [row["last_price"] for row in await SinkBench(engine).rows()] == [65_432.1, 0.0]


async def test_upgrade_waits_for_migration_lock_until_timeout(mysql_url: str) -> None:
    engine = open_database(mysql_url)
    try:
        async with engine.connect() as other:
            name = f"'strandline.{engine.url.database}'"
            await other.execute(text(f"SELECT GET_LOCK({name}, 0)"))
            with pytest.raises(Transient, match="another upgrade"):
                await upgrade(engine, migration_lock_timeout=0)
            await other.execute(text(f"SELECT RELEASE_LOCK({name})"))
        assert await upgrade(engine, migration_lock_timeout=20) == latest_revision()
    finally:
        await engine.dispose()


async def test_upgrade_refuses_newer_database(engine: AsyncEngine) -> None:
    await upgrade(engine)
    await execute(engine, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match="another version of Strandline"):
        await upgrade(engine)


NARROW = [
    "MODIFY last_price DECIMAL(12,2) NOT NULL",
    "MODIFY symbol VARCHAR(64) CHARACTER SET latin1 NOT NULL",
    "MODIFY input_limit TINYINT UNSIGNED NOT NULL DEFAULT 100",
    "MODIFY support_levels VARCHAR(20) NOT NULL DEFAULT '[]'",
    "MODIFY resistance_levels TINYTEXT NOT NULL",
    "MODIFY market_type ENUM('spot') NOT NULL DEFAULT 'spot'",
]
"""Columns of another backend in which values of ours are rounded, cut or refused."""

SHIB = 0.0000183
NEW_SYMBOL = "币安人生USDT"
THEIR_VALUES = "SELECT id, symbol, market_type, last_price + 0.0 AS price, updated_at FROM analysis_results"


async def check_wide(engine: AsyncEngine) -> None:
    """Check that the sink stores every value as it was published."""
    bench = SinkBench(engine)
    market = make_market(NEW_SYMBOL)
    await bench.take(
        make_completed(make_market("SHIBUSDT"), last_price=SHIB, request_ids=["shib"], input_limit=10_000),
        make_completed(market, last_price=65_432.1234567, request_ids=["new"]),
        make_completed(Market.of("binance", "SHIBUSDT", "future"), request_ids=["future"]),
    )
    assert bench.broker.letters == []
    rows = {(row["symbol"], row["market_type"]): row for row in await bench.rows()}
    assert rows["SHIBUSDT", "spot"]["last_price"] == SHIB
    assert rows["SHIBUSDT", "spot"]["input_limit"] == 10_000
    assert rows["SHIBUSDT", "future"]["levels"][0]["price"] == 64_000.5
    assert rows[NEW_SYMBOL, "spot"]["last_price"] == 65_432.1234567
    assert rows[NEW_SYMBOL, "spot"]["support_levels"] == [64_000.5]
    # Results of one second are in order by their microseconds alone.
    for price, microseconds in ((2.0, 600_000), (3.0, 600_001)):
        at = NOON + timedelta(microseconds=microseconds)
        await bench.take(make_completed(market, last_price=price, analyzed_at=at))
    assert {row["symbol"]: row["last_price"] for row in await bench.rows()}[NEW_SYMBOL] == 3.0


async def test_adoption_widens_what_loses_our_values(mysql_url: str) -> None:
    engine = open_database(mysql_url)
    try:
        await create_foreign_table(engine)
        changes = ", ".join([*NARROW, "ADD analyzed_at DATETIME NULL"])
        await execute(engine, f"ALTER TABLE analysis_results {changes}")
        before = await fetch(engine, THEIR_VALUES)
        await upgrade(engine)
        assert await fetch(engine, THEIR_VALUES) == before
        await check_wide(engine)
        await execute(engine, THEIR_ROW.format(id=99, symbol="THEIRSUSDT"))
    finally:
        await engine.dispose()


async def test_upgrade_widens_table_that_was_adopted_before(mysql_url: str) -> None:
    """Earlier versions adopted such a table and left these columns as they were."""
    engine = open_database(mysql_url)
    try:
        await upgrade(engine)
        await execute(
            engine,
            f"ALTER TABLE analysis_results {', '.join(NARROW)}",
            f"UPDATE {VERSION_TABLE} SET version_num = '0006'",
        )
        assert await upgrade(engine) == latest_revision()
        await check_wide(engine)
    finally:
        await engine.dispose()


async def test_upgrade_stores_every_letter_in_a_latin1_database(mysql_url: str) -> None:
    engine = open_database(mysql_url)
    try:
        await execute(engine, f"ALTER DATABASE `{engine.url.database}` CHARACTER SET latin1")
        await upgrade(engine)
        await check_wide(engine)
        bench = SinkBench(engine)
        await bench.take(make_failed(request_ids=["f"], message=f"{NEW_SYMBOL} is not known"))
        async with engine.begin() as connection:
            await connection.execute(watches.insert().values(**a_row("w-1", symbol=NEW_SYMBOL, note="币安")))
        assert (await bench.jobs())["f"]["message"] == f"{NEW_SYMBOL} is not known"
        notes = await fetch(engine, "SELECT symbol, note FROM watches")
        assert notes == [{"symbol": NEW_SYMBOL, "note": "币安"}]
        assert bench.broker.letters == []
    finally:
        await engine.dispose()
