"""The last price of each market with watches, as the watcher evaluated it.

The tables are written out again, and every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0008"
down_revision = "0007"

_WATCHED_PRICES = sa.Table(
    "watched_prices",
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
    sa.Column("price", sa.Double, nullable=False),
    sa.Column("traded_at", sa.BigInteger, nullable=False),
    sa.Column("known_at", sa.BigInteger, nullable=False),
    sa.Column("unchecked_from", sa.BigInteger, nullable=True),
)  # fmt: skip


def upgrade(op: Operations) -> None:
    _WATCHED_PRICES.create(op.get_bind(), checkfirst=True)
