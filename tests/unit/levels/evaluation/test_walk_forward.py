"""Walking forward: no look into the future, an honest null on noise, an effect found where one is planted."""

import numpy as np

from levels import Candles, Params
from levels.evaluation.features import FEATURES
from levels.evaluation.hold_rates import calibration_error, measure_hold_rates
from levels.evaluation.intervals import Sample, compare_edges, compare_rates
from levels.evaluation.separation import compare_thirds, predict_out_of_sample
from levels.evaluation.stability import count_repaints, measure_retention
from levels.evaluation.synthetic import make_random_walk
from levels.evaluation.walk_forward import OURS, Trials, WalkSettings, join_trials, walk_forward
from levels.hold_rates import MIN_TOUCHES, HoldRate, hold_rate_at

SMALL = WalkSettings(window=400, step=40, horizon=60)


def test_walk_forward_does_not_use_the_future() -> None:
    """Two futures, one past: the same trials are set up, only their fates differ."""
    series = make_random_walk(1, 1200)
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


def test_walk_forward_finds_no_edge_on_random_walks() -> None:
    parts = [
        walk_forward(make_random_walk(seed, 2500), Params(), WalkSettings(window=500, seed=seed))
        for seed in range(6)
    ]
    for number, part in enumerate(parts):
        part.block[:] += 1000 * number
    trials = join_trials(parts)
    for outcome in range(3):
        for kind in range(2):
            found = compare_rates(trials.sample(OURS, outcome), trials.sample(kind, outcome))
            assert found.n > 1000
            # Wider than the interval by half, as six comparisons on one seed must not make a flaky test.
            assert found.low - 0.01 < 0 < found.high + 0.01


def sample(held: list[int], blocks: int, distance: float = 1.5) -> Sample:
    n = len(held)
    return Sample(np.array(held), np.full(n, distance), np.arange(n) % blocks)


def test_compare_rates_returns_a_difference_with_its_interval() -> None:
    found = compare_rates(sample([1, 1, 1, 0] * 100, 20), sample([1, 0] * 200, 20))
    assert (found.rate, found.other, found.difference) == (0.75, 0.5, 0.25)
    assert found.low <= 0.25 <= found.high
    assert (found.n, found.n_other) == (400, 400)


def test_compare_rates_compares_at_equal_distances_only() -> None:
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
    assert abs(compare_rates(*both).difference) < 1e-12


def test_compare_rates_resamples_whole_blocks_of_time() -> None:
    """The same trials give a wider interval in four blocks that disagree than in forty that agree."""
    held, far = np.array([1] * 200 + [0] * 200), np.full(400, 1.5)
    widths = []
    for block in (np.repeat(np.arange(4), 100), np.arange(400) % 40):
        base = Sample(np.arange(400) % 2, far, block)
        found = compare_rates(Sample(held, far, block), base)
        widths.append(found.high - found.low)
    assert widths[0] > 0.3
    assert widths[0] > 3 * widths[1]


def test_compare_rates_without_common_distances_is_nan() -> None:
    found = compare_rates(sample([1, 0], 2, 0.7), sample([1, 0], 2, 9.0))
    assert np.isnan([found.difference, found.low, found.high]).all()


def test_evaluation_of_no_trials_is_nan_and_no_error() -> None:
    empty = join_trials([])
    assert np.isnan(compare_rates(empty.sample(OURS, 0), empty.sample(0, 0)).difference)
    assert np.isnan(compare_edges((sample([1], 1), sample([1], 1)), (empty.sample(0, 0),) * 2).difference)
    assert measure_hold_rates(empty) == ()
    assert all(np.isnan(value) for value in calibration_error({"none": empty}))
    assert np.isnan(compare_thirds(empty, np.zeros(0), 0).difference)
    assert len(walk_forward(make_random_walk(1, 100), Params(), SMALL)) == 0


def test_out_of_sample_prediction_finds_an_informative_feature() -> None:
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

    trials, predicted = predict_out_of_sample({name: market() for name in "abc"}, 0)
    found = compare_thirds(trials, predicted, 0)
    assert found.difference > 0.15
    assert found.low > 0


def test_hold_rate_of_too_few_touches_is_none() -> None:
    rates = (HoldRate(0, 1, 0.5, MIN_TOUCHES), HoldRate(1, 2, 0.5, MIN_TOUCHES - 1))
    assert hold_rate_at(rates, 0.5) == rates[0]
    assert hold_rate_at(rates, 1.5) is None
    assert hold_rate_at(rates, 3.0) is None


def test_stability_keeps_most_levels_and_repaints_no_visit() -> None:
    series = make_random_walk(4, 900)
    kept = measure_retention(series, Params(), 1, window=600, moments=30)
    assert kept.by_id >= 0.9 * kept.reported
    assert kept.by_match >= kept.by_id
    compared, changed = count_repaints(series, Params(), window=400, slides=200)
    assert compared > 1000
    assert changed == 0
