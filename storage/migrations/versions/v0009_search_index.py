"""An index with all that a search of results reads to filter and to sort.

Without it every search reads all rows with their levels. An adopted table whose columns are too wide for an index of
them all goes without: its searches are right, and slow as before.
"""

import sqlalchemy as sa
from alembic.operations import Operations

from storage.migrations.inspection import inspect_table

revision = "0009"
down_revision = "0008"

_TABLE = "analysis_results"
_COLUMNS = ("symbol", "updated_at", "exchange", "market_type", "timeframe")
_TOO_WIDE = frozenset({1071, 1170})
"""MySQL's codes for a key that is too long, and for a text column without the length of a key."""


def upgrade(op: Operations) -> None:
    """Create the index where there is none that begins with its columns."""
    if any(index[: len(_COLUMNS)] == _COLUMNS for index in inspect_table(op.get_bind(), _TABLE).indexes):
        return
    try:
        op.create_index("ix_analysis_results_search", _TABLE, list(_COLUMNS))
    except sa.exc.OperationalError as error:
        if error.orig is None or error.orig.args[0] not in _TOO_WIDE:
            raise
