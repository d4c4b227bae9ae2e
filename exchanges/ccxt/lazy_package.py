"""Loads of ccxt only the exchanges that are used.

ccxt's packages import each of their 107 exchanges, twice (blocking and asynchronous): 2.4 s of CPU and 100 MB in every
process. Packages that find their attributes on first use take their place; the modules themselves are ccxt's own.
"""

import importlib
import importlib.metadata
import importlib.util
import pkgutil
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

_SHARED = ("ccxt.base.errors", "ccxt.base.decimal_to_precision", "ccxt.base.precise")
"""Modules whose names every ccxt package offers as its own."""

_PACKAGES = {
    "ccxt": (*_SHARED, "ccxt.base.exchange"),
    "ccxt.async_support": (*_SHARED, "ccxt.async_support.base.exchange"),
    "ccxt.pro": (*_SHARED, "ccxt.async_support.base.exchange"),
}


class LazyPackage(ModuleType):
    """A package of ccxt that imports an exchange when it is first asked for."""

    def __init__(self, name: str, path: Sequence[str]) -> None:
        super().__init__(name)
        self.__path__ = list(path)
        self.__package__ = name

    def __setattr__(self, name: str, value: object) -> None:
        # Importing `ccxt.binance` sets the module as an attribute of `ccxt`; ccxt means its class by that name.
        if isinstance(value, ModuleType):
            value = getattr(value, name, value)
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name == "exchanges":
            return self._list_exchanges()
        if name == "__version__":
            return importlib.metadata.version("ccxt")
        if name.startswith("__"):
            raise AttributeError(name)
        for module in _PACKAGES[self.__name__]:
            if hasattr(importlib.import_module(module), name):
                return getattr(sys.modules[module], name)
        if name not in self._list_exchanges():
            raise AttributeError(f"{self.__name__} has no {name!r}")
        importlib.import_module(f"{self.__name__}.{name}")
        return self.__dict__[name]

    def _list_exchanges(self) -> list[str]:
        """Return the ids of the exchanges that this package has a module for."""
        return sorted(module.name for module in pkgutil.iter_modules(self.__path__) if not module.ispkg)


def install_lazy_packages() -> None:
    """Put lazy packages in ccxt's place. Does nothing where ccxt has been imported already."""
    if "ccxt" in sys.modules:
        return
    spec = importlib.util.find_spec("ccxt")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("ccxt is not installed", name="ccxt")
    (root,) = spec.submodule_search_locations
    for name in _PACKAGES:
        _, _, child = name.partition(".")
        sys.modules[name] = LazyPackage(name, [f"{root}/{child}" if child else root])
        if child:
            vars(sys.modules["ccxt"])[child] = sys.modules[name]  # setattr would import the base classes
