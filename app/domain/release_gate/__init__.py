"""Whether a new release crashes more often than an old one, however often one looks.

`counts` compares the two day by day, `clusters` says what sessions of the same user are worth,
`evidence` weighs the figures, `gate` gives the word. What a newcomer would get wrong: each side has
a design effect of its own, and another one for each word (docs/decisions/0140-the-release-gate.md).
"""

from app.domain.release_gate.clusters import Crashes, Side
from app.domain.release_gate.counts import Counts, PairedDay, weigh
from app.domain.release_gate.evidence import log_evidence_of_more_crashes
from app.domain.release_gate.gate import Judged, Matched, judge, word_of

__all__ = [
    "Counts",
    "Crashes",
    "Judged",
    "Matched",
    "PairedDay",
    "Side",
    "judge",
    "log_evidence_of_more_crashes",
    "weigh",
    "word_of",
]
