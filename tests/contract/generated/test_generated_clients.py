"""Clients that other people generate from openapi.json with default options: they compile, and read prices exactly."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.support.api_process import get_first_answer, run_process
from tests.support.containers import find_free_port
from tests.support.events import make_completed, make_level
from tests.support.services import Services
from tests.support.sinks import SinkBench, upgraded
from tests.support.toolchains import require_installed, require_program, run_program

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[2]
DOCUMENT = ROOT / "schemas" / "contracts" / "openapi.json"
TYPESCRIPT = ROOT / "clients" / "typescript" / "node_modules"
SECONDS = 120.0

LAST_PRICE = 67_226.66
SUPPORTS = (67_226.65, 0.1, 1.83e-9)
RESISTANCES = (123_456_789.012,)
PRICES = [LAST_PRICE, *SUPPORTS, *RESISTANCES, *SUPPORTS, *RESISTANCES]
"""The row's, then those of its levels."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Yield the address of a running API with one result, whose id is 1."""
    database = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('api')}/strandline.db"
    async with upgraded(database) as engine:
        result = make_completed(
            last_price=LAST_PRICE,
            support_levels=SUPPORTS,
            resistance_levels=RESISTANCES,
            levels=(
                *(make_level(price, last_price=LAST_PRICE) for price in SUPPORTS),
                *(make_level(price, last_price=LAST_PRICE, side="resistance") for price in RESISTANCES),
            ),
        )
        await SinkBench(engine).take(result)
    port = find_free_port()
    address = f"http://127.0.0.1:{port}"
    async with run_process(database, port), httpx.AsyncClient(base_url=address, trust_env=False) as client:
        async with asyncio.timeout(SECONDS):
            assert (await get_first_answer(client, "/api/v1/analysis/1")).status_code == 200
        yield address


def test_typescript_types_compile_and_read_prices(url: str, tmp_path: Path, services: Services) -> None:
    node = require_program(services, "node")
    require_installed(services, "node", TYPESCRIPT / ".ready", "check-client")
    for name in ("program.ts", "tsconfig.json"):
        shutil.copy(FOLDER / "typescript" / name, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    tools = TYPESCRIPT / ".bin"
    run_program(tools / "openapi-typescript", DOCUMENT, "--output", "schema.ts", cwd=tmp_path)
    run_program(tools / "tsc", cwd=tmp_path)
    assert json.loads(run_program(node, "program.js", url, "1", cwd=tmp_path)) == PRICES


def test_python_client_compiles_and_reads_prices(url: str, tmp_path: Path, services: Services) -> None:
    environment = Path(sys.prefix) / "generators"
    require_installed(services, "generators", environment / ".ready", "generators")
    path = {"PATH": f"{environment / 'bin'}:/usr/bin:/bin"}
    run_program(
        environment / "bin/openapi-python-client", "generate", "--path", DOCUMENT, cwd=tmp_path, env=path
    )
    package = tmp_path / "strandline-client"
    python = environment / "bin" / "python"
    run_program(python, "-m", "compileall", "-q", package, cwd=tmp_path)
    program = FOLDER / "python" / "program.py"
    printed = run_program(python, program, url, "1", cwd=tmp_path, env={"PYTHONPATH": str(package)})
    assert json.loads(printed) == PRICES


@pytest.mark.timeout(300)
def test_go_client_compiles_and_reads_prices(url: str, services: Services) -> None:
    go = require_program(services, "go")
    module = FOLDER / "go"
    (module / "api").mkdir(exist_ok=True)
    run_program(
        *(go, "tool", "oapi-codegen", "-package", "api", "-o", "api/api.gen.go", DOCUMENT), cwd=module
    )
    assert json.loads(run_program(go, "run", "-buildvcs=false", ".", url, "1", cwd=module)) == PRICES
