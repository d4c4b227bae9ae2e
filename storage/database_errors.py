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
    1142, 1143, 1227, 1370,  # not allowed to
    1049, 1054, 1064, 1136, 1146,  # no such database, column, syntax, column count, table
    1364,  # an unknown column without a default: every row would be rejected
    1305, 1235,
    2026,  # TLS is not available, or its certificate not accepted
})  # fmt: skip

# About the values, although the driver raises OperationalError.
_REJECTED_CODES = frozenset({
    1048, 1062, 1264, 1265, 1292, 1366, 1367, 1406, 1411, 1416, 1441, 1690,
    1153,  # larger than max_allowed_packet: half of it may fit
    3140, 3141, 3144, 3156, 3157,  # not a JSON value
    3819, 4025,  # a CHECK constraint
    1300, 3854, 3988,  # characters outside the column's character set
})  # fmt: skip

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
    if code in _REJECTED_CODES:
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
