"""Which texts name an address, however it is typed there, and how they are made not to.

Case does not matter, nor how accents are composed; in a link the address may be percent-encoded.
`mojo@example.com` does not name `jo@example.com`, and neither does `jo@example.com.au`: what is
taken for a mention is deleted, and may be somebody else's. Names of builds are not deleted, and put
dots, dashes and pluses between what they are made of: `1.4.2+jo@example.com` does name him there.
"""

import re
import unicodedata
from typing import Any
from urllib.parse import unquote

from app.domain.email_address import email_key
from app.domain.scrubber import REDACTED

# What would make a local part longer than it looks, and a domain.
_NOT_LONGER_BEFORE = r"(?<![\w.+%-])(?<!\w['\u2019])"
_NOT_LONGER_AFTER = r"(?![\w-])(?!\.\w)"
_NO_LETTER_BEFORE, _NO_LETTER_AFTER = r"(?<![^\W_])", r"(?![^\W_])"
# Characters that stand for themselves in plain text, in a link and in JSON.
_PLAIN_RUN = re.compile("(?:[a-z0-9](?![\u0300-\u036f]))+")


class AddressMatcher:
    """Tells what names one address; with `in_names`, in the name of a build or the like."""

    def __init__(self, address: str, *, in_names: bool = False) -> None:
        self.key = email_key(address)
        # For digests, which can only be compared: as it was typed, and as most apps keep it.
        self.spellings = {address, unicodedata.normalize("NFC", address), self.key}
        normal_key = _normal(self.key)
        local_part, _, domain = normal_key.rpartition("@")
        # Every text that names the address has all of these, in upper or lower case; a database
        # finds candidates by them, whatever it knows about letters.
        self.plain_runs = [
            max(runs, key=len)
            for part in (local_part, domain)
            if (runs := _PLAIN_RUN.findall(part))
        ]
        before, after = (
            (_NO_LETTER_BEFORE, _NO_LETTER_AFTER)
            if in_names
            else (_NOT_LONGER_BEFORE, _NOT_LONGER_AFTER)
        )
        self._pattern = re.compile(before + re.escape(normal_key) + after)

    def is_named_in(self, value: object) -> bool:
        """For texts, and whatever JSON holds; names of an object's items count, too."""
        if isinstance(value, str):
            return self._is_named_in_text(value)
        if isinstance(value, dict):
            return any(map(self.is_named_in, (*value, *value.values())))
        return isinstance(value, list) and any(map(self.is_named_in, value))

    def hide_in(self, value: Any) -> Any:
        """The same value, with `[REDACTED]` for each text that names the address."""
        if isinstance(value, str):
            return REDACTED if self._is_named_in_text(value) else value
        if isinstance(value, dict):
            return {self.hide_in(name): self.hide_in(item) for name, item in value.items()}
        return [self.hide_in(item) for item in value] if isinstance(value, list) else value

    def _is_named_in_text(self, text: str) -> bool:
        if self._pattern.search(_normal(text)):
            return True
        return "%" in text and self._pattern.search(_normal(unquote(text))) is not None


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower())
