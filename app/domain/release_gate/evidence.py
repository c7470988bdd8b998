"""How strongly counts speak for a word: E-values, which stay valid however often one looks.

E is the odds at which a bet against the opposite would stand by now. If the opposite is true, E
ever reaches 50 with a chance of at most 1 in 50 (Ville 1939), so a pipeline may ask each minute. An
interval at 95 % promises that for one look only.
"""

import math

from app.domain.release_gate.counts import Counts

# How many times as often the new release may crash, each as likely beforehand: evenly spaced in
# logarithm from 1.25 to 16.
_RATIO_COUNT = 16
_RATIOS = tuple(
    1.25 * (16 / 1.25) ** (number / (_RATIO_COUNT - 1)) for number in range(_RATIO_COUNT)
)
_LOG_RATIOS = tuple(math.log(ratio) for ratio in _RATIOS)


def log_evidence_of_more_crashes(counts: Counts) -> float:
    """Natural logarithm of E for "crashes more often" against "as often, or less".

    Given how many crashes both have together, each one is the new release's with a chance that
    depends on the ratio of the rates alone.
    """
    share = counts.new_sessions / (counts.new_sessions + counts.old_sessions)
    crashed, all_crashed = counts.new_crashed, counts.new_crashed + counts.old_crashed
    logs = [
        crashed * log_ratio - all_crashed * math.log1p(share * (ratio - 1))
        for ratio, log_ratio in zip(_RATIOS, _LOG_RATIOS)
    ]
    most = max(logs)
    return most + math.log(sum(math.exp(each - most) for each in logs) / _RATIO_COUNT)


def log_evidence_against_loss(counts: Counts, loss: float, *, tolerance: float) -> float:
    """Natural logarithm of E against the new release's losing exactly `loss`.

    On the side on which the measured loss lies: below it, that it loses less; above it, more. A
    normal prior on that side, as wide as the tolerance (or the loss, if more), is mixed over.
    """
    old_rate = _likeliest_old_rate(counts, loss)
    new_rate = min(max(old_rate + loss, 0.0), 1.0)
    deviance = 2 * (
        _log_likelihood(counts.new_sessions, counts.new_crashed, counts.new_rate)
        + _log_likelihood(counts.old_sessions, counts.old_crashed, counts.old_rate)
        - _log_likelihood(counts.new_sessions, counts.new_crashed, new_rate)
        - _log_likelihood(counts.old_sessions, counts.old_crashed, old_rate)
    )
    if deviance == math.inf:
        return math.inf
    variance = (
        new_rate * (1 - new_rate) / counts.new_sessions
        + old_rate * (1 - old_rate) / counts.old_sessions
    )
    prior = 2 / max(tolerance, abs(loss)) ** 2
    # With no variance the shares are 1: ρ/(I+ρ) would be 0, and no finite D could speak.
    if not variance:
        return -math.inf if deviance <= 0 else math.inf
    information = 1 / variance
    shrinkage = information / (information + prior)
    half = max(0.0, deviance) * shrinkage / 2
    return 0.5 * math.log(prior / (information + prior)) + half + _log_erfc_of_minus(half**0.5)


def _log_erfc_of_minus(root: float) -> float:
    return math.log1p(math.erf(root))


def _log_likelihood(sessions: float, crashed: float, rate: float) -> float:
    """Of a binomial, without what does not depend on the rate."""
    whole = sessions - crashed
    if (crashed > 0 and rate <= 0) or (whole > 0 and rate >= 1):
        return -math.inf
    return (crashed * math.log(rate) if crashed > 0 else 0.0) + (
        whole * math.log1p(-rate) if whole > 0 else 0.0
    )


def _likeliest_old_rate(counts: Counts, loss: float) -> float:
    """Where the rates differ by `loss`, the old one that makes the counts likeliest.

    The root of a cubic, in closed form: Farrington and Manning, "Test statistics and sample size
    formulae for comparative binomial trials with null hypothesis of non-zero risk difference or
    non-unity relative risk", Statistics in Medicine 9 (1990), appendix.
    """
    new, old = counts.new_rate, counts.old_rate
    theta = counts.old_sessions / counts.new_sessions
    a = 1 + theta
    b = -(1 + theta + new + theta * old + loss * (theta + 2))
    c = loss * loss + loss * (2 * new + theta + 1) + new + theta * old
    d = -new * loss * (1 + loss)
    v = (b / (3 * a)) ** 3 - b * c / (6 * a * a) + d / (2 * a)
    square = (b / (3 * a)) ** 2 - c / (3 * a)
    u = math.copysign(math.sqrt(max(square, 0.0)), v)
    angle = math.acos(min(1.0, max(-1.0, v / u**3))) if u else 0.0
    new_rate = 2 * u * math.cos((math.pi + angle) / 3) - b / (3 * a)
    return min(max(new_rate - loss, 0.0, -loss), 1.0, 1.0 - loss)
