"""Errors of `levels`. Each is a ValueError whose text names the bad value."""


class InvalidCandles(ValueError):
    """The candles are inconsistent: unsorted, not finite, high below low, ..."""


class InvalidParams(ValueError):
    """A parameter is unknown, of the wrong type or out of range; the text names it."""


class TooFewCandles(ValueError):
    """There are too few candles for any bar to be an extreme; the text gives the minimum."""
