"""Classifies database errors: retry, reject the row, or stop. The only place that knows error codes.

MySQL's are listed at https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html. The driver's classes
do not help: an unknown column, a full disk and a lost connection are all OperationalError to it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from runtime.errors import ConfigurationError, Transient


class Fault(Enum):
    TRANSIENT = "transient"
    """A retry may succeed: connection lost, deadlock, lock wait, read-only after a failover, disk full."""
    REJECTED = "rejected"
    """The database rejects these values, and accepts others."""
    BROKEN = "broken"
    """Neither a retry nor other values help: missing column, missing permission, a bug."""


# Not about the values of a row: schema, permission, or the statement itself.
_BROKEN_CODES = frozenset({
    1044, 1045, 1698,  # access denied
    1142, 1143, 1227, 1370,  # no permission for the statement
    1049, 1054, 1064, 1136, 1146,  # no such database, column, syntax, column count, table
    1364, 3105,  # a column unknown to us has no default, or one of ours is generated: every row would be refused
    1288, 1348, 1356, 1471,  # the table is a view that cannot be written
    1305, 1449, 1235,  # a trigger's routine or definer does not exist; not supported
    1071,  # an index key that would be too long
    2026,  # its certificate is not accepted, or it has none
})  # fmt: skip

# About the values of a row, though the driver calls most of them OperationalError, as it does an outage.
_REJECTED_CODES = frozenset({
    1048, 1263, 1264, 1265, 1292, 1365, 1366, 1367, 1406, 1411, 1416, 1441, 1690,  # NULL, range, type, length
    1022, 1062, 1169, 1216, 1217, 1451, 1452, 1557, 1586, 1761, 1762, 1859,  # unique and foreign keys
    1118, 1153, 1162, 1301,  # row, packet or string too large: half of the batch may fit
    1369, 3819, 4025,  # a CHECK constraint, of a view or a table
    1267, 1270, 1271, 1300, 3854, 3988,  # collations that do not mix, characters that the column's set lacks
    1526, 1591, 1748, 1863,  # no partition for it
    1644, 1645, 1646,  # SIGNAL and RESIGNAL, in a trigger
    1172, 1242, 1329, 1336, 1339, 1415, 1422, 1424, 1436, 1442, 1444, 1456,  # what a trigger did with it
    *range(3140, 3159), 3165, 3903, 3904, 3905, 3906, 3907, 3908,  # JSON: values, paths, functional indexes
    *range(3685, 3700),  # a regular expression in a constraint or trigger
})  # fmt: skip

_MAX_SERVER_CODE = 14_999
"""Higher ones, which the driver reads as 16 bits with a sign, are those that a trigger's SIGNAL made up."""

_SQLITE_BROKEN = ("no such table", "no such column", "has no column", "syntax error", "readonly database")


def classify(error: BaseException) -> Fault:
    """Classify `error`, raised by SQLAlchemy or by a driver below it. Pure.

    An unknown operational error is TRANSIENT: outages have more codes than bad data has.
    """
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return Fault.TRANSIENT
        return _classify_driver_error(error.orig) if error.orig is not None else Fault.BROKEN
    if isinstance(error, PoolTimeout | OSError):  # asyncio's TimeoutError is an OSError
        return Fault.TRANSIENT
    # A value that cannot be bound: beyond 64 bits, not encodable, not JSON.
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return Fault.REJECTED
    if isinstance(error, StatementError) and isinstance(error.orig, ValueError | TypeError | OverflowError):
        return Fault.REJECTED
    return Fault.BROKEN


def _classify_driver_error(error: BaseException) -> Fault:
    kind = next((k.__name__ for k in type(error).__mro__ if k.__name__ in _FAULT_BY_CLASS), None)
    code = error.args[0] if error.args and isinstance(error.args[0], int) else None
    if code in _BROKEN_CODES:
        return Fault.BROKEN
    if code is not None and (code in _REJECTED_CODES or not 0 <= code <= _MAX_SERVER_CODE):
        return Fault.REJECTED
    if code is None and any(words in str(error) for words in _SQLITE_BROKEN):
        return Fault.BROKEN
    return _FAULT_BY_CLASS[kind] if kind else classify(error)


# DB-API 2.0's names, which pymysql and sqlite3 share without sharing the classes; the error's nearest base wins.
_FAULT_BY_CLASS = {
    "DataError": Fault.REJECTED,
    "IntegrityError": Fault.REJECTED,
    "OperationalError": Fault.TRANSIENT,
    "InternalError": Fault.TRANSIENT,
    "InterfaceError": Fault.TRANSIENT,
    "ProgrammingError": Fault.BROKEN,
    "NotSupportedError": Fault.BROKEN,
}


def describe_error(error: BaseException) -> str:
    """Return the database's message in one line for a log or a dead letter, without statement or values."""
    cause = error.orig if isinstance(error, StatementError) and error.orig is not None else error
    if isinstance(error, SQLAlchemyError) and cause is error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    # A TimeoutError of asyncio has no text.
    text = " ".join(str(part) for part in cause.args) or "no answer in time"
    return f"{type(cause).__name__}: {text}"


def to_configuration_error(
    error: BaseException, hint: str = "is `strandline db upgrade` done?"
) -> ConfigurationError:
    """Return the error to show the operator for a BROKEN fault; `hint` is what to check first."""
    return ConfigurationError(f"the database cannot be used ({describe_error(error)}): {hint}")


@contextmanager
def translate_errors(hint: str | None = None) -> Iterator[None]:
    """Raise a TRANSIENT fault as Transient and a BROKEN one as ConfigurationError; a rejection passes as it is."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        fault = classify(error)
        if fault is Fault.TRANSIENT:
            raise Transient(f"the database: {describe_error(error)}") from error
        if fault is Fault.BROKEN:
            raise (to_configuration_error(error, hint) if hint else to_configuration_error(error)) from error
        raise
