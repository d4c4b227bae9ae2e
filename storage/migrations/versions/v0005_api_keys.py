"""The API keys.

The tables are written out again, and every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"

_MICROSECONDS = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")

_API_KEYS = sa.Table(
    "api_keys",
    sa.MetaData(),
    sa.Column("id", sa.String(12), primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column(
        "hash",
        sa.String(64).with_variant(mysql.VARCHAR(64, charset="ascii", collation="ascii_bin"), "mysql"),
        nullable=False,
    ),
    sa.Column("scopes", sa.String(64), nullable=False),
    sa.Column("created_at", _MICROSECONDS, nullable=False),
    sa.Column("expires_at", _MICROSECONDS, nullable=True),
    sa.Column("revoked_at", _MICROSECONDS, nullable=True),
)


def upgrade(op: Operations) -> None:
    _API_KEYS.create(op.get_bind(), checkfirst=True)
