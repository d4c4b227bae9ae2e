"""Whether a fire is late, found by a candle: a column of `watch_fires`, and one of `watches` for the last fire.

Checks before it acts, as the first migration explains. Fires recorded before are taken to be on time.
"""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0016"
down_revision = "0015"


def upgrade(op: Operations) -> None:
    for table, name in (("watch_fires", "late"), ("watches", "last_fired_late")):
        columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
        if name not in columns:
            op.add_column(table, sa.Column(name, sa.Boolean, nullable=False, server_default=sa.text("0")))
