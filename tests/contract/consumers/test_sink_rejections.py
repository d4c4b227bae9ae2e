"""Rows that MySQL refuses for a reason of the row: that row alone is dead-lettered, other markets are written."""

from collections.abc import AsyncIterator

import pymysql
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database_errors import Fault, classify
from tests.support.deadlines import within
from tests.support.events import make_completed, make_market, to_record
from tests.support.sinks import SinkBench, upgraded

BAD = "BADUSDT"

# What a trigger may do with a row of BAD.
NATURAL = {
    "1644 signal": "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this symbol'",
    "1442 own table": "UPDATE analysis_results SET input_limit = 1",
    "1267 collations": "SET @same = NEW.symbol COLLATE utf8mb4_bin = NEW.exchange COLLATE utf8mb4_general_ci",
    "1242 subquery": "SET NEW.input_limit = (SELECT 1 UNION SELECT 2)",
    "1339 case": "CASE NEW.input_limit WHEN -1 THEN SET NEW.input_limit = 0; END CASE",
    "1690 range": "SET NEW.input_limit = POW(2, 63) * POW(2, 63) * POW(2, 1000)",
    "1365 division": "SET NEW.input_limit = 1 / 0",
}
CODES = [1118, 1153, 1369, 1442, 1526, 1591, 1748, 3140, 3157, 3699, 3819, 3903, 14_999 + 1, 45_000, 65_535]


@pytest.fixture
async def engine(migrated_mysql_url: str) -> AsyncIterator[AsyncEngine]:
    """The database is shared, so the trigger of `refuse` is dropped after each test."""
    async with upgraded(migrated_mysql_url) as engine:
        yield engine
        async with engine.begin() as connection:
            await connection.exec_driver_sql("DROP TRIGGER IF EXISTS refuse")


async def refuse(engine: AsyncEngine, action: str) -> None:
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            f"CREATE TRIGGER refuse BEFORE INSERT ON analysis_results FOR EACH ROW "
            f"BEGIN IF NEW.symbol = '{BAD}' THEN {action.replace('%', '%%')}; END IF; END"
        )


async def check_isolated(engine: AsyncEngine) -> None:
    bench = SinkBench(engine)
    good = [make_completed(make_market(f"G{n}USDT"), request_ids=[f"g{n}"]) for n in range(6)]
    bad = to_record(make_completed(make_market(BAD), request_ids=["bad"]))
    records = [to_record(event) for event in good]
    await within(bench.take_records(*records[:4], bad, *records[4:]))
    assert {row["symbol"] for row in await bench.rows()} == {event.market.symbol for event in good}
    assert [letter.value for letter in bench.broker.letters] == [bad.value]
    assert bench.clock.slept == []


ABOUT_THE_STATEMENT = {1052, 1058, 1136, 1222, *range(3558, 3565)}
"""Errors of these classes about columns or clauses of the statement, or about defining a spatial reference system."""


async def test_classify_takes_every_data_and_integrity_error_of_the_server_as_rejected(
    engine: AsyncEngine,
) -> None:
    """By the server's own list, with SQLSTATE: 21 cardinality, 22 data, 23 integrity, 20 no case."""
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql(
            "SELECT ERROR_NUMBER, ERROR_NAME FROM performance_schema.events_errors_summary_global_by_error"
            " WHERE ERROR_NUMBER < 6000 AND LEFT(SQL_STATE, 2) IN ('20', '21', '22', '23')"
        )
        errors = {int(number): str(name) for number, name in rows if number not in ABOUT_THE_STATEMENT}
    assert len(errors) > 70
    faults = {
        number: classify(OperationalError("", {}, pymysql.err.OperationalError(number, "")))
        for number in errors
    }
    assert {errors[number] for number, fault in faults.items() if fault is not Fault.REJECTED} == set()


@pytest.mark.parametrize("action", NATURAL.values(), ids=NATURAL)
async def test_sink_isolates_row_refused_by_a_trigger(engine: AsyncEngine, action: str) -> None:
    await refuse(engine, action)
    await check_isolated(engine)


@pytest.mark.parametrize("code", CODES)
async def test_sink_isolates_row_refused_with_code(engine: AsyncEngine, code: int) -> None:
    """SIGNAL may carry any number, so it stands for what raises that number elsewhere."""
    await refuse(engine, f"SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {code}")
    await check_isolated(engine)


async def test_sink_waits_for_an_outage_that_a_trigger_reports(engine: AsyncEngine) -> None:
    """A code that is not known to be about a row is an outage: nothing is dead-lettered while it lasts."""
    await refuse(
        engine,
        "IF @@GLOBAL.event_scheduler = 'OFF' THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114; END IF",
    )
    bench = SinkBench(engine)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SET GLOBAL event_scheduler = OFF")
    sleep = bench.clock.sleep

    async def sleep_and_mend(seconds: float) -> None:
        await sleep(seconds)
        if len(bench.clock.slept) == 3:
            async with engine.connect() as connection:
                await connection.exec_driver_sql("SET GLOBAL event_scheduler = ON")

    bench.clock.sleep = sleep_and_mend  # type: ignore[method-assign]
    await within(bench.take(make_completed(make_market(BAD))))
    assert not bench.broker.letters
    assert len(bench.clock.slept) == 3
