"""What can be wrong with what `levels` is given. All are ValueErrors with a text for people."""


class InvalidCandles(ValueError):
    """The candles contradict themselves: unsorted, not finite, high below low, ..."""


class InvalidParams(ValueError):
    """A parameter is unknown, of the wrong kind or out of range; the text names it."""


class TooFewCandles(ValueError):
    """So few candles that no bar can be an extreme; the text gives the minimum."""
