"""A stack in the parts that it tells: the exception that was caught, and those that caused it.

Languages differ in what comes first. Java and JavaScript tell the cause last, .NET and PHP first.
"""

import re
from dataclasses import dataclass, field

# Java, Kotlin, React Native: `Caused by: a.b.C: message`; Node: `[cause]: TypeError: message {`.
_CAUSE_BELOW = re.compile(r"(?:Caused by:|\[cause\]:)\s*+(?P<type>[^\s:({]++)")
# .NET: ` ---> A.B.C: message`, on a line of its own or behind the outer message. The frames of the
# cause come next, up to the line below.
_CAUSE_ABOVE = re.compile(r"---> (?:\(Inner Exception #\d++\) )?(?P<type>[A-Za-z][\w.`+]*+)")
_END_OF_CAUSE = "--- End of inner exception stack trace ---"
# PHP tells what was caught after its cause: `Next RuntimeException: message in /app/a.php:12`.
_PHP_OUTER = re.compile(r"Next [A-Za-z_\\][\w\\]*+(?=:| in )")
_PHP_HEAD = re.compile(r"(?:PHP )?(?:Fatal error:\s++)?(?:Uncaught )?(?P<type>[A-Za-z_\\][\w\\]*+)")


@dataclass
class Part:
    """One exception of the chain; `type` is None for the one that the event names itself."""

    type: str | None
    lines: list[str] = field(default_factory=list)


def parts_of(stack: list[str]) -> list[Part]:
    """The outermost exception first, its deepest cause last; one part where there is no chain."""
    parts = [Part(None)]
    reading = [parts[0]]  # of .NET, whose causes end: the innermost that has not ended is last
    for line in stack:
        text = line.strip()
        if text.startswith(("Caused by:", "[cause]:")) and (below := _CAUSE_BELOW.match(text)):
            parts.append(Part(below["type"]))
            reading = [parts[-1]]
        elif text.startswith("Suppressed:"):
            reading = [Part("")]  # failed while another exception was on its way, and caused none
        elif text == _END_OF_CAUSE:
            reading = reading[:-1] or [parts[0]]
        elif "---> " in text and (causes := _CAUSE_ABOVE.findall(text)):
            inner = [Part(cause) for cause in causes]
            parts += inner
            reading += inner
        elif text.startswith("Next ") and _PHP_OUTER.match(text):
            head = _PHP_HEAD.match(parts[0].lines[0].strip()) if parts[0].lines else None
            parts[0].type = head["type"] if head else None
            parts.insert(0, Part(None))
            reading = [parts[0]]
        else:
            reading[-1].lines.append(line)
    return parts
