"""Which targets have ended, and by what address: two columns of `notification_targets`.

Every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0019"
down_revision = "0018"

_MICROSECONDS = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")


def upgrade(op: Operations) -> None:
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("notification_targets")}
    added = (
        sa.Column("address_hash", sa.String(16), nullable=True),
        sa.Column("gone_at", _MICROSECONDS, nullable=True),
    )
    for column in added:
        if column.name not in columns:
            op.add_column("notification_targets", column)
