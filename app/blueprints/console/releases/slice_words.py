"""The slices of a release in words: what each is called, and which of them differ."""

from dataclasses import dataclass

from app.blueprints.console.releases.rate_words import counted, percent
from app.blueprints.console.short_texts import short
from app.domain.release_slices import Differs, Slice, SliceBy, SlicedRelease

# In the order of the tabs.
TITLES = {
    SliceBy.OS_NAME: "Operating system",
    SliceBy.ENVIRONMENT: "Environment",
    SliceBy.APP_VERSION: "App version",
}
_NAME_CHARS = 60
_MOST_NAMED = 3


@dataclass(frozen=True)
class SliceRow:
    """One line of the table. `difference` is in percentage points, and None where there is nothing
    to compare; `kind` is the badge's."""

    name: str
    is_told: bool
    figures: Slice
    difference: str | None
    interval: str | None
    label: str | None
    kind: str


@dataclass(frozen=True)
class SliceTable:
    title: str
    summary: str
    rows: list[SliceRow]


def slice_table(sliced: SlicedRelease) -> SliceTable:
    every = [*sliced.slices, *([sliced.other] if sliced.other else [])]
    return SliceTable(
        title=TITLES[sliced.by],
        summary=_summary(sliced, every),
        rows=[_row(each) for each in every],
    )


def _row(each: Slice) -> SliceRow:
    interval = each.difference_interval
    return SliceRow(
        name=_name(each),
        is_told=each.value is not None,
        figures=each,
        difference=None if each.difference is None else points(each.difference),
        interval=interval and f"{points(interval[0])} to {points(interval[1])}",
        label=each.differs and f"crashes {each.differs} often",
        kind={Differs.MORE: "bad", Differs.LESS: "good", None: "plain"}[each.differs],
    )


def points(share: float) -> str:
    """`+3.20`, with a real minus; 0 has no sign."""
    return f"{share * 100:+.2f}".replace("-", "\N{MINUS SIGN}") if share else "0"


def _summary(sliced: SlicedRelease, every: list[Slice]) -> str:
    differ = [each for each in every if each.differs]
    if not differ:
        if len(every) < 2:
            return "All sessions have the same, so there is nothing to compare."
        return "None of them differs from the rest by more than chance explains."
    # Where there are two, the other one says the same the other way round.
    told = [differ[0]] if len(every) == 2 else differ[:_MOST_NAMED]
    sentences = [
        f"{_name(each)} crashes {each.differs} often than the rest:"
        f" {percent(each.sessions_crashed / each.sessions_total)} of"
        f" {counted(each.sessions_total, 'session')} crashed,"
        f" {_against(each)} elsewhere."
        for each in told
    ]
    left = len(differ) - len(told) if len(every) > 2 else 0
    return " ".join(sentences) + (f" {left} more of them differ." if left > 0 else "")


def _against(each: Slice) -> str:
    rest = each.sessions_crashed / each.sessions_total - (each.difference or 0)
    return percent(max(0.0, min(1.0, round(rest, 6))))


def _name(each: Slice) -> str:
    if each.values > 1:
        return f"{each.values:,} others"
    return "not told" if each.value is None else short(each.value, _NAME_CHARS)
