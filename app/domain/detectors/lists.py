"""What is taken out of a text that is a list of personal data: whole words, without looking close.

Finding the exact ends of an address takes Python code, and somebody may send a text of nothing
else. Behind the last find that is looked for closely (`Reading.most_finds`), each word with an at
sign goes as a whole, each run of three dotted parts in which a token may begin, and all digits that
are as many as a card's. Patterns alone do that, and read each character a few times at most.
"""

import re

from app.domain.detectors.escapes import ESCAPE

_ENCODED_AT = re.compile(
    r"[\uff20\ufe6b]|%(?:25)*+40|&(?:amp;)*+(?:\#0*+64|\#[xX]0*+40|commat);|\\(?:u00|x)40"
)
# Replaced at a tenth of what the pattern costs.
_USUAL_ENCODED_ATS = ("%40", "&#64;", "\\u0040", "\uff20")
_MAY_HOLD_ENCODED_AT = re.compile(r"[%&\\\uff20\ufe6b]")
_QUOTED_BEFORE_AT = re.compile(r'"[^"\n]*+"(?=@)')
# Tried where a word begins, and nowhere else: so nothing is read twice.
_WORD_WITH_AT = re.compile(r"(?<![^\s,<>()\[\]\"])[^\s,<>()\[\]\"@]*+@[^\s,<>()\[\]\"]*+")
_MAY_HOLD_TOKEN = re.compile(r"e[yw]")
_TOKEN = re.compile(
    r"(?<![\w.-])(?=[\w.-]*?e(?:y[A-DI-L]|w[k-r0-3]))[\w-]*+(?:\.[\w-]*+){2,}+", re.ASCII
)
_NUMBER = re.compile(r"[0-9](?<![0-9]{2})[0-9]{12,}+")


def _card_of(digit: str) -> re.Pattern[str]:
    between = rf"(?:[ +\u00a0\u2007\u2009\u202f\u2010-\u2015\u2212\uff0d-]|{ESCAPE})"
    return re.compile(
        rf"{digit}(?<!{digit}{digit})(?=(?:{between}?{digit}){{12}})"
        rf"{digit}*+(?:{between}{digit}++)*+"
    )


_CARD = _card_of("[0-9]")
_CARD_IN_ANY_SCRIPT = _card_of(r"\d")


def swept(text: str, replacement: str) -> str:
    """The text with the replacement for each word that may be, or hold, personal data."""
    for written in _USUAL_ENCODED_ATS:
        text = text.replace(written, "@")
    if _MAY_HOLD_ENCODED_AT.search(text):
        text = _ENCODED_AT.sub("@", text)
    if "@" in text:
        text = _WORD_WITH_AT.sub(replacement, _QUOTED_BEFORE_AT.sub("", text))
    if _MAY_HOLD_TOKEN.search(text):
        text = _TOKEN.sub(replacement, text)
    text = _NUMBER.sub(replacement, text)
    return (_CARD if text.isascii() else _CARD_IN_ANY_SCRIPT).sub(replacement, text)
