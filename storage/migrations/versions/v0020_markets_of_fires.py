"""The market of a fire: a standing watch has many, so its fires name their own. Null in fires recorded before.

Every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

revision = "0020"
down_revision = "0019"

_SYMBOL = sa.String(64).with_variant(
    mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_bin"), "mysql"
)  # fmt: skip
_COLUMNS = {"exchange": sa.String(32), "market_type": sa.String(16), "symbol": _SYMBOL}


def upgrade(op: Operations) -> None:
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("watch_fires")}
    for name, kind in _COLUMNS.items():
        if name not in columns:
            op.add_column("watch_fires", sa.Column(name, kind, nullable=True))
