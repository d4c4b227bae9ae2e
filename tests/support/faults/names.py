"""Names of the services that can be made to fail for running roles: see `resolver/sitecustomize.py`."""

import os
from collections.abc import Mapping
from pathlib import Path

_RESOLVER = Path(__file__).parent / "resolver"


class ServiceNames:
    """`to_names` puts the environment of a process under these names, which resolve while `file` exists."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.restore()

    def fail(self) -> None:
        self._file.unlink()

    def restore(self) -> None:
        self._file.touch()

    def to_names(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the environment with a name in place of each loopback address."""
        path = os.pathsep.join(filter(None, (str(_RESOLVER), os.environ.get("PYTHONPATH"))))
        named = {name: value.replace("127.0.0.1", "localhost") for name, value in environ.items()}
        return named | {"PYTHONPATH": path, "STRANDLINE_TEST_NAMES": str(self._file)}
