"""Rename `watches.asked` to `requested`; its rows stay as they are.

Checks before it acts, as the first migration explains.
"""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0006"
down_revision = "0005"


def upgrade(op: Operations) -> None:
    """Rename the column, unless it has the new name already."""
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("watches")}
    if "asked" in columns:
        op.execute("ALTER TABLE watches RENAME COLUMN asked TO requested")
