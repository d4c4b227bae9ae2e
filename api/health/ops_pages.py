"""The check of the API on its ops pages."""

from api.connections import Connections
from runtime.ops import Check, Reasons
from storage.database import is_reachable

_DATABASE_TIMEOUT = 2.0

NO_DATABASE = "the database is not reachable: see STRANDLINE_DATABASE_URL"


def check_api(of: Connections) -> Check:
    """Return the check of the API: it is ready while the database answers, even if Kafka is away."""

    async def ready() -> Reasons:
        return () if await is_reachable(of.engine, _DATABASE_TIMEOUT) else (NO_DATABASE,)

    return Check("api", lambda: (), ready)
