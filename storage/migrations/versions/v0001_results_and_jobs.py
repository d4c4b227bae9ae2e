"""Results and jobs: create the tables, or adopt an `analysis_results` that another backend created.

The tables are written out again, because schemas/tables.py keeps changing and a migration must not.
Every step checks before it acts: MySQL commits each ALTER by itself, and an interrupted migration is run again.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

from storage.migrations.adoption import Fill, adopt

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(mysql.BIGINT(unsigned=True), "mysql").with_variant(sa.Integer(), "sqlite")
_MICROSECONDS = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")


def _exact(length: int, charset: str) -> sa.types.TypeEngine[str]:
    """Return a text type that distinguishes case and accents."""
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset=charset, collation=f"{charset}_bin"), "mysql"
    )


RESULTS = sa.Table(
    "analysis_results",
    sa.MetaData(),
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("exchange", sa.String(32), nullable=False),
    sa.Column("symbol", sa.Unicode(64), nullable=False),
    sa.Column("market_type", sa.String(16), nullable=False),
    sa.Column("timeframe", _exact(8, "utf8mb4"), nullable=False),
    sa.Column("input_limit", sa.Integer, nullable=False),
    sa.Column("support_levels", sa.JSON, nullable=False),
    sa.Column("resistance_levels", sa.JSON, nullable=False),
    sa.Column("last_price", sa.Double, nullable=False),
    sa.Column("created_at", sa.TIMESTAMP, nullable=False),
    sa.Column("updated_at", sa.TIMESTAMP, nullable=False),
    sa.Column("levels", sa.JSON, nullable=True),
    sa.Column("candle_at", sa.BigInteger, nullable=True),
    sa.Column("analyzed_at", _MICROSECONDS, nullable=True),
    sa.Column("request_id", sa.String(128), nullable=True),
    sa.Column("algorithm", sa.String(64), nullable=True),
    sa.UniqueConstraint("exchange", "symbol", "market_type", "timeframe", name="uq_analysis_results_market"),
    sa.Index("ix_analysis_results_symbol", "symbol"),
    sa.Index("ix_analysis_results_updated_at_id", "updated_at", "id"),
)

_JOBS = sa.Table(
    "analysis_jobs",
    sa.MetaData(),
    sa.Column("request_id", _exact(128, "ascii"), primary_key=True),
    sa.Column("market", _exact(128, "utf8mb4"), nullable=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(32), nullable=True),
    sa.Column("message", sa.String(1_000), nullable=True),
    sa.Column("attempts", sa.Integer, nullable=True),
    sa.Column("queued_at", _MICROSECONDS, nullable=True),
    sa.Column("ended_at", _MICROSECONDS, nullable=True),
    sa.Column("result_id", _ID, nullable=True),
    sa.Column("request", sa.JSON, nullable=True),
    sa.Index("ix_analysis_jobs_status_queued_at", "status", "queued_at"),
    sa.Index("ix_analysis_jobs_market", "market"),
)

# The values of columns that the other backend lacks. They stay as the columns' defaults, since that backend keeps
# writing rows without them.
_FILLS = {
    "exchange": Fill("'binance'"),
    "market_type": Fill("'spot'"),
    "timeframe": Fill("'1h'"),
    "input_limit": Fill("0"),
    "support_levels": Fill("'[]'", mysql="(JSON_ARRAY())"),
    "resistance_levels": Fill("'[]'", mysql="(JSON_ARRAY())"),
    "last_price": Fill("0"),
    # SQLite adds no column whose default is not a constant.
    "created_at": Fill("'1970-01-01 00:00:00.000000'", mysql="CURRENT_TIMESTAMP", copy_from="updated_at"),
    "updated_at": Fill("'1970-01-01 00:00:00.000000'", mysql="CURRENT_TIMESTAMP", copy_from="created_at"),
}


def upgrade(op: Operations) -> None:
    connection = op.get_bind()
    if sa.inspect(connection).has_table(RESULTS.name):
        adopt(op, RESULTS, key=("exchange", "symbol", "market_type", "timeframe"), fills=_FILLS)
    else:
        RESULTS.create(connection)
    _JOBS.create(connection, checkfirst=True)
