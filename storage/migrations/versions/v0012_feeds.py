"""What each feed follows, and the end of its newest closed minute.

The table is written out again, and every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0012"
down_revision = "0011"

_FEEDS = sa.Table(
    "feeds",
    sa.MetaData(),
    sa.Column("exchange", sa.String(32), primary_key=True),
    sa.Column("market_type", sa.String(16), primary_key=True),
    sa.Column("share", sa.String(8), primary_key=True),
    sa.Column("markets", sa.Integer, nullable=False),
    sa.Column("closed_until", sa.BigInteger, nullable=False),
)


def upgrade(op: Operations) -> None:
    _FEEDS.create(op.get_bind(), checkfirst=True)
