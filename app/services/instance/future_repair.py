"""Puts rows of the future right, as each table declares it (`times` of app.models.duties).

Each step is complete in itself: interrupted, the next run goes on. The audit is never changed.
"""

import importlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from app.models.declared import children_first, duties_of
from app.models.duties import HandledIn, WhenAhead
from app.services.instance import future_times
from app.services.instance.future_rows import looked_at, words_for

_BY_DUTY: Mapping[WhenAhead, Callable[..., int]] = {
    WhenAhead.AS_ROW_BEFORE: future_times.as_row_before,
    WhenAhead.NOW: future_times.to_now,
    WhenAhead.TO_DAY_BEFORE: future_times.to_day_before,
    WhenAhead.ROW_GOES: future_times.remove,
}


def repair(*, now: datetime) -> Iterator[str]:
    """A line for each thing done; what other rows are made of comes before them."""
    done: set[str] = set()
    # What is the instance's own first: figures are made from a horizon on.
    for model in sorted(children_first(), key=lambda model: bool(duties_of(model).project_by)):
        times = duties_of(model).times
        modules = {duty.module for duty in times.values() if isinstance(duty, HandledIn)}
        for module in sorted(modules - done):
            yield from importlib.import_module(module).repair(now=now)
        done |= modules
        for column in looked_at(model):
            duty = times[column.name]
            if isinstance(duty, WhenAhead) and (moved := _BY_DUTY[duty](model, column, now=now)):
                yield f"{column.name} of {moved} {words_for(model)} put right"
