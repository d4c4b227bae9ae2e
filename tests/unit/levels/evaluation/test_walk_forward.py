"""Walking forward: no look into the future, an honest null on noise, an effect found where one is planted."""

import numpy as np

from levels import Candles, Params
from levels.evaluation.features import FEATURES
from levels.evaluation.hold import calibration_error, measure
from levels.evaluation.intervals import Sample, compare, gap
from levels.evaluation.separation import out_of_sample, thirds
from levels.evaluation.stability import kept_after, taken_back
from levels.evaluation.synthetic import walk
from levels.evaluation.walk_forward import OURS, Trials, Walk, joined, walk_forward
from levels.rates import LEAST, Rate, rate_at

SMALL = Walk(window=400, step=40, horizon=60)


def test_what_comes_after_a_moment_does_not_change_its_levels_or_placebos() -> None:
    """Two futures, one past: the same trials are set up, only their fates differ."""
    series = walk(1, 1200)
    cut = 500 + 2 * SMALL.horizon
    one = walk_forward(series[:cut], Params(), SMALL)
    other = series[:cut]
    bent = np.concatenate((other.close[:500], other.close[500:][::-1] * (other.close[499] / other.close[-1])))
    twisted = Candles(other.time, bent, bent * 1.001, bent * 0.999, bent, other.volume)
    past = Candles(
        other.time,
        *(
            np.concatenate((getattr(other, name)[:500], getattr(twisted, name)[500:]))
            for name in ("open", "high", "low", "close", "volume")
        ),
    )
    two = walk_forward(past, Params(), SMALL)
    early = [set(t.price[(t.kind == OURS) & (t.touched_at < series.time[500])].tolist()) for t in (one, two)]
    assert early[0] == early[1]


def test_on_a_random_walk_levels_are_worth_nothing() -> None:
    parts = [walk_forward(walk(seed, 2500), Params(), Walk(window=500, seed=seed)) for seed in range(6)]
    for number, part in enumerate(parts):
        part.block[:] += 1000 * number
    trials = joined(parts)
    for outcome in range(3):
        for kind in range(2):
            found = compare(trials.sample(OURS, outcome), trials.sample(kind, outcome))
            assert found.n > 1000
            # Wider than the interval by half, as six comparisons on one seed must not make a flaky test.
            assert found.low - 0.01 < 0 < found.high + 0.01


def sample(held: list[int], blocks: int, distance: float = 1.5) -> Sample:
    n = len(held)
    return Sample(np.array(held), np.full(n, distance), np.arange(n) % blocks)


def test_a_difference_is_found_with_an_interval_about_it() -> None:
    found = compare(sample([1, 1, 1, 0] * 100, 20), sample([1, 0] * 200, 20))
    assert (found.rate, found.other, found.difference) == (0.75, 0.5, 0.25)
    assert found.low <= 0.25 <= found.high
    assert (found.n, found.n_other) == (400, 400)


def test_rates_are_compared_at_equal_distances_only() -> None:
    """Ours hold as placebos do, near and far; that ours are mostly near must not look like an effect."""
    near, far = [1, 1, 1, 0], [1, 0, 0, 0]
    ours = [sample(near * 30, 10, 0.7), sample(far * 10, 10, 9.0)]
    other = [sample(near * 10, 10, 0.7), sample(far * 30, 10, 9.0)]
    both = [
        Sample(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in ("held", "distance", "block")
            )
        )
        for parts in (ours, other)
    ]
    assert abs(compare(*both).difference) < 1e-12


def test_whole_blocks_are_drawn_so_that_one_week_is_one_observation() -> None:
    """The same trials tell less in four blocks that disagree than in forty that agree."""
    held, far = np.array([1] * 200 + [0] * 200), np.full(400, 1.5)
    widths = []
    for block in (np.repeat(np.arange(4), 100), np.arange(400) % 40):
        base = Sample(np.arange(400) % 2, far, block)
        found = compare(Sample(held, far, block), base)
        widths.append(found.high - found.low)
    assert widths[0] > 0.3
    assert widths[0] > 3 * widths[1]


def test_rates_that_share_no_distance_cannot_be_compared() -> None:
    found = compare(sample([1, 0], 2, 0.7), sample([1, 0], 2, 9.0))
    assert np.isnan([found.difference, found.low, found.high]).all()


def test_nothing_to_compare_is_said_and_no_error() -> None:
    empty = joined([])
    assert np.isnan(compare(empty.sample(OURS, 0), empty.sample(0, 0)).difference)
    assert np.isnan(gap((sample([1], 1), sample([1], 1)), (empty.sample(0, 0),) * 2).difference)
    assert measure(empty) == ()
    assert all(np.isnan(value) for value in calibration_error({"none": empty}))
    assert np.isnan(thirds(empty, np.zeros(0), 0).difference)
    assert len(walk_forward(walk(1, 100), Params(), SMALL)) == 0


def test_a_feature_that_tells_is_found_on_markets_not_fitted_to() -> None:
    """Held where the first feature is high, in ours only: the top third beats the bottom third."""
    rng = np.random.default_rng(3)

    def market() -> Trials:
        n = 900
        features = rng.random((n, len(FEATURES)))
        kind = rng.choice([OURS, 1], n)
        chance = np.where(kind == OURS, 0.3 + 0.4 * features[:, 0], 0.5)
        outcomes = np.repeat((rng.random(n) < chance)[:, None], 3, axis=1).astype(np.int8)
        block = rng.integers(0, 30, n)
        return Trials(kind, np.full(n, 1.5), block, np.arange(n), np.ones(n), outcomes, features)

    trials, foretold = out_of_sample({name: market() for name in "abc"}, 0)
    found = thirds(trials, foretold, 0)
    assert found.difference > 0.15
    assert found.low > 0


def test_thin_evidence_gives_no_rate() -> None:
    rates = (Rate(0, 1, 0.5, 0.5, LEAST), Rate(1, 2, 0.5, 0.5, LEAST - 1))
    assert rate_at(rates, 0.5) == rates[0]
    assert rate_at(rates, 1.5) is None
    assert rate_at(rates, 3.0) is None


def test_most_levels_survive_added_candles_and_no_visit_is_taken_back() -> None:
    series = walk(4, 900)
    kept = kept_after(series, Params(), 1, window=600, moments=30)
    assert kept.by_id >= 0.9 * kept.told
    assert kept.by_match >= kept.by_id
    told, wrong = taken_back(series[:250], Params())
    assert told > 1000
    assert wrong == 0
