"""Price demand where another backend made the table of results."""

from sqlalchemy import insert

from producers.prices.demand import load_demand
from schemas.tables import watches
from storage.database import open_database
from storage.migrations import upgrade
from tests.contract.storage.test_migrations import MYSQL_FOREIGN, SQLITE_FOREIGN, THEIR_ROW, execute
from tests.support.watchers import a_row


async def test_load_demand_reads_rows_of_an_adopted_table_and_watches(database_url: str) -> None:
    engine = open_database(database_url)
    foreign = MYSQL_FOREIGN if engine.dialect.name == "mysql" else SQLITE_FOREIGN
    try:
        await execute(engine, foreign.format(keys=""), THEIR_ROW.format(id=1, symbol="BTCUSDT"))
        await upgrade(database_url)
        async with engine.begin() as connection:
            for watch_id, symbol, state in (("a", "ETHUSDT", "active"), ("p", "ADAUSDT", "paused")):
                await connection.execute(
                    insert(watches).values(**a_row(watch_id, exchange="binance", symbol=symbol, state=state))
                )
        assert await load_demand(engine, ["binance"]) == {("binance", "spot"): {"BTCUSDT", "ETHUSDT"}}
    finally:
        await engine.dispose()
