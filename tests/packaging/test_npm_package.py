"""The package of the TypeScript client: what is in it, and a program that is compiled against it and run."""

import json
import shutil
import tarfile
from pathlib import Path

import pytest

from tests.support.services import Services
from tests.support.toolchains import require_installed, require_program, run_program

CLIENT = Path(__file__).parents[2] / "clients" / "typescript"

PROGRAM = """
import { Client, Unavailable, type Level, type Result } from "@strandline/client";
const client = new Client({ url: "http://127.0.0.1:1", retries: 0 });
const prices = (result: Result): number[] => (result.levels ?? []).map((level: Level) => level.price);
client.resultOf("sim:spot:BTCUSDT:1h").then(prices).catch((error: unknown) => {
  console.log(error instanceof Unavailable && error.name);
});
// @ts-expect-error a side is long or short
export const wrong: Parameters<Client["createWatch"]>[0] = { symbol: "BTCUSDT", condition: "touch", side: "up" };
"""


@pytest.fixture
def project(tmp_path: Path, services: Services) -> Path:
    """Return a project in which the packed client is installed."""
    npm = require_program(services, "npm")
    require_installed(services, "npm", CLIENT / "node_modules" / ".checked", "check-client")
    run_program(npm, "pack", "--silent", "--pack-destination", tmp_path, CLIENT, cwd=tmp_path)
    (archive,) = tmp_path.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    installed = tmp_path / "node_modules" / "@strandline" / "client"
    installed.parent.mkdir(parents=True)
    shutil.move(tmp_path / "package", installed)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    return tmp_path


def test_package_has_no_dependencies_and_nothing_but_its_build(project: Path) -> None:
    installed = project / "node_modules/@strandline/client"
    assert {path.name for path in installed.iterdir()} == {"README.md", "dist", "package.json"}
    assert not {"dependencies", "peerDependencies"} & set(
        json.loads((installed / "package.json").read_text())
    )


@pytest.mark.parametrize("resolution", [("nodenext", "nodenext"), ("esnext", "bundler")])
def test_strict_program_compiles_against_the_package_and_runs(
    project: Path, resolution: tuple[str, str], services: Services
) -> None:
    (project / "program.ts").write_text(PROGRAM)
    module, strategy = resolution
    options = ["--strict", "--target", "es2022", "--lib", "es2023,dom"]
    options += ["--module", module, "--moduleResolution", strategy]
    run_program(CLIENT / "node_modules/.bin/tsc", *options, "program.ts", cwd=project)
    assert run_program(require_program(services, "node"), "program.js", cwd=project) == "Unavailable\n"
