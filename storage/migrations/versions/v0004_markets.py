"""The markets that exchanges list.

The tables are written out again, and every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"

_MARKETS = sa.Table(
    "markets",
    sa.MetaData(),
    sa.Column("exchange", sa.String(32), primary_key=True),
    sa.Column("market_type", sa.String(16), primary_key=True),
    sa.Column(
        "symbol",
        sa.String(64).with_variant(
            mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_bin"), "mysql"
        ),
        primary_key=True,
    ),
    sa.Column("volume", sa.Double, nullable=True),
    sa.Column(
        "refreshed_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
    ),
)  # fmt: skip


def upgrade(op: Operations) -> None:
    _MARKETS.create(op.get_bind(), checkfirst=True)
