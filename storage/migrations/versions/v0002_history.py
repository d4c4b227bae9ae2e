"""History, and the indexes to list and prune jobs.

The tables are written out again, and every step checks before it acts, as the first migration explains.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"

_MICROSECONDS = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")


def _exact(length: int, charset: str) -> sa.types.TypeEngine[str]:
    """Return a text type that distinguishes case and accents."""
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset=charset, collation=f"{charset}_bin"), "mysql"
    )


_HISTORY = sa.Table(
    "analysis_history",
    sa.MetaData(),
    sa.Column("market", _exact(128, "utf8mb4"), primary_key=True),
    sa.Column("candle_at", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("analyzed_at", _MICROSECONDS, primary_key=True),
    sa.Column("params_hash", _exact(64, "ascii"), primary_key=True),
    sa.Column("candles_hash", _exact(64, "ascii"), primary_key=True),
    sa.Column("recorded_at", _MICROSECONDS, nullable=False),
    sa.Column("input_limit", sa.Integer, nullable=False),
    sa.Column("last_price", sa.Double, nullable=False),
    sa.Column("support_levels", sa.JSON, nullable=False),
    sa.Column("resistance_levels", sa.JSON, nullable=False),
    sa.Column("levels", sa.JSON, nullable=False),
    sa.Column("request_id", _exact(128, "ascii"), nullable=False),
    sa.Column("algorithm", sa.String(64), nullable=False),
    sa.Index("ix_analysis_history_market_analyzed_at", "market", "analyzed_at"),
    sa.Index("ix_analysis_history_recorded_at", "recorded_at"),
)

_JOBS = "analysis_jobs"
_INDEXES = {
    "ix_analysis_jobs_queued_at": ["queued_at", "ended_at"],
    "ix_analysis_jobs_status": ["status", "queued_at", "ended_at"],
    "ix_analysis_jobs_market": ["market", "queued_at", "ended_at"],
    "ix_analysis_jobs_ended_at": ["ended_at"],
}


def upgrade(op: Operations) -> None:
    connection = op.get_bind()
    _HISTORY.create(connection, checkfirst=True)
    found = sa.inspect(connection).get_indexes(_JOBS)
    there: dict[str, Sequence[str | None]] = {str(index["name"]): index["column_names"] for index in found}
    for name, columns in there.items():
        if name.startswith("ix_analysis_jobs_") and _INDEXES.get(name) != columns:
            op.drop_index(name, _JOBS)
    for name, columns in _INDEXES.items():
        if there.get(name) != columns:
            op.create_index(name, _JOBS, columns)
