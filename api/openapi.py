"""Generates the OpenAPI document, which is kept beside the other contracts.

python -m api.openapi [--check]
"""

import sys

from api.app import build_routes
from schemas.contracts.generate import run_generator, to_json


def build_document() -> dict[str, str]:
    """Return the document by its file name."""
    return {"openapi.json": to_json(build_routes().openapi())}


if __name__ == "__main__":
    sys.exit(run_generator(build_document()))
