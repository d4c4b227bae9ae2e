"""As many made-up pairs as a test or a benchmark needs."""

from simulator.listings import SYNTHETIC, make_listings


def test_listings_are_distinct_and_begin_with_the_usual_ones() -> None:
    made = make_listings(2_000)
    assert len({listing.symbol for listing in made}) == 2_000
    assert made[: len(SYNTHETIC)] == SYNTHETIC
    assert make_listings(3) == SYNTHETIC[:3]
