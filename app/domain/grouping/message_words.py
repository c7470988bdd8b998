"""A message without what differs between two throws of one bug: ids, numbers, times, hashes.

For comparison only. Words of the program stay: `reading 'id'` and `reading 'mail'` are two bugs.
"""

import re

from app.domain.grouping.file_names import file_name

# Each pattern reads a text once: repetitions are possessive, and looks back and ahead are short.
_URL = re.compile(r"\b(?:blob:)?[A-Za-z][A-Za-z\d+.-]{1,30}+://[^\s\"'`<>()\[\]{},;]++")
_PATH = re.compile(
    r"(?<![\w./\\@-])(?:[A-Za-z]:\\|\.{0,2}/)(?:[^\s\"'`<>()\[\]{},;:/\\]++[/\\])++"
    r"[^\s\"'`<>()\[\]{},;/\\]++"
)
_FILE = re.compile(
    r"(?<![\w./\\@-])[\w-]++(?:\.[\w-]++)*?\.(?:[cm]?jsx?|[cm]?tsx?|css|wasm|jsbundle)\b"
)
_QUOTED = re.compile(
    r"(?:\"(?P<double>[^\"\n]{1,200}+)\"|(?<!\w)'(?P<single>[^'\n]{1,200}+)'(?!\w)"
    r"|`(?P<tick>[^`\n]{1,200}+)`|[«„“](?P<print>[^«»„“”\n]{1,200}+)[»“”]"
    r"|[‘‚](?P<thin>[^‘’‚\n]{1,200}+)[’‘])"
    r"(?P<behind> is not (?:defined|a (?:function|constructor)|iterable|an object))?"
)
_WORD_BEFORE = re.compile(r"(\w+)[ :=(]{0,2}$")
_LOOKED_BACK_CHARS = 20
_WORDS_OF_PROGRAMS = frozenset(
    "reading setting property properties method function class module attribute column table"
    " relation"
    " key field parameter argument type variable constant option service symbol export import"
    " member"
    " constructor interface package command directive component prop hook index schema trait enum"
    " of"
    " named call to evaluating".split()
)
_NAME = re.compile(r"[A-Za-z_$][\w$]*+(?:[.\\][A-Za-z_$][\w$]*+)*+")

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:day|sday|nesday|rsday|urday)?"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
# As Germans, French, Spaniards, Italians, Portuguese, Dutch, Poles and Swedes begin them.
_MONTH_ELSEWHERE = (
    r"(?i:jan|sty|gen|ene|feb|lut|fev|fév|mär|mar|maa|mrt|kwi|avr|abr|apr|mai|may|mag|mei|maj|jun"
    r"|jui|giu|cze"
    r"|jul|lug|lip|aug|ago|aoû|sie|sep|set|wrz|okt|oct|ott|out|paź|nov|lis|dez|déc|dec|dic|gru)"
    r"[a-zà-ÿ]{0,9}"
)
_ZONE = (
    r"(?: ?(?:Z|GMT|UTC|[A-Z]{2,4}T)\b)?(?: ?[+-]\d{2}:?\d{2}\b)?"
    r"(?: \((?:[A-Z]{3,5}|[A-Z][a-z]++(?: [A-Z][a-z]++){1,3})\))?"
)
_CLOCK = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:[.,]\d{{1,9}})?(?: ?[AaPp][Mm]\b)?{_ZONE}"
_TIME = re.compile(
    rf"\b{_DAY}\b,? ?(?=\d|{_MONTH})"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?[ -]{_MONTH}\b(?:[ ,-]{{1,2}}\d{{2,4}}\b)?"
    rf"|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}}\b)?"
    rf"|\b\d{{1,2}}\.? (?:de )?{_MONTH_ELSEWHERE}\.?,? (?:de )?\d{{4}}\b"
    rf"|\b\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?:[T _]{_CLOCK})?"
    rf"|\b\d{{8}}(?:T| (?=\d{{6}}(?!\d)))\d{{4,6}}{_ZONE}"
    r"|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b"
    rf"|\b{_CLOCK}"
    # Alone, where no other word is written so: `May` and `March` are.
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b"
    r"|\b(?:January|February|April|June|July|August|September|October|November|December)\b"
    r"|(?<=\w )\bMarch\b|(?<=[:(] )\bMarch\b|(?<=\()March\b"
)

# Then word by word: what stands between blanks and brackets.
_WORD = re.compile(r"[^\s,;()\[\]{}<>\"'`=|*]++")
_ID = re.compile(
    r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}"  # UUID
    r"|0x[0-9a-f]++|0b[01]++"
    r"|P(?=T?\d)(?:\d++[YMWD])*+(?:T(?:\d++(?:\.\d++)?[HMS])++)?"  # how long, in ISO 8601
    r"|[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5,7}"  # MAC
    r"|(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{6,}"  # commits, ObjectIds, hashes
    r"|\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?:/\d{1,2})?"  # IPv4
    r"|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}"  # MAC, as routers write it
    r"|(?:v\d++|\d++\.\d++)(?:\.\d++){1,2}(?:-[0-9a-z]++(?:\.\d++)*+)?(?:\+[\w.]++)?"  # versions
    r"|\[?(?=[^:]*:[^:]*:)(?=[^\d]*\d|::|(?:[0-9a-f]{1,4}:){7})"
    r"(?!\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d++)?$)[0-9a-f:]{2,39}"
    r"(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?:%\w++)?(?:/\d{1,3})?\]?",
    re.IGNORECASE,
)
# `cus_9s6XKzkNRiz8i3`, `req-8fA0b1C2`, `sk_live_…`: words, a sign, and letters mixed with digits.
_PREFIXED_ID = re.compile(r"((?:[A-Za-z]{2,12}[_-]){1,3})((?=[A-Za-z]*\d)[A-Za-z0-9]{6,})")
_WORDLIKE = re.compile(r"[A-Za-z]++\d{0,3}(?:[-_.:/@][A-Za-z]++\d{0,3})*+")
# `urn:uuid:5f0c…`, `sha256:e3b0…`, `order/507f…`: what it is, and which.
_OF_A_KIND = re.compile(r"[A-Za-z][\w.:/-]*[:/](?=[^:/]++$)")
_LETTERS_OR_DIGITS = re.compile(r"[A-Za-z]++|\d++")
# `U0G9QF9C6`, `Z9Y8-X7W6`: letters and digits change so often in no word of so few.
_CODE = re.compile(r"[A-Za-z0-9]++(?:-[A-Za-z0-9]++)*+")
_CODE_MIN_CHARS, _CODE_MIN_TURNS = 7, 5
_LISTED = re.compile(r"<id>(?:, ?<id>)++")
_ID_MIN_CHARS = 10  # of letters and digits that no word is: ULID, nano id, base64
_ID_SIGNS = re.compile(r"[A-Za-z0-9_+/-]++={0,2}")
# `com.acme.Cart@1b2c3d`, as the JVM writes an object.
_OBJECT_HASH = re.compile(r"(?<=[A-Za-z\d;])@[0-9a-f]{4,8}\b")
# `tok_AbdEfGhjKlNop`: large and small letters as no words have them.
_RANDOM_LETTERS = re.compile(r"(?:[a-z]{2,8}_){1,2}(?=\w*[a-z])(?=\w*[A-Z])[A-Za-z]{12,}")
_CAMEL_CASE = re.compile(r"(?:[a-z]++_)*+[a-z]*+(?:[A-Z]++[a-z]{2,}+)*+[A-Z]*+")
_PADDING = re.compile(r"(?<=<id>)={1,2}(?!\w)")
_PHONE = re.compile(r"(?<!\w)\+\d{1,3}(?:[ -]\d{2,7}){2,5}+(?!\d)")
_SEVERAL_TIMES = re.compile(r"<time>(?:[ ,T]{0,2}<time>)*+")
_NUMBER = re.compile(
    r"(?<![\w.])[+-]?\d++(?:[.,’_\u00a0\u202f]\d++)*+(?:[eE][+-]?\d++)?"
    # What it is measured in goes with it: 900 KB is 0.9 MB.
    r"(?:(?:us|s|h)\b| ?(?:(?:[kKMGT]i?)?B|ms|µs|ns|px|sec(?:ond)?s?|min(?:ute)?s?|hours?)\b|%)?"
    r"|\d++(?:[.,]\d++)*+"
)


def message_words(message: str) -> str:
    """With `<id>` in place of ids, numbers and times, and `<value>` of what is quoted."""
    text = message
    for pattern in (_URL, _PATH, _FILE):
        text = pattern.sub(lambda found: f"<{file_name(found[0])}>", text)
    # A number and an id may look alike, so both leave the same sign; dates are made of numbers.
    text = _OBJECT_HASH.sub("@<id>", _PHONE.sub("<id>", _QUOTED.sub(_quoted, text)))
    text = _PADDING.sub("", _WORD.sub(_word, text))
    text = _NUMBER.sub("<id>", _TIME.sub("<time>", text))
    return _LISTED.sub("<id>", " ".join(_SEVERAL_TIMES.sub("<id>", text).split()))


def _quoted(found: re.Match[str]) -> str:
    """A name stays where the words around it are about programs."""
    before = _WORD_BEFORE.search(
        found.string, max(0, found.start() - _LOOKED_BACK_CHARS), found.start()
    )
    behind = found["behind"] or ""
    text = next(filter(None, found.group("double", "single", "tick", "print", "thin")))
    word = before[1].lower() if before else ""
    if word == "evaluating":  # of `e.total` a minifier made the first part
        text = text.rpartition(".")[2]
    if word == "module" and "/" in text:
        return f"'{file_name(text)}'{behind}"
    if (behind or word in _WORDS_OF_PROGRAMS) and _NAME.fullmatch(text):
        return f"'{text}'{behind}"
    return f"<value>{behind}"


def _word(found: re.Match[str]) -> str:
    word = found[0].rstrip(".!?")
    if word.endswith(":") and not word.endswith("::"):  # as an address of IPv6 may end
        word = word[:-1]
    end = found[0][len(word) :]
    if _ID.fullmatch(word):
        return "<id>" + end
    if kind := _OF_A_KIND.match(word):
        which = word[kind.end() :]
        if _ID.fullmatch(which) or (len(which) >= _ID_MIN_CHARS and _is_mixed(which)):
            return kind[0] + "<id>" + end
    if prefixed := _PREFIXED_ID.fullmatch(word):
        return prefixed[1] + "<id>" + end
    if _RANDOM_LETTERS.fullmatch(word) and not _CAMEL_CASE.fullmatch(word):
        return "<id>" + end
    if (len(word) >= _ID_MIN_CHARS and _is_mixed(word)) or _is_code(word):
        return "<id>" + end
    return found[0]


def _is_code(word: str) -> bool:
    if len(word) < _CODE_MIN_CHARS or word.isalpha() or not _CODE.fullmatch(word):
        return False
    return len(_LETTERS_OR_DIGITS.findall(word.replace("-", ""))) >= _CODE_MIN_TURNS


def _is_mixed(word: str) -> bool:
    """Letters and digits by turns, as chance writes them."""
    return (
        bool(_ID_SIGNS.fullmatch(word))
        and not _WORDLIKE.fullmatch(word)
        and any(sign.isdigit() for sign in word)
        and any(sign.isalpha() for sign in word)
    )
