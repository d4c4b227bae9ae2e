"""Classification of database errors: the drivers' own exceptions, as SQLAlchemy wraps them."""

import sqlite3

import pymysql
import pytest
from sqlalchemy import exc

from runtime.errors import ConfigurationError, Transient
from storage.database_errors import Fault, classify, describe_error, translate_errors

SECRET = "hunter2"


def mysql(kind: type[Exception], code: int) -> exc.DBAPIError:
    return wrapped(kind(code, f"complaint {code}"))


def wrapped(error: Exception) -> exc.DBAPIError:
    made = exc.DBAPIError.instance(
        f"INSERT {SECRET}", {"password": SECRET}, error, Exception, hide_parameters=True
    )
    assert isinstance(made, exc.DBAPIError)
    return made


def sqlite(kind: type[Exception], words: str) -> exc.DBAPIError:
    return wrapped(kind(words))


OUTAGES = [
    1021,
    1040,
    1053,
    1114,
    1205,
    1213,
    1290,
    1317,
    1792,
    1836,
    1927,
    2003,
    2006,
    2013,
    3024,
    4031,
    9999,
]


@pytest.mark.parametrize("code", OUTAGES)
def test_classify_takes_mysql_outage_as_transient(code: int) -> None:
    assert classify(mysql(pymysql.err.OperationalError, code)) is Fault.TRANSIENT


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (pymysql.err.DataError, 1406),
        (pymysql.err.DataError, 1264),
        (pymysql.err.DataError, 1366),
        (pymysql.err.IntegrityError, 1048),
        (pymysql.err.IntegrityError, 1062),
        (pymysql.err.IntegrityError, 1452),
        (pymysql.err.OperationalError, 1153),
        (pymysql.err.OperationalError, 1292),
        (pymysql.err.OperationalError, 3140),
        (pymysql.err.OperationalError, 3819),
        (pymysql.err.OperationalError, 1118),
        (pymysql.err.OperationalError, 1267),
        (pymysql.err.OperationalError, 1369),
        (pymysql.err.OperationalError, 1442),
        (pymysql.err.OperationalError, 1526),
        (pymysql.err.OperationalError, 1644),
        (pymysql.err.OperationalError, 3157),
        (pymysql.err.OperationalError, 30_001),
        (pymysql.err.InternalError, 45_000 - 2**16),
    ],
)
def test_classify_takes_mysql_value_error_as_rejected(kind: type[Exception], code: int) -> None:
    assert classify(mysql(kind, code)) is Fault.REJECTED


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (pymysql.err.ProgrammingError, 1146),
        (pymysql.err.ProgrammingError, 1064),
        (pymysql.err.OperationalError, 1045),
        (pymysql.err.OperationalError, 1049),
        (pymysql.err.OperationalError, 1054),
        (pymysql.err.OperationalError, 1142),
        (pymysql.err.OperationalError, 1364),
        (pymysql.err.OperationalError, 1071),
        (pymysql.err.OperationalError, 1449),
    ],
)
def test_classify_takes_schema_or_permission_error_as_broken(kind: type[Exception], code: int) -> None:
    assert classify(mysql(kind, code)) is Fault.BROKEN


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (sqlite(sqlite3.OperationalError, "database is locked"), Fault.TRANSIENT),
        (sqlite(sqlite3.OperationalError, "database or disk is full"), Fault.TRANSIENT),
        (sqlite(sqlite3.OperationalError, "no such table: analysis_results"), Fault.BROKEN),
        (sqlite(sqlite3.OperationalError, "table x has no column named y"), Fault.BROKEN),
        (sqlite(sqlite3.OperationalError, "attempt to write a readonly database"), Fault.BROKEN),
        (sqlite(sqlite3.IntegrityError, "NOT NULL constraint failed"), Fault.REJECTED),
        (sqlite(sqlite3.ProgrammingError, "Error binding parameter 3"), Fault.BROKEN),
    ],
)
def test_classify_reads_sqlite_messages(error: Exception, fault: Fault) -> None:
    assert classify(error) is fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (exc.TimeoutError("pool"), Fault.TRANSIENT),
        (TimeoutError(), Fault.TRANSIENT),
        (ConnectionResetError("reset"), Fault.TRANSIENT),
        (exc.InterfaceError("SELECT 1", {}, Exception(0, "")), Fault.BROKEN),
        (exc.StatementError("no JSON", "INSERT", {}, TypeError("set")), Fault.REJECTED),
        (exc.StatementError("too large", "INSERT", {}, OverflowError("int")), Fault.REJECTED),
        (OverflowError("Python int too large"), Fault.REJECTED),
        ("\ud800".encode, Fault.REJECTED),
        (exc.ArgumentError("a bug"), Fault.BROKEN),
        (KeyError("a bug"), Fault.BROKEN),
    ],
)
def test_classify_handles_errors_before_the_database(error: object, fault: Fault) -> None:
    if callable(error):
        with pytest.raises(UnicodeEncodeError) as caught:
            error()
        error = caught.value
    assert isinstance(error, Exception)
    assert classify(error) is fault


def test_classify_takes_invalidated_connection_as_transient() -> None:
    error = mysql(pymysql.err.ProgrammingError, 2014)
    error.connection_invalidated = True
    assert classify(error) is Fault.TRANSIENT


@pytest.mark.parametrize(
    "error",
    [
        mysql(pymysql.err.DataError, 1406),
        exc.StatementError(
            "too large", f"INSERT {SECRET}", {"a": SECRET}, OverflowError("int"), hide_parameters=True
        ),
        exc.TimeoutError(f"QueuePool limit\n{SECRET}"),
        TimeoutError(),
    ],
)
def test_describe_error_is_one_line_without_values(error: Exception) -> None:
    assert SECRET not in describe_error(error)
    assert "\n" not in describe_error(error)
    assert len(describe_error(error)) > len("OverflowError: ")


def test_translate_errors_raises_own_error_classes() -> None:
    with pytest.raises(Transient, match="1213 complaint"), translate_errors():
        raise mysql(pymysql.err.OperationalError, 1213)
    with pytest.raises(ConfigurationError, match="1146 complaint"), translate_errors():
        raise mysql(pymysql.err.ProgrammingError, 1146)
    with pytest.raises(exc.DBAPIError), translate_errors():
        raise mysql(pymysql.err.DataError, 1406)
    with pytest.raises(KeyError), translate_errors():
        raise KeyError("not the database's")
