"""Errors of methods."""

from runtime.errors import StrandlineError


class UnknownMethod(StrandlineError):
    """No installed package offers a method of this name."""


class MethodFailed(StrandlineError):
    """The method raised, took too long, ended its process, or returned something that is no level."""
