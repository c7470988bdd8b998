"""Texts as the world writes them, in many languages, stay to the byte: 3,000 of each kind.

Made by faker, which knows how names, phones and codes look in each country. Our own kinds, which
look like personal data on purpose, are in tests/domain/innocent_texts.py.
"""

from collections.abc import Callable

import pytest
from faker import Faker

from app.domain.scrubber import scrub

COUNT, MOST_CHANGED = 3000, 3
LOCALES = ("en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "ru_RU", "pl_PL", "el_GR")
LOCALES += ("tr_TR", "ja_JP", "zh_CN", "ko_KR", "ar_AA", "hi_IN", "th_TH")

KINDS: dict[str, Callable[[Faker], str]] = {
    "ids": lambda fake: f"{fake.uuid4()} {fake.hexify('^' * 24)} {fake.sha1()}",
    "networks": lambda fake: f"{fake.mac_address()} {fake.ipv4()} {fake.ipv6()}",
    "logins": lambda fake: f"ssh {fake.user_name()}@{fake.ipv4()} or {fake.user_name()}@localhost",
    "times": lambda fake: f"{fake.iso8601()} {fake.date_time():%Y%m%d%H%M%S} {fake.unix_time()}",
    "dates": lambda fake: " ".join(f"{fake.date_object():%Y%m%d}" for _ in range(4)),
    "places": lambda fake: str(fake.local_latlng()),
    "files": lambda fake: fake.file_path(depth=3),
    "links": lambda fake: f"{fake.uri()}?page={fake.random_int()}&x=%20{fake.word()}",
    "browsers": lambda fake: fake.user_agent(),
    "handles": lambda fake: f"see @{fake.user_name()}.{fake.word()} and x.com/@{fake.word()}.com",
    "releases": lambda fake: f"{fake.word()}@{fake.numerify('%.%.#')}-{fake.word()}.{fake.word()}",
    "goods": lambda fake: f"EAN {fake.ean13()}, ISBN {fake.isbn13()}",
    "parcels": lambda fake: fake.numerify("94## #### #### #### #### ##, JJD0################"),
    "orders": lambda fake: fake.numerify("###-#######-#######"),
    "accounts": lambda fake: fake.iban(),
    "log lines": lambda fake: (
        f'{fake.ipv4()} - - [{fake.date_time():%d/%b/%Y:%H:%M:%S} +0000] "GET {fake.uri_path()}"'
        f" 200 {fake.random_int(1, 999_999)}"
    ),
}


def changed(make: Callable[[Faker], str], fake: Faker) -> list[str]:
    fake.seed_instance(2026)
    texts = [make(fake) for _ in range(COUNT)]
    return [text for text in texts if scrub(text) != text]


@pytest.mark.parametrize("locale", LOCALES)
def test_prose_of_many_languages_stays(locale):
    assert len(changed(lambda fake: fake.text(80), Faker(locale))) <= MOST_CHANGED


@pytest.mark.parametrize("locale", LOCALES)
def test_phones_and_addresses_of_many_countries_stay(locale):
    def contact(fake: Faker) -> str:
        return f"{fake.phone_number()}, {fake.address()}"

    assert len(changed(contact, Faker(locale))) <= MOST_CHANGED


@pytest.mark.parametrize("kind", KINDS)
def test_codes_of_all_kinds_stay(kind):
    assert len(changed(KINDS[kind], Faker())) <= MOST_CHANGED


@pytest.mark.parametrize("locale", LOCALES)
def test_an_address_in_prose_goes_and_the_prose_stays(locale):
    fake = Faker(locale)
    fake.seed_instance(2026)
    for _ in range(300):
        before, after, address = fake.text(60), fake.text(60), fake.ascii_email()
        assert scrub(f"{before} {address} {after}") == f"{before} [REDACTED] {after}"
