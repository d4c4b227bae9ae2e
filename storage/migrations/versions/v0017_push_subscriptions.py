"""The browsers that subscribed to notifications.

The table is written out again, and every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0017"
down_revision = "0016"

_SUBSCRIPTIONS = sa.Table(
    "push_subscriptions",
    sa.MetaData(),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("endpoint", sa.String(2048), nullable=False),
    sa.Column("p256dh", sa.String(128), nullable=False),
    sa.Column("auth", sa.String(64), nullable=False),
    sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False),
)


def upgrade(op: Operations) -> None:
    _SUBSCRIPTIONS.create(op.get_bind(), checkfirst=True)
