"""The REST API as an OpenAPI document, kept with the other contracts.

python -m api.openapi [--check]
"""

import sys

from api.app import assembled
from schemas.contracts.generate import run_generator, to_json


def document() -> dict[str, str]:
    """File name -> content."""
    return {"openapi.json": to_json(assembled().openapi())}


if __name__ == "__main__":
    sys.exit(run_generator(document()))
