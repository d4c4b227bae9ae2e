"""Build hook: package the repository's `levels/` as `strandline_levels`, and remove `levels` from its imports."""

import re
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "strandline_levels"
LEFT_OUT = {"evaluation", "__pycache__"}
_IMPORT = re.compile(r"^(\s*(?:from|import) )levels(?=[. ])", re.MULTILINE)


class RenameSources(BuildHookInterface):
    """Writes the renamed sources into a temporary folder and adds them to the wheel or sdist."""

    PLUGIN_NAME = "custom"
    _folder: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the package to the build: from the sdist where it lies there, else from the repository."""
        source = Path(self.root) / NAME
        if not source.is_dir():
            self._folder = Path(mkdtemp(prefix="strandline-levels-"))
            source = self._folder
            rename_package(Path(self.root).parents[1] / "levels", source)
        build_data["force_include"][str(source)] = NAME

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder."""
        if self._folder is not None:
            shutil.rmtree(self._folder)


def rename_package(source: Path, target: Path) -> None:
    """Copy the modules of `source` to `target` with `levels` renamed in their imports."""
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if path.is_dir() or LEFT_OUT & set(relative.parts):
            continue
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".py":
            (target / relative).write_text(_IMPORT.sub(rf"\g<1>{NAME}", path.read_text()))
        else:
            shutil.copyfile(path, target / relative)
