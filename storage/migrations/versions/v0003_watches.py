"""Watches and their fires.

The tables are written out again, and every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"

_MICROSECONDS = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")


def _exact(length: int, charset: str) -> sa.types.TypeEngine[str]:
    """Return a text type that distinguishes case and accents."""
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset=charset, collation=f"{charset}_bin"), "mysql"
    )


_UUID = _exact(36, "ascii")

_WATCHES = sa.Table(
    "watches",
    sa.MetaData(),
    sa.Column("id", _UUID, primary_key=True),
    sa.Column("client_key", _exact(128, "ascii"), nullable=True),
    sa.Column("asked", _exact(64, "ascii"), nullable=False),
    sa.Column("exchange", sa.String(32), nullable=False),
    sa.Column("market_type", sa.String(16), nullable=False),
    sa.Column("symbol", sa.String(64), nullable=False),
    sa.Column("timeframe", _exact(8, "utf8mb4"), nullable=True),
    sa.Column("condition", sa.String(16), nullable=False),
    sa.Column("target", sa.Double, nullable=False),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("level_id", sa.String(64), nullable=True),
    sa.Column("level_price", sa.Double, nullable=True),
    sa.Column("level_low", sa.Double, nullable=True),
    sa.Column("level_high", sa.Double, nullable=True),
    sa.Column("on_move", sa.String(8), nullable=True),
    sa.Column("repeat", sa.String(8), nullable=False),
    sa.Column("cooldown_seconds", sa.Integer, nullable=False),
    sa.Column("expires_at", _MICROSECONDS, nullable=True),
    sa.Column("note", sa.String(200), nullable=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("since", _MICROSECONDS, nullable=False),
    sa.Column("fires", sa.Integer, nullable=False),
    sa.Column("armed_at", _MICROSECONDS, nullable=True),
    sa.Column("last_fired_at", _MICROSECONDS, nullable=True),
    sa.Column("last_fired_price", sa.Double, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", _MICROSECONDS, nullable=False),
    sa.Column("updated_at", _MICROSECONDS, nullable=False),
    sa.Column("deleted_at", _MICROSECONDS, nullable=True),
    sa.UniqueConstraint("client_key", name="uq_watches_client_key"),
    sa.Index("ix_watches_created_at", "deleted_at", "created_at", "id"),
    sa.Index("ix_watches_updated_at", "updated_at"),
    sa.Index("ix_watches_market", "symbol", "exchange", "market_type"),
    sa.Index("ix_watches_bound", "symbol", "on_move"),
)

_FIRES = sa.Table(
    "watch_fires",
    sa.MetaData(),
    sa.Column("fire_id", _UUID, primary_key=True),
    sa.Column("watch_id", _UUID, nullable=False),
    sa.Column("arm", sa.Integer, nullable=False),
    sa.Column("condition", sa.String(16), nullable=False),
    sa.Column("target", sa.Double, nullable=False),
    sa.Column("price", sa.Double, nullable=False),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("level_id", sa.String(64), nullable=True),
    sa.Column("at", _MICROSECONDS, nullable=False),
    sa.Column("recorded_at", _MICROSECONDS, nullable=False),
    sa.Index("ix_watch_fires_watch_id", "watch_id", "at"),
    sa.Index("ix_watch_fires_recorded_at", "recorded_at"),
)


def upgrade(op: Operations) -> None:
    connection = op.get_bind()
    for table in (_WATCHES, _FIRES):
        table.create(connection, checkfirst=True)
