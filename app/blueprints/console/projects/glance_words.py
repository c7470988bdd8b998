"""A project of the list in words and a small chart: its newest release, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.blueprints.console.releases.rate_words import RateWords, date_name, percent
from app.blueprints.console.releases.release_charts import Spark, crash_free_spark, tallies_axis
from app.domain.rates import Comparison, Tally, crash_free_rate
from app.domain.release_health import Window
from app.services.pages.projects_at_a_glance import MOST_COUNTED, ProjectGlance

# What is written, and as which kind of badge. It is a word on this release beside that one, and
# not on the product.
_GATE_WORDS = {
    Comparison.PASS: ("looks good beside", "good"),
    Comparison.FAIL: ("worse than", "bad"),
    Comparison.UNDECIDED: ("not certain yet, beside", "plain"),
}


@dataclass(frozen=True)
class GlanceWords:
    """`rate` is of users, or of sessions where none named a user; None without sessions."""

    glance: ProjectGlance
    rate: RateWords | None
    spark: Spark | None
    spark_text: str

    @property
    def open_feedback(self) -> str:
        if self.glance.open_feedback > MOST_COUNTED:
            return f"over {MOST_COUNTED:,}"
        return f"{self.glance.open_feedback:,}"

    @property
    def gate(self) -> tuple[str, str]:
        newest = self.glance.releases.newest
        return _GATE_WORDS[newest.word] if newest else ("", "")


def in_words(glances: Sequence[ProjectGlance], *, today: date) -> list[GlanceWords]:
    """Each chart has an axis of its own: apps are not compared with one another."""
    names = [date_name(day) for day in Window(today=today).each_day]
    return [_of_project(each, names) for each in glances]


def _of_project(glance: ProjectGlance, names: Sequence[str]) -> GlanceWords:
    newest, by_day = glance.releases.newest, glance.releases.by_day
    lines = glance.judged_by
    rate = None
    if newest is not None and newest.users.total:
        rate = RateWords("user", newest.users, lines=lines.users)
    elif newest is not None:
        rate = RateWords("session", newest.sessions, lines=lines.sessions)
    if not any(tally.total for tally in by_day):
        return GlanceWords(glance, rate, None, "")
    spark = crash_free_spark(by_day, tallies_axis(by_day), lines.sessions)
    return GlanceWords(glance, rate, spark, _trend(names, by_day))


def _trend(names: Sequence[str], by_day: Sequence[Tally]) -> str:
    known = [(name, tally) for name, tally in zip(names, by_day, strict=True) if tally.total]
    worst = min(known, key=lambda each: crash_free_rate(each[1]) or 0)
    last = known[-1]
    return (
        f"Lowest {percent(crash_free_rate(worst[1]))} on {worst[0]},"
        f" last {percent(crash_free_rate(last[1]))} on {last[0]}."
    )
