"""Which new passwords are refused: those that everybody tries, blanks, and one's own names.

zxcvbn estimates how many guesses a password withstands. Its cost grows exponentially with what it
is given, so it gets the beginning alone, without control characters, which break it; the password
itself is never cut. It takes 14 MiB and is loaded when the first password is chosen.
"""

import importlib
from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any

from app.domain.text import trimmed

# More than a year at the hundred guesses an hour that one account allows; zxcvbn's own line for
# guessing through a limit.
_GUESSES_TOO_FEW = 10**6
# What is looked at. Who begins with so much that is guessed may as well choose something else.
_JUDGED_CHARS = 32
# Characters that zxcvbn reads as letters too, in each combination of readings. What comes before
# one too many of them is looked at: of all keys in a row, "1234567890!@#".
_READ_AS_LETTERS = frozenset("4@8({[<369!|107+5$2%")
_MAX_READ_AS_LETTERS = 12
_SERVICE_NAMES = ("pionne-feedback", "pionne", "feedback")

# zxcvbn keeps what it is told of one user in a table for all.
_estimating = Lock()


def why_refused(password: str, *, email: str, name: str | None) -> str | None:
    """What to tell whoever chose it for the account of this address; None when it is fine."""
    if not trimmed(password):
        return "The password must not be blanks alone."
    local_part = email.partition("@")[0]
    own = [each.casefold() for each in (email, local_part, *(name or "").split(), name or "")]
    folded = trimmed(password).casefold()
    if folded in own:
        return "The password must not be your e-mail address or name: those are tried first."
    if folded in _SERVICE_NAMES:
        return "The password must not be the name of this service: that is tried first."
    if _is_guessed_soon(password, [*own, *_SERVICE_NAMES]):
        return (
            "The password is one that is tried early: a common one, a row of keys, a repetition,"
            " or nearly your own name. Choose a longer one, such as four words that do not belong"
            " together."
        )
    return None


def _is_guessed_soon(password: str, own: Sequence[str]) -> bool:
    with _estimating:
        estimate = _zxcvbn().zxcvbn(_judged(password), user_inputs=[each for each in own if each])
    return bool(estimate["guesses"] < _GUESSES_TOO_FEW)


def _judged(password: str) -> str:
    """As much of the beginning as is looked at, in bounded time."""
    judged = "".join(each if each.isprintable() else " " for each in password[:_JUDGED_CHARS])
    met: set[str] = set()
    for place, character in enumerate(judged):
        met |= _READ_AS_LETTERS & {character}
        if len(met) > _MAX_READ_AS_LETTERS:
            return judged[:place]
    return judged


@cache
def _zxcvbn() -> Any:
    return importlib.import_module("zxcvbn")
