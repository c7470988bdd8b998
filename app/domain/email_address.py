"""Which e-mail addresses are valid: syntax of RFC 5321, 5322 and 6531, never a DNS look-up."""

import re
import unicodedata

import email_validator
from email_validator import EmailNotValidError, validate_email

from app.domain.field_limits import EMAIL_MAX_CHARS

# The library refuses these names whatever it is told; `user@localhost` and `jo@printer.local` are
# valid all the same. Emptying the list is its documented way.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


# Stands for a comment; no text that is checked holds it.
_COMMENT = "\0"

# What nearly all addresses look like. The library would say yes, too, after thirty times as long
# (a test holds them together); whatever does not look so is for the library to decide.
_PLAIN = re.compile(
    r"[A-Za-z0-9_+-]{1,30}(?:\.[A-Za-z0-9_+-]{1,30})?"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9]|-(?!-)){0,30}(?<!-)\.){1,3}[A-Za-z]{2,20}"
)


def is_valid_email(text: str) -> bool:
    """True also for quoted local parts, comments, `user@localhost`, address literals and IDN."""
    return _PLAIN.fullmatch(text) is not None or is_valid_by_library(text)


def is_valid_by_library(text: str) -> bool:
    """Whether the library takes the address: slow, and right about all kinds."""
    try:
        validate_email(
            _without_comments(text) if "(" in text else text,
            allow_smtputf8=True,
            allow_quoted_local=True,
            allow_domain_literal=True,
            allow_empty_local=False,
            allow_display_name=False,
            check_deliverability=False,
            globally_deliverable=False,
        )
    except EmailNotValidError:
        return False
    return True


def _without_comments(text: str) -> str:
    """The address without `(comments)`, which the library does not know (RFC 5322 section 3.2.2).

    They may stand at both ends of the local part and of the domain, hold others, and escape a
    parenthesis. Where one stands elsewhere, or stays open, the text is left as it is, and invalid.
    """
    kept: list[str] = []
    depth, is_quoted, is_escaped = 0, False, False
    for character in text:
        if is_escaped or character == "\\":
            is_escaped = not is_escaped
        elif depth:
            depth += {"(": 1, ")": -1}.get(character, 0)
            continue
        elif character == '"':
            is_quoted = not is_quoted
        elif character == "(" and not is_quoted:
            depth = 1
            kept.append(_COMMENT)
            continue
        if not depth:
            kept.append(character)
    local, at, domain = "".join(kept).rpartition("@")
    bare = f"{local.strip(_COMMENT)}{at}{domain.strip(_COMMENT)}"
    return text if depth or _COMMENT in bare else bare


def email_key(address: str) -> str:
    """What makes two spellings one address: an account is found however its address is typed.

    Letters in lower case, and in one of the forms that look the same (Unicode's NFC). Cut, because
    some letters become two in lower case (İ) and the column holds so many.
    """
    return unicodedata.normalize("NFC", address.lower())[:EMAIL_MAX_CHARS]
