"""How notifications about a watch are delivered: a column of `watches`, and the targets of the notifier.

The table is written out again, and every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0013"
down_revision = "0012"

_MICROSECONDS = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
_TARGETS = sa.Table(
    "notification_targets",
    sa.MetaData(),
    sa.Column(
        "name",
        sa.String(128).with_variant(
            mysql.VARCHAR(128, charset="utf8mb4", collation="utf8mb4_bin"), "mysql"
        ),
        primary_key=True,
    ),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("seen_at", _MICROSECONDS, nullable=False),
    sa.Column("delivered_at", _MICROSECONDS, nullable=True),
    sa.Column("error", sa.String(500), nullable=True),
    sa.Column("test_id", sa.String(36), nullable=True),
    sa.Column("test_state", sa.String(16), nullable=True),
    sa.Column("test_error", sa.String(500), nullable=True),
)  # fmt: skip


def upgrade(op: Operations) -> None:
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("watches")}
    if "delivery" not in columns:
        op.add_column("watches", sa.Column("delivery", sa.JSON, nullable=True))
    _TARGETS.create(op.get_bind(), checkfirst=True)
