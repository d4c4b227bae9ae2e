"""Standing watches, and the levels in their answers.

The tables are written out again, and every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0015"
down_revision = "0014"

_MICROSECONDS = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")


def _exact(length: int, charset: str = "utf8mb4") -> sa.types.TypeEngine[str]:
    """Return a text type that distinguishes case and accents."""
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset=charset, collation=f"{charset}_bin"), "mysql"
    )


_METADATA = sa.MetaData()
_STANDING_WATCHES = sa.Table(
    "standing_watches",
    _METADATA,
    sa.Column("id", _exact(36, "ascii"), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("question", sa.JSON, nullable=False),
    sa.Column("delivery", sa.JSON, nullable=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", _MICROSECONDS, nullable=False),
    sa.Column("updated_at", _MICROSECONDS, nullable=False),
    sa.Index("ix_standing_watches_created_at", "created_at", "id"),
)
_STANDING_MEMBERS = sa.Table(
    "standing_members",
    _METADATA,
    sa.Column("watch_id", _exact(36, "ascii"), primary_key=True),
    sa.Column("market", _exact(128), primary_key=True),
    sa.Column("level_id", _exact(64), primary_key=True),
    sa.Column("instrument", _exact(128), nullable=False),
    sa.Column("entered_at", sa.BigInteger, nullable=False),
    sa.Column("is_inside", sa.Boolean, nullable=False),
    sa.Column("entry", sa.Text, nullable=True),
    sa.Column("fire_id", _exact(36, "ascii"), nullable=True),
    sa.Index("ix_standing_members_instrument", "instrument"),
    sa.Index("ix_standing_members_fire_id", "fire_id"),
)


def upgrade(op: Operations) -> None:
    _METADATA.create_all(op.get_bind(), checkfirst=True)
