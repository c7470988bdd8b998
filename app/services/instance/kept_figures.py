"""Compares kept figures with the rows that they are made of, whichever tables keep any.

Each table names the module that checks it, as `checked_in` of its duties (app.models.duties).
"""

import importlib
from collections.abc import Iterator

from app.models.declared import children_first, duties_of
from app.models.duties import HandledIn


def verify() -> Iterator[str]:
    """One line for each figure that differs; no line when all add up."""
    for module in sorted(modules()):
        yield from importlib.import_module(module).verify()


def modules() -> set[str]:
    places = [duties_of(model).checked_in for model in children_first()]
    return {place.module for place in places if isinstance(place, HandledIn)}
