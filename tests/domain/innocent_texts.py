"""Texts that look like personal data and are none, as the world sends them; by kind."""

import random
import string
from collections.abc import Callable

Maker = Callable[[random.Random], str]

_PACKAGES = (
    "react",
    "@babel/core",
    "com.acme.app",
    "lodash",
    "@sentry/react-native",
    "next",
    "app_x",
)
_PRE_RELEASES = (
    *("", "-canary", "-alpha", "-beta.3", "-rc.1", "-next.foo", "-alpha.beta", "-x.7.z.92"),
    *(".Final", ".RELEASE", "-SNAPSHOT", "-nightly.20240131", "-canary-3ff2c7ccd-20240131"),
)
_ENDINGS = ("png", "jpg", "webp", "svg", "js", "css", "tsx", "vue", "json")
_WORDS = (
    "checkout",
    "cart",
    "profile",
    "survey",
    "total",
    "pages",
    "length",
    "user",
    "list",
    "start",
)


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices(string.digits, k=count))


def _version(chance: random.Random) -> str:
    numbers = ".".join(str(chance.randint(0, 40)) for _ in range(3))
    return numbers + chance.choice(_PRE_RELEASES) + chance.choice(("", "", "+build.45"))


def released_package(chance: random.Random) -> str:
    prefix = chance.choice(("", "v", "^", "~"))
    return f"broke with {chance.choice(_PACKAGES)}@{prefix}{_version(chance)} today"


def pnpm_path(chance: random.Random) -> str:
    names = [chance.choice(_PACKAGES).replace("/", "+") for _ in range(3)]
    peers = "_".join(f"{name}@{_version(chance)}" for name in names)
    return f"node_modules/.pnpm/{peers}/node_modules/next/index.js"


def picture_of_a_density(chance: random.Random) -> str:
    density = chance.choice(("@2x", "@3x", "@1.5x", "@2x~ipad"))
    return f"/img/{chance.choice(_WORDS)}{density}.{chance.choice(_ENDINGS)} is blurry"


def path_with_an_at_sign(chance: random.Random) -> str:
    word, ending = chance.choice(_WORDS), chance.choice(_ENDINGS)
    return chance.choice(
        (
            f"http://localhost:5173/@fs/home/{word}.{ending}",
            f"http://localhost:5173/deps/@tanstack_{word}.{ending}",
            f"https://youtube.com/@some.{word} please",
            f"https://medium.com/@{word}.{word}/story",
        )
    )


def frame_of_hermes(chance: random.Random) -> str:
    files = ("index.android.bundle", "main.jsbundle", "app.min.js", "[native code]", "main.hbc")
    where = f"{chance.randint(1, 99_999)}:{chance.randint(1, 99_999)}"
    return f"{chance.choice(('value', 'onPress', 'e.exports'))}@{chance.choice(files)}:{where}"


def frame_of_the_jvm(chance: random.Random) -> str:
    return f"at com.acme.{chance.choice(('KeyJobs', 'keyJar'))}.{chance.choice(_WORDS)}.run(A.kt:3)"


def property_like_a_token(chance: random.Random) -> str:
    name = chance.choice(("surveyJson", "moneyJar", "keyJobs", "eyJson", "newkey"))
    return f"this.{name}.{chance.choice(_WORDS)}.{chance.choice(_WORDS)} is undefined"


def years(chance: random.Random) -> str:
    return " ".join(str(chance.randint(1950, 2060)) for _ in range(chance.randint(3, 8)))


def moment(chance: random.Random) -> str:
    day = f"20{chance.randint(10, 39)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    return f"order {day}{chance.randint(0, 235_959):06} at {chance.randint(10**12, 2 * 10**12)}"


def imei(chance: random.Random) -> str:
    return f"imei 35{_digits(chance, 13)}"


def order_of_a_shop(chance: random.Random) -> str:
    return "-".join((_digits(chance, 3), _digits(chance, 7), _digits(chance, 7)))


def log_line(chance: random.Random) -> str:
    return (
        f"GET /api/{_digits(chance, 6)} 200 {chance.randint(1, 9999)}ms {chance.randint(1, 10**6)}"
    )


def parcel(chance: random.Random) -> str:
    fours = " ".join(_digits(chance, 4) for _ in range(4))
    return chance.choice(
        (
            f"9400 {fours} {_digits(chance, 2)}",
            f"1Z{_digits(chance, 16)}",
            f"RR{_digits(chance, 9)}DE",
            " ".join(_digits(chance, 4) for _ in range(3)),
        )
    )


def phone(chance: random.Random) -> str:
    number = f"{chance.randint(1, 999)}{_digits(chance, 10)}"
    return chance.choice(
        (
            f"+{number}",
            f"call +49 {_digits(chance, 4)} {_digits(chance, 7)}",
            f"0049 ({_digits(chance, 3)}) {_digits(chance, 7)}",
            f"{_digits(chance, 3)}-{_digits(chance, 3)}-{_digits(chance, 4)}",
        )
    )


def id_in_hexadecimal(chance: random.Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    grouped = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return f"id {chance.choice((digits, grouped, digits + digits[:8]))} failed"


def goods(chance: random.Random) -> str:
    name = chance.choice(("EAN", "Barcode:", "gtin=", "Strichcode", "JAN", "code-barres", "条码："))
    numbers = [f"4{_digits(chance, 12)}" for _ in range(chance.randint(1, 4))]
    return f"{name} {chance.choice((' ', ', ', '; ')).join(numbers)}"


def small_numbers(chance: random.Random) -> str:
    width = chance.choice((1, 2, 3))
    return " ".join(_digits(chance, width) for _ in range(12))


KINDS: tuple[Maker, ...] = (
    *(released_package, pnpm_path, picture_of_a_density, path_with_an_at_sign, frame_of_hermes),
    *(frame_of_the_jvm, property_like_a_token, years, moment, imei, order_of_a_shop, log_line),
    *(parcel, phone, small_numbers, id_in_hexadecimal, goods),
)
