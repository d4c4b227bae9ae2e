"""Live events of levels until a close confirms or withdraws them.

The table is written out again, and every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0011"
down_revision = "0010"


def _exact(length: int, charset: str = "utf8mb4") -> sa.types.TypeEngine[str]:
    """Return a text type that distinguishes case and accents."""
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset=charset, collation=f"{charset}_bin"), "mysql"
    )


_OPEN_LEVEL_EVENTS = sa.Table(
    "open_level_events",
    sa.MetaData(),
    sa.Column("event_id", _exact(36, "ascii"), primary_key=True),
    sa.Column("market", _exact(128), nullable=False),
    sa.Column("level_id", _exact(64), nullable=False),
    sa.Column("type", sa.String(16), nullable=False),
    sa.Column("candle_at", sa.BigInteger, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Index("ix_open_level_events_market", "market"),
)


def upgrade(op: Operations) -> None:
    _OPEN_LEVEL_EVENTS.create(op.get_bind(), checkfirst=True)
