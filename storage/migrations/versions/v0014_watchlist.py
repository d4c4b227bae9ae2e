"""The watchlist: the entries that roles have in their settings, and what operators have changed of it.

The tables are written out again, and every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0014"
down_revision = "0013"

_METADATA = sa.MetaData()
_ENTRY = sa.String(191).with_variant(
    mysql.VARCHAR(191, charset="utf8mb4", collation="utf8mb4_bin"), "mysql"
)  # fmt: skip
_ENTRIES = sa.Table(
    "watchlist_entries",
    _METADATA,
    sa.Column("role", sa.String(16), primary_key=True),
    sa.Column("entry", _ENTRY, primary_key=True),
    sa.Column("priority", sa.Integer, nullable=False),
)
_CHANGES = sa.Table(
    "watchlist_changes",
    _METADATA,
    sa.Column("entry", _ENTRY, primary_key=True),
    sa.Column("is_followed", sa.Boolean, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("changed_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False),
)


def upgrade(op: Operations) -> None:
    for table in (_ENTRIES, _CHANGES):
        table.create(op.get_bind(), checkfirst=True)
