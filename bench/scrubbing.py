"""What scrubbing 2,000 characters costs at worst (`python -m bench.scrubbing`).

Units of text are repeated: those that hold, nearly hold, or are made of what the scrubber looks
for. Others are numbered, so that no two are the same: what is remembered within a text is no help
there. CPU time, the least of many runs; the last columns show how it grows.
"""

import argparse
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from itertools import count

import click

from app.domain.scrubber import scrub
from bench.figures import table

CHARS = 2000
TARGET_MICROSECONDS = 300
PLAIN_TEXT = "`plain text`"
PLAIN = "These are the plain words of a text. "
UNITS = (
    *("@", "a@", "a@a.a.", "a@1.1 ", "@a.b_-", "'@a.bc'", "a@b.co ", "a@b.co,", "x=a@b.co&"),
    *("'a@b.co'", '"@a.b', '\\"@a.b', "://a=@b.co/", "é@é.co ", "用户@例え.jp ", "a@b.co\u4f60"),
    *("请联系jo@example.com谢谢", "a%40b.co ", "a%2540b.co ", "a&#64;b.co ", "a\\u0040b.co "),
    *("a\uff20b.co ", "\uff20", "%40", "%D0%B8", "&#64;", "&lt;", "&eacute;", "\\u0040", "%25"),
    *("eyJ", "eyJ..", "eyJhbGciOiIifQ", "eyJhbGciOiIifQ.", "eyJhbGciOiIifQ.a.b "),
    *("eyJhbGciOiIifQeyJ.", "eyJaaaaaaaaaaa.b.c ", "eyJ4IjoiImFsZyI6In0.b.c "),
    *("4", "4-", "1 ", "3400 ", "4242 ", "1234 5678 ", "4222222222222 ", "4222222222223 "),
    *("4111111111111111", "4242424242424242 ", "4242-4242-4242-4242,", "4111 1111 1111 1111 "),
    *("3782 822463 10005 ", "4242%20", "4222222222222%20", "DE12 4222222222222 "),
    *("a@b.co4222222222222 ", "\u0661" * 13 + " ", "\u0664" + "\u0661" * 15 + " "),
)


def _card(number: int) -> str:
    """Of sixteen digits, with the check digit (ISO/IEC 7812)."""
    digits = f"4242{number:011d}"
    total = sum(map(int, digits[1::2])) + sum(sum(divmod(2 * int(one), 10)) for one in digits[::2])
    return f"{digits}{-total % 10}"


def _short_card(number: int) -> str:
    """Of thirteen digits, as goods have them."""
    digits = f"4{number:011d}"
    total = sum(map(int, digits[::2])) + sum(sum(divmod(2 * int(one), 10)) for one in digits[1::2])
    return f"{digits}{-total % 10}"


def _in_fours(digits: str, between: str) -> str:
    return between.join(digits[place : place + 4] for place in range(0, len(digits), 4))


def _token(header: str) -> str:
    return urlsafe_b64encode(header.encode()).decode().rstrip("=") + ".b.c"


# By what is printed for them: how the unit of a number is written.
NUMBERED: dict[str, Callable[[int], str]] = {
    "a1@b1.co": lambda number: f"a{number}@b{number}.co ",
    "a1%40b1.co": lambda number: f"a{number}%40b{number}.co ",
    "a1%2540b1.co": lambda number: f"a{number}%2540b{number}.co ",
    "escapes": lambda number: f"%{0x20 + number % 0x5F:02X}",
    "cards": lambda number: f"{_card(number)} ",
    "cards in fours": lambda number: f"{_in_fours(_card(number), '-')},",
    "cards encoded": lambda number: f"{_card(number)}%20",
    "fours encoded": lambda number: f"{4000 + number % 6000}%20",
    "a1@b1.co and cards": lambda number: f"a{number}@b{number}.co{_short_card(number)} ",
    "accounts": lambda number: f"DE{10 + number % 90} {_short_card(number)} ",
    "tokens": lambda number: _token(f'{{"alg":"{number}"}}') + " ",
    "objects in tokens": lambda number: _token(f'{{"alg":"{number}","x":{{}}}}') + " ",
    "no tokens": lambda number: _token(f'{{"x":"{number}"alg":"}}') + " ",
    "no objects in tokens": lambda number: _token(f'{{"x":[{number}"alg":}}') + " ",
    "all kinds": lambda number: (
        f"a{number}@b{number}.co {_card(number)} " + _token(f'{{"alg":"{number}"}}') + " "
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=50, help="of each text")
    parser.add_argument("--show", type=int, default=15, help="so many of the worst")
    options = parser.parse_args(arguments)
    texts: dict[str, Callable[[int], str]] = {f"`{unit!a}`": _repeated(unit) for unit in UNITS}
    texts |= {f"`{name}` numbered": _numbered(unit) for name, unit in NUMBERED.items()}
    costs = {name: _microseconds(text(CHARS), options.runs) for name, text in texts.items()}
    worst = sorted(costs, key=lambda name: costs[name], reverse=True)[: options.show]
    texts[PLAIN_TEXT] = _repeated(PLAIN)
    plain = costs[PLAIN_TEXT] = _microseconds(texts[PLAIN_TEXT](CHARS), options.runs)
    rows = []
    for name in [*worst, PLAIN_TEXT]:
        growth = [_microseconds(texts[name](CHARS * times), options.runs // 5) for times in (4, 16)]
        over = "over" if costs[name] > TARGET_MICROSECONDS else ""
        figures = [f"{figure:,.0f}" for figure in (costs[name], *growth)]
        rows.append([name, *figures, f"{costs[name] / plain:.1f}", over])
    heads = ["text", f"µs of {CHARS} characters", "of 4 times as many", "of 16 times"]
    click.echo(table([*heads, "÷ plain", f"of {TARGET_MICROSECONDS} µs"], rows))


def _repeated(unit: str) -> Callable[[int], str]:
    return lambda chars: (unit * chars)[:chars]


def _numbered(unit: Callable[[int], str]) -> Callable[[int], str]:
    def text(chars: int) -> str:
        units: list[str] = []
        size = 0
        for number in count():
            if size >= chars:
                break
            units.append(unit(number))
            size += len(units[-1])
        return "".join(units)[:chars]

    return text


def _microseconds(text: str, runs: int) -> float:
    least = float("inf")
    for _ in range(max(3, runs)):
        began = time.process_time()
        scrub(text)
        least = min(least, time.process_time() - began)
    return least * 1e6


if __name__ == "__main__":
    main()
