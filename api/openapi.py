"""The REST API as an OpenAPI document, kept with the other contracts.

python -m api.openapi [--check]
"""

import sys

from api.app import assembled
from schemas.contracts.generate import as_json, run


def document() -> dict[str, str]:
    """File name -> content."""
    return {"openapi.json": as_json(assembled().openapi())}


if __name__ == "__main__":
    sys.exit(run(document()))
