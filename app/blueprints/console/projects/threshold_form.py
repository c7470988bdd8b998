"""The form of what a project's releases are judged by: rates as percent, and counts."""

from collections.abc import Mapping
from typing import Any

from app.blueprints.console.forms import ConsoleForm, Count, Percent
from app.services.pages.project_summaries import ProjectSummary
from app.services.projects.thresholds import COLUMNS, MINIMUM_HIGHEST


class ThresholdForm(ConsoleForm):
    sessions_good_from = Percent("Crash-free sessions are good from, in %")
    sessions_warning_from = Percent("Crash-free sessions are fair from, in %")
    sessions_minimum = Count("Fewest sessions for a verdict", highest=MINIMUM_HIGHEST)
    users_good_from = Percent("Crash-free users are good from, in %")
    users_warning_from = Percent("Crash-free users are fair from, in %")
    users_minimum = Count("Fewest users for a verdict", highest=MINIMUM_HIGHEST)

    @property
    def values(self) -> Mapping[str, float | int]:
        return {
            name: self[name].share if isinstance(self[name], Percent) else self[name].count
            for name in COLUMNS
        }


def threshold_form(summary: ProjectSummary, **kwargs: Any) -> ThresholdForm:
    """With what holds now."""
    held = {name: getattr(summary, name) for name in COLUMNS}
    typed = {
        name: str(value) if name.endswith("minimum") else Percent.typed(value)
        for name, value in held.items()
    }
    return ThresholdForm(data=typed, **kwargs)
