"""How near the price must come to the target of a watch that waits for its approach: three columns of `watches`.

Every step checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0018"
down_revision = "0017"


def upgrade(op: Operations) -> None:
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("watches")}
    for name in ("within_pct", "within_atr", "atr"):
        if name not in columns:
            op.add_column("watches", sa.Column(name, sa.Double, nullable=True))
