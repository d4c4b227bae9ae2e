"""Other people's methods: functions from candles to levels, each run in a process of its own with a deadline."""

from consumers.analyzer.methods.analysis import analyze_with
from consumers.analyzer.methods.errors import MethodFailed, UnknownMethod

__all__ = ["MethodFailed", "UnknownMethod", "analyze_with"]
