"""Levels, their events, and the state from which they are tracked.

The tables are written out again, and every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0010"
down_revision = "0009"

_MICROSECONDS = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")


def _exact(length: int, charset: str = "utf8mb4") -> sa.types.TypeEngine[str]:
    """Return a text type that distinguishes case and accents."""
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset=charset, collation=f"{charset}_bin"), "mysql"
    )


_METADATA = sa.MetaData()
_LEVELS = sa.Table(
    "levels",
    _METADATA,
    sa.Column("market", _exact(128), primary_key=True),
    sa.Column("level_id", _exact(64), primary_key=True),
    sa.Column("exchange", sa.String(32), nullable=False),
    sa.Column("market_type", sa.String(16), nullable=False),
    sa.Column("symbol", _exact(64), nullable=False),
    sa.Column("timeframe", _exact(8), nullable=False),
    sa.Column("side", sa.String(16), nullable=False),
    sa.Column("origin_side", sa.String(16), nullable=False),
    sa.Column("price", sa.Double, nullable=False),
    sa.Column("low", sa.Double, nullable=False),
    sa.Column("high", sa.Double, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("p_reach_100", sa.Double, nullable=True),
    sa.Column("touches", sa.Integer, nullable=False),
    sa.Column("bounces", sa.Integer, nullable=False),
    sa.Column("breaks", sa.Integer, nullable=False),
    sa.Column("first_touch_at", sa.BigInteger, nullable=False),
    sa.Column("last_touch_at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("appeared_at", sa.BigInteger, nullable=False),
    sa.Column("candle_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", _MICROSECONDS, nullable=False),
    sa.Index("ix_levels_price", "symbol", "exchange", "market_type", "price"),
    sa.Index("ix_levels_state", "state", "updated_at"),
)
_LEVEL_EVENTS = sa.Table(
    "level_events",
    _METADATA,
    sa.Column("event_id", _exact(36, "ascii"), primary_key=True),
    sa.Column("market", _exact(128), nullable=False),
    sa.Column("level_id", _exact(64), nullable=False),
    sa.Column("type", sa.String(16), nullable=False),
    sa.Column("at", _MICROSECONDS, nullable=False),
    sa.Column("event", sa.JSON, nullable=False),
    sa.Column("recorded_at", _MICROSECONDS, nullable=False),
    sa.Index("ix_level_events_level", "market", "level_id", "at"),
    sa.Index("ix_level_events_recorded_at", "recorded_at"),
)
_TRACKED_MARKETS = sa.Table(
    "tracked_markets",
    _METADATA,
    sa.Column("market", _exact(128), primary_key=True),
    sa.Column("candle_at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)


def upgrade(op: Operations) -> None:
    for table in (_LEVELS, _LEVEL_EVENTS, _TRACKED_MARKETS):
        table.create(op.get_bind(), checkfirst=True)
