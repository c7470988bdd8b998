"""A release's verdict as a small picture, for a page that can fetch it with a user token.

Names of releases come from apps, so all that is written into the picture is escaped and short.
"""

from html import escape

from app.domain.rates import Comparison
from app.domain.text import in_one_line
from app.services.releases.verdicts import ReleaseVerdict

_COLOURS = {
    Comparison.PASS: "#23703a",
    Comparison.FAIL: "#b3261e",
    Comparison.UNDECIDED: "#5f6368",
}
_MOST_CHARS = 40
# Wide enough for nearly any letter at this size: the picture knows no font.
_CHAR_WIDTH = 7
_MARGIN = 12
_TEMPLATE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{all}" height="20" role="img"'
    ' aria-label="{label}: {word}"><title>{label}: {word}. {reason}</title>'
    '<rect width="{all}" height="20" rx="3" fill="#3c4043"/>'
    '<rect x="{left}" width="{right}" height="20" rx="3" fill="{colour}"/>'
    '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"'
    ' text-anchor="middle"><text x="{left_middle}" y="14">{label}</text>'
    '<text x="{right_middle}" y="14">{word}</text></g></svg>\n'
)


BADGE_EXAMPLE = '<svg xmlns="http://www.w3.org/2000/svg" width="180" height="20" role="img">…</svg>'


def badge(judged: ReleaseVerdict) -> str:
    """`1.4.2 beside 1.4.1 | pass`"""
    label = _short(judged.release)
    if judged.against is not None:
        label = f"{label} beside {_short(judged.against)}"
    left, right = (len(text) * _CHAR_WIDTH + _MARGIN for text in (label, judged.verdict))
    return _TEMPLATE.format(
        all=left + right,
        left=left,
        right=right,
        left_middle=left // 2,
        right_middle=left + right // 2,
        colour=_COLOURS[judged.verdict],
        label=escape(label),
        word=judged.verdict,
        reason=escape(in_one_line(judged.reason)),
    )


def _short(name: str) -> str:
    line = in_one_line(name)
    return line if len(line) <= _MOST_CHARS else line[: _MOST_CHARS - 1] + "…"
