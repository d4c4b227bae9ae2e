"""ccxt behind the ports of `exchanges.ports`."""

from exchanges.ccxt.lazy_package import install_lazy_packages

install_lazy_packages()  # before any module of this room imports ccxt
