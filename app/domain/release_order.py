"""In which order releases stand: by their versions, as semver.org 2.0.0 (section 11) has it.

Any text is a name, so any two must have an order: what has no version stands behind what has one,
in the order in which it first appeared. Whoever sorts by the name alone puts 1.10 before 1.9.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from app.domain.releases import read_version

# A number's key is how many digits it has, then these: of thousands of digits no integer is made.
_NumberKey = tuple[int, str]
# Numbers stand before words.
_IdentifierKey = tuple[int, int, str]
VersionKey = tuple[
    tuple[_NumberKey, ...], tuple[int, tuple[_IdentifierKey, ...]], tuple[_IdentifierKey, ...]
]

_BEFORE_NUMBER = re.compile(r"(?:release|version|rel|ver|v)?[-_/. ]?(?=[0-9])", re.IGNORECASE)
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_DAY = re.compile(r"[0-9]{4}([-_/])[0-9]{2}\1[0-9]{2}(?![0-9])")
# What Maven, Spring and Hibernate call a version that is none before it.
_AS_RELEASED = re.compile(r"[-.](?:final|release|ga)\Z", re.IGNORECASE)
# `1.0rc1`, as PEP 440 has it: glued to the number, unlike the letters of a commit.
_GLUED_PRE_RELEASE = re.compile(
    r"(?:alpha|beta|preview|pre|dev|rc|a|b|c)\.?[0-9]*\Z", re.IGNORECASE
)
_BUILD_IN_BRACKETS = re.compile(r" ?\(([^()]*)\)\Z")
_SEPARATORS = "-._ "
# A list of projects asks for those of a thousand names, the same again and again.
_KEPT_KEYS = 2000

_IS_RELEASED: tuple[int, tuple[_IdentifierKey, ...]] = (1, ())


@lru_cache(maxsize=_KEPT_KEYS)
def version_key(name: str) -> VersionKey | None:
    """What versions are ordered by: numbers, pre-release, build. None for a name without version.

    `com.acme.app@v1.4.2-beta.3+33` has all of them; `1.4` and `1.4.0` are equal. Semantic versions
    leave the build out, and here it decides between those that are equal without it.
    """
    version = read_version(name)
    number, build = version.number, version.build or ""
    if brackets := _BUILD_IN_BRACKETS.search(number):
        number, build = number[: brackets.start()], build or brackets[1]
    if before := _BEFORE_NUMBER.match(number):
        number = number[before.end() :]
    if day := _DAY.match(number):
        number = day[0].replace(day[1], ".") + number[day.end() :]
    numbers = _NUMBERS.match(number)
    if numbers is None:
        return None
    rest = _AS_RELEASED.sub("", number[numbers.end() :])
    is_glued = "." in numbers[0] and _GLUED_PRE_RELEASE.match(rest)
    if rest and rest[0] not in _SEPARATORS and not is_glued:
        return None
    parts = [_number_key(part) for part in numbers[0].split(".")]
    while parts and parts[-1] == _number_key("0"):
        del parts[-1]
    pre_release = (0, _identifier_keys(rest.lstrip(_SEPARATORS))) if rest else _IS_RELEASED
    return tuple(parts), pre_release, _identifier_keys(build)


def in_order(names: Sequence[str]) -> list[str]:
    """The oldest first; `names` come in the order in which they first appeared."""
    keys = {name: version_key(name) for name in names}
    without = [name for name in names if keys[name] is None]
    versions = {name: key for name, key in keys.items() if key is not None}
    return [*sorted(versions, key=lambda name: (versions[name], name)), *without]


def _identifier_keys(text: str) -> tuple[_IdentifierKey, ...]:
    return tuple(_identifier_key(each) for each in text.split(".")) if text else ()


def _identifier_key(identifier: str) -> _IdentifierKey:
    if identifier.isascii() and identifier.isdigit():
        return (0, *_number_key(identifier))
    return (1, 0, identifier)


def _number_key(digits: str) -> _NumberKey:
    significant = digits.lstrip("0")
    return len(significant), significant
