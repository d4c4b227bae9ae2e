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

# About the values of a row, though the driver calls most of them OperationalError, as it does an outage. The names are
# those of performance_schema.events_errors_summary_global_by_error, which has the SQLSTATE of each as well.
_REJECTED_CODES = frozenset({
    # Data exceptions (class 22), and what is like them: range, length, type, arguments of a function.
    1048, 1138, 1210, 1263, 1264, 1265, 1292, 1365, 1366, 1367, 1406, 1411, 1416, 1425, 1426, 1427, 1441, 1525, 1575,
    1654, 1690, 1697, 1882, 3020, 3064, 3673, 3751, 3752, 3997, 3998, 4074, 4122, 6527, *range(6134, 6138),
    # Unique and foreign keys (class 23), CHECK constraints of a view, a table, MariaDB's, a JSON schema.
    1022, 1062, 1169, 1216, 1217, 1451, 1452, 1557, 1586, 1761, 1762, 1859, 3008, 6576, 6577, 1369, 3819, 4025, 3934,
    # A row, text, packet or transaction that is too large: half of the batch may fit.
    1118, 1153, 1162, 1197, 1256, 1301, 1705, 1713, 3231,
    # Collations that do not mix, characters outside the column's set, compressed or encoded text.
    1253, 1258, 1259, 1267, 1270, 1271, 1300, 3854, 3988,
    # No partition for it.
    1526, 1591, 1737, 1748, 1863,
    # What a trigger did with it: SIGNAL, cursors, subqueries, recursion, statements that it may not use.
    1093, 1104, 1137, 1172, 1241, 1242, *range(1325, 1330), 1335, 1336, 1339, 1415, 1422, 1424, 1436, 1442, 1444, 1456,
    1643, 1644, 1645, 1646,
    # JSON, regular expressions, geometries, in columns, constraints, indexes or triggers.
    *range(3069, 3073), *range(3140, 3159), 3165, 3665, 3666, 3669, 3853, *range(3903, 3909), 3966, 3967, 3986,
    1139, *range(3685, 3701), 3852, 3887, 3900, 4007,
    3033, *range(3035, 3044), *range(3045, 3056), 3122, 3134, 3516, 3520, *range(3616, 3619), 3682, *range(3704, 3707),
    3726, 3727, 3731, 3732, *range(3741, 3745), *range(4032, 4035),
})  # fmt: skip

_READ_ONLY_CODES = frozenset({1290, 1792, 1836, 3032})
"""The server, or the transaction, is read-only, as an old primary is after a failover; or it is offline."""

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


def is_read_only(error: BaseException) -> bool:
    """Return whether a driver's error is the refusal of a server that takes no writes. Pure."""
    return bool(error.args) and error.args[0] in _READ_ONLY_CODES


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
