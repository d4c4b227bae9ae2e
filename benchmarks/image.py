"""Measure the size of the image: `python -m benchmarks.image`, after `docker compose build`."""

import os

from benchmarks.figures import Figure, SectionUnavailableError
from tests.support.containers import missing_engine_reason

IMAGE = os.environ.get("STRANDLINE_IMAGE", "strandline:latest")
BASES = ("python:3.13-slim", "python:3.12-slim", "python:3.11-slim")


def read_size(client: "object", name: str) -> float | None:
    """Return the MB of a local image; None where there is none."""
    import docker  # noqa: PLC0415 - half a second

    try:
        return float(client.images.get(name).attrs["Size"]) / 1e6  # type: ignore[attr-defined]
    except docker.errors.ImageNotFound:
        return None


def measure() -> list[Figure]:
    """Return the MB of the image beside those of its base. Raises SectionUnavailableError."""
    import docker  # noqa: PLC0415 - half a second

    if reason := missing_engine_reason():
        raise SectionUnavailableError(reason)
    client = docker.from_env(timeout=30)
    try:
        size = read_size(client, IMAGE)
        base = next((found for name in BASES if (found := read_size(client, name))), None)
    finally:
        client.close()
    if size is None:
        raise SectionUnavailableError("the image is not built here: docker compose build")
    return [Figure("image", "MB", size, base, base / size if base else None, note="baseline: its base image")]


if __name__ == "__main__":
    for figure in measure():
        print(figure)
