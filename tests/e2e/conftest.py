"""Settings of a `strandline up` of its own."""

from pathlib import Path

import pytest

from tests.support.containers import find_free_port


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "STRANDLINE_DATA_DIR": str(tmp_path / "data"),
        "STRANDLINE_HTTP_PORT": str(find_free_port()),
        "STRANDLINE_OPS_PORT": str(find_free_port()),
        "COLUMNS": "120",
    }
