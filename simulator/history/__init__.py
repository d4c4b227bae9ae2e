"""The markets of the simulated exchange: synthetic and recorded candles, and what they are made from."""
