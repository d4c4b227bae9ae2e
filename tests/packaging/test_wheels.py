"""Both wheels, built offline, installed into environments of their own, and used beside modules with our names.

An environment sees third-party packages of this one through a path file, which does not install the checkout.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.support.containers import find_free_port

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"
SHADOWS = ("api", "schemas", "levels", "runtime")
SECONDS = 60.0


def run(*command: str | Path, cwd: Path, environ: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | (environ or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(project: Path, folder: Path) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=project)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path, *, sees_packages: bool = True) -> Path:
    """Install a wheel into a new environment; returns its Python."""
    run(UV, "venv", "-q", "--python", sys.executable, folder, cwd=ROOT)
    python = folder / "bin" / "python"
    run(UV, "pip", "install", "-q", "--offline", "--no-deps", "--python", python, wheel, cwd=ROOT)
    if sees_packages:
        site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
        (Path(site) / "packages.pth").write_text(sysconfig.get_path("purelib"))
    return python


def install_from_index(python: Path, *packages: str | Path) -> None:
    """Install packages with what they need. The test is skipped where no registry has them."""
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL")
    environ = {"UV_DEFAULT_INDEX": index} if index else {}
    try:
        run(UV, "pip", "install", "-q", "--python", python, *packages, cwd=ROOT, environ=environ)
    except AssertionError as error:
        pytest.skip(f"{', '.join(map(str, packages))} cannot be installed: {str(error)[-200:]}")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def levels_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT / "clients" / "strandline-levels", tmp_path_factory.mktemp("levels-wheel"))


@pytest.fixture(scope="module")
def strandline(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(wheel, tmp_path_factory.mktemp("environment") / "venv").parent / "strandline"


USE_CLIENT = """
import sys
from strandline_client import AsyncClient, Client, Unavailable
assert not {"pandas", "numpy", "confluent_kafka"} & set(sys.modules)
try:
    Client("http://127.0.0.1:1", retries=0).jobs(["x"])
except Unavailable as error:
    print("away")
try:
    AsyncClient()
except ImportError as error:
    print(error)
"""
MAX_PACKAGES = 5


def test_client_wheel_brings_few_packages_and_has_one_top_level_name(tmp_path: Path) -> None:
    wheel = build(ROOT / "clients" / "strandline-client", tmp_path / "wheel")
    assert top_level_names(wheel) == {"strandline_client"}
    python = install(wheel, tmp_path / "venv", sees_packages=False)
    install_from_index(python, wheel)
    listed = json.loads(run(UV, "pip", "list", "-q", "--format=json", "--python", python, cwd=ROOT))
    brought = {one["name"] for one in listed} - {"strandline-client"}
    assert len(brought) <= MAX_PACKAGES, brought
    assert brought == {"certifi", "h11", "httpcore"}
    printed = run(python, "-c", USE_CLIENT, cwd=tmp_path).splitlines()
    assert printed == ["away", "AsyncClient needs anyio: pip install 'strandline-client[async]'"]


@pytest.fixture
def shadowed(tmp_path: Path) -> Path:
    """A folder whose modules have the names of ours, and must not be imported."""
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(
            f"raise SystemExit('imported {name}.py of the working directory')\n"
        )
    return tmp_path


def top_level_names(wheel: Path) -> set[str]:
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    return {name for name in names if not name.endswith(".dist-info")}


def test_wheels_add_one_top_level_name_each(wheel: Path, levels_wheel: Path) -> None:
    assert top_level_names(wheel) == {"strandline"}
    assert top_level_names(levels_wheel) == {"strandline_levels"}


@pytest.mark.parametrize("module", [False, True])
def test_application_wheel_runs_beside_modules_of_the_same_names(
    strandline: Path, shadowed: Path, module: bool
) -> None:
    command = [strandline.parent / "python", "-m", "strandline"] if module else [strandline]
    assert "dead-letters" in run(*command, "--help", cwd=shadowed)
    answer = json.loads(run(*command, "levels", "sim", "BTC/USDT", "--json", cwd=shadowed))
    assert answer["support_levels"]
    database = {"STRANDLINE_DATABASE_URL": f"sqlite+aiosqlite:///{shadowed}/x.db"}
    assert "up to date" in run(*command, "db", "upgrade", cwd=shadowed, environ=database)


async def test_application_wheel_serves_http_with_several_workers(strandline: Path, shadowed: Path) -> None:
    port = find_free_port()
    environ = {
        "STRANDLINE_DATABASE_URL": f"sqlite+aiosqlite:///{shadowed}/x.db",
        "STRANDLINE_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "STRANDLINE_HTTP_PORT": str(port),
        "STRANDLINE_HTTP_WORKERS": "2",
    }
    run(strandline, "db", "upgrade", cwd=shadowed, environ=environ)
    python = str(strandline.parent / "python")
    process = await asyncio.create_subprocess_exec(
        *(python, "-m", "strandline", "api"), cwd=shadowed, env=os.environ | environ
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            await answers(client, process)
            results = await client.get("/api/v1/analysis/results")
        assert (results.status_code, results.json()["data"]) == (200, [])
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), SECONDS) in {0, -signal.SIGTERM}
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def answers(client: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(SECONDS):
        while process.returncode is None:
            try:
                await client.get("/health")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return
    raise AssertionError(f"the API exited with {process.returncode}")


USE_LEVELS = """
import sys
before = {name.split(".")[0] for name in sys.modules}
import numpy as np
from strandline_levels import Candles, Params, analyze, match, visits_by_level
import strandline_levels, pathlib
loaded = {name.split(".")[0] for name in sys.modules} - before - set(sys.stdlib_module_names)
assert loaded <= {"numpy", "scipy", "strandline_levels"}, loaded
assert (pathlib.Path(strandline_levels.__file__).parent / "py.typed").is_file()
n = 400
close = 100 + 5 * np.sin(np.arange(n) / 12)
frame = {"timestamp": np.arange(n) * 3_600_000, "open": close, "high": close + 0.5, "low": close - 0.5,
         "close": close, "volume": np.ones(n)}
candles = Candles.from_frame(frame)
answer = analyze(candles, Params())
assert answer.supports and answer.resistances
assert match(answer.levels, answer.levels)
assert visits_by_level(candles)[answer.levels[0].level_id]
print(len(answer.to_dicts()))
"""

USE_FRAMES = """
import pandas, polars
from strandline_levels import Candles, InvalidCandles, analyze
import numpy as np
n = 400
close = 100 + 5 * np.sin(np.arange(n) / 12)
data = {"open": close, "high": close + 0.5, "low": close - 0.5, "close": close, "volume": np.ones(n)}
when = pandas.date_range("2026-01-01", periods=n, freq="h", tz="Asia/Shanghai")
one = Candles.from_frame(pandas.DataFrame(data, index=when))
two = Candles.from_frame(pandas.DataFrame({"time": when, **data}))
three = Candles.from_frame(polars.DataFrame({"Timestamp": pandas.Series(when).to_list(), **data}))
plain = pandas.DataFrame({"date": when.tz_convert("UTC").tz_localize(None), **data})
four = Candles.from_frame(polars.from_pandas(plain))
assert one.digest() == two.digest() == three.digest() == four.digest()
assert int(one.time[0]) == int(when[0].timestamp() * 1000)
assert len(pandas.DataFrame(analyze(one).to_dicts())) == len(polars.DataFrame(analyze(one).to_dicts()))
try:
    Candles.from_frame(pandas.DataFrame(data).drop(columns="volume"))
except InvalidCandles as error:
    print(error)
"""


def test_levels_wheel_needs_numpy_alone(levels_wheel: Path, shadowed: Path) -> None:
    python = install(levels_wheel, shadowed / "venv")
    assert int(run(python, "-c", USE_LEVELS, cwd=shadowed)) > 1


def test_levels_wheel_reads_pandas_and_polars_frames(levels_wheel: Path, shadowed: Path) -> None:
    python = install(levels_wheel, shadowed / "venv", sees_packages=False)
    install_from_index(python, "numpy", "pandas", "polars", "pyarrow")
    assert "no column time" in run(python, "-c", USE_FRAMES, cwd=shadowed)
