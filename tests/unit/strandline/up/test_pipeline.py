"""Opening the pipeline of `strandline up`."""

import asyncio
from pathlib import Path

import pytest

from runtime.serving import PortTaken, bind_socket
from runtime.settings import Settings
from strandline.up.patience import Patience
from strandline.up.pipeline import open_pipeline


async def test_pipeline_refuses_a_taken_port_before_it_creates_tables(tmp_path: Path) -> None:
    with bind_socket("127.0.0.1", 0) as other:
        other.listen()
        settings = Settings(data_dir=tmp_path, http_port=other.getsockname()[1])
        with pytest.raises(PortTaken, match="STRANDLINE_HTTP_PORT"):
            async with open_pipeline(settings, Patience(print)):
                pass
    assert not await asyncio.to_thread(lambda: list(tmp_path.glob("*.sqlite3")))
