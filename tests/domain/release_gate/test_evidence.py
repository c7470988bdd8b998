"""The evidence for each word, against the specification and against scipy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from app.domain.release_gate import Counts
from app.domain.release_gate.evidence import (
    log_evidence_against_loss,
    log_evidence_of_more_crashes,
)

TOLERANCE = 0.01


def fractions(most):
    """So many sessions, and none, some or all of them crashed."""
    shares = st.just(0.0) | st.floats(1e-6, 1 - 1e-6) | st.just(1.0)
    return st.builds(lambda n, share: (n, n * share), st.floats(1, most), shares)


any_counts = st.builds(lambda new, old: Counts(*new, *old), fractions(1e6), fractions(1e6))


def against_loss(counts, loss=TOLERANCE):
    return math.exp(log_evidence_against_loss(counts, loss, tolerance=TOLERANCE))


@pytest.mark.parametrize(
    ("counts", "evidence"),
    [
        (Counts(1000, 19, 615, 2.5), 26.3),
        (Counts(2000, 38, 2000, 8), 14_967),
        (Counts(200, 6, 5000, 25), 84.5),
    ],
)
def test_evidence_of_more_crashes_is_the_specified_one(counts, evidence):
    assert math.exp(log_evidence_of_more_crashes(counts)) == pytest.approx(evidence, rel=0.002)


@pytest.mark.parametrize(
    ("counts", "evidence"),
    [
        (Counts(529, 0, 529, 0), 49.8),
        (Counts(530, 0, 530, 0), 50.3),
        (Counts(2000, 20, 2000, 20), 35.3),
        (Counts(3000, 30, 25_000, 250), 1796),
    ],
)
def test_evidence_against_the_tolerated_loss_is_the_specified_one(counts, evidence):
    assert against_loss(counts) == pytest.approx(evidence, rel=0.002)


@given(st.integers(1, 60), st.integers(1, 100_000), st.integers(1, 100_000))
def test_bet_on_more_crashes_is_fair_where_both_crash_alike(crashed, new, old):
    """On average E is 1 then: of each share of the crashes, as likely as it is."""
    shares = stats.binom(crashed, new / (new + old))
    average = math.fsum(
        math.exp(shares.logpmf(k) + log_evidence_of_more_crashes(Counts(new, k, old, crashed - k)))
        for k in range(crashed + 1)
    )
    assert average == pytest.approx(1, rel=1e-6)


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 10_000), st.integers(1, 10_000))
def test_evidence_of_more_crashes_is_a_mean_of_likelihood_ratios(k, other, new, old):
    share = new / (new + old)
    ratios = [1.25 * 12.8 ** (number / 15) for number in range(16)]
    at = stats.binom.logpmf
    logs = [
        at(k, k + other, ratio * share / (1 + share * (ratio - 1))) - at(k, k + other, share)
        for ratio in ratios
    ]
    mean = math.fsum(map(math.exp, logs)) / len(logs)
    found = log_evidence_of_more_crashes(Counts(new, k, old, other))
    assert found == pytest.approx(math.log(mean), rel=1e-6, abs=1e-6)


def least_deviance(counts, loss):
    """By a search for the old rate that is likeliest: that rate, and twice what it lacks."""

    def lacking(old_rate):
        rates = old_rate + loss, old_rate
        return 2 * (
            log_likelihood(counts, counts.new_rate, counts.old_rate)
            - log_likelihood(counts, *rates)
        )

    bounds = max(0.0, -loss) + 1e-12, min(1.0, 1 - loss) - 1e-12
    found = optimize.minimize_scalar(
        lacking, bounds=bounds, method="bounded", options={"xatol": 1e-12}
    )
    return found.x, max(0.0, found.fun)


def log_likelihood(counts, new_rate, old_rate):
    parts = [
        (counts.new_crashed, new_rate),
        (counts.new_sessions - counts.new_crashed, 1 - new_rate),
        (counts.old_crashed, old_rate),
        (counts.old_sessions - counts.old_crashed, 1 - old_rate),
    ]
    return math.fsum(count * math.log(rate) for count, rate in parts if count)


@st.composite
def counts_with_a_loss(draw):
    """A loss up to five standard errors from the measured one, as words are about."""
    sides = [(draw(st.floats(50, 50_000)), draw(st.floats(0.0005, 0.3))) for _ in range(2)]
    (new, new_rate), (old, old_rate) = sides
    error = (new_rate * (1 - new_rate) / new + old_rate * (1 - old_rate) / old) ** 0.5
    counts = Counts(new, new * new_rate, old, old * old_rate)
    return counts, counts.loss + draw(st.floats(-5, 5)) * error


@given(counts_with_a_loss())
def test_evidence_against_a_loss_is_the_mixture_over_a_half_normal_prior(drawn):
    """From the definition: the rates by a search, the integral by quadrature."""
    counts, loss = drawn
    old_rate, deviance = least_deviance(counts, loss)
    new_rate = old_rate + loss
    variance = (
        new_rate * (1 - new_rate) / counts.new_sessions
        + old_rate * (1 - old_rate) / counts.old_sessions
    )
    distance = (deviance * variance) ** 0.5
    width = max(TOLERANCE, abs(loss)) / 2**0.5

    def log_bet(effect):
        ratio = (distance * effect - effect * effect / 2) / variance
        return math.log(2) + stats.norm.logpdf(effect, scale=width) + ratio

    peak = distance * width * width / (variance + width * width)
    spread = (1 / (1 / variance + 1 / (width * width))) ** 0.5
    highest = log_bet(max(0, peak))  # no float holds the evidence of what is nearly impossible
    share, _ = integrate.quad(
        lambda effect: math.exp(log_bet(effect) - highest),
        max(0, peak - 12 * spread),
        peak + 12 * spread,
        limit=200,
    )
    found = log_evidence_against_loss(counts, loss, tolerance=TOLERANCE)
    assert found == pytest.approx(highest + math.log(share), rel=0, abs=1e-3)


@given(any_counts)
def test_nothing_speaks_against_the_loss_that_was_measured(counts):
    assert log_evidence_against_loss(counts, counts.loss, tolerance=TOLERANCE) <= 1e-6


@given(any_counts, st.floats(-1, 1))
def test_evidence_is_a_number_whatever_was_counted(counts, loss):
    assert not math.isnan(log_evidence_against_loss(counts, loss, tolerance=TOLERANCE))
    assert math.isfinite(log_evidence_of_more_crashes(counts))


@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_more_of_what_is_no_worse_never_speaks_for_worse(ratio):
    for times in (1, 10, 100, 1000, 10_000):
        counts = Counts(100 * times, 4 * ratio * times, 100 * times, 4 * times)
        assert log_evidence_of_more_crashes(counts) <= 0.1
