"""Widen columns that round, cut or refuse values of ours.

Adopted tables kept a DECIMAL price (0.0000183 became 0.00), and symbols in latin1, which has no 币安人生USDT. In a
database whose character set is latin1 the tables that Strandline made were like that too.
"""

import sqlalchemy as sa
from alembic.operations import Operations

from storage.migrations.adoption import widen
from storage.migrations.versions.v0001_results_and_jobs import RESULTS

revision = "0007"
down_revision = "0006"


def _text_columns(table: str, **lengths: int) -> sa.Table:
    """Return the columns of `table` in which any letter may stand."""
    return sa.Table(
        table, sa.MetaData(), *(sa.Column(name, sa.Unicode(length)) for name, length in lengths.items())
    )


_TABLES = (
    RESULTS,
    _text_columns("analysis_jobs", message=1_000),
    _text_columns("watches", symbol=64, note=200, level_id=64),
    _text_columns("watch_fires", level_id=64),
    _text_columns("api_keys", name=64),
)


def upgrade(op: Operations) -> None:
    """Widen each table; what is wide enough stays as it is."""
    for table in _TABLES:
        widen(op, table)
