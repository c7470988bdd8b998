"""Which passwords are refused, with which reason, and that judging one costs little."""

import random
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import weak_passwords
from app.domain.weak_passwords import why_refused

ALICE = {"email": "alice.jones@example.com", "name": "Alice Jones-Carpenter"}
# Of published lists of what is tried first; none is in our code.
TRIED_FIRST = (
    "password password1 passw0rd P@ssw0rd 12345678 123456789 1234567890 1234567890! qwertyui"
    " qwertyuiop qwerty123 1q2w3e4r 1qaz2wsx iloveyou sunshine princess football baseball superman"
    " welcome1 trustno1 letmein1 abc12345 abcdefgh 11111111 00000000 aaaaaaaa 12341234 !@#$%^&*"
    " changeme starwars whatever computer internet michelle jennifer"
).split()
PASSPHRASES = (
    "correct horse battery staple",
    "lampe bateau cerise vingt-trois",
    "kT9x!q2Zw7",
    "我家的貓喜歡在窗邊睡覺",
    "the rain in Spain stays mainly in the plain " * 2,
)


def refused(password):
    return why_refused(password, **ALICE)


@pytest.mark.parametrize("password", TRIED_FIRST)
def test_what_everybody_tries_is_refused_with_advice(password):
    assert "Choose a longer one" in refused(password)


@pytest.mark.parametrize("password", TRIED_FIRST)
def test_capitals_do_not_help(password):
    assert refused(password.upper())
    assert refused(password.capitalize())


@pytest.mark.parametrize("password", [*PASSPHRASES, *(each * 2 for each in PASSPHRASES)])
def test_passphrases_are_fine(password):
    assert refused(password) is None


@pytest.mark.parametrize(
    "blank", [" " * 8, "\u3000" * 8, "\t \u200b\u2060\ufeff\u00a0  ", "\n" * 9]
)
def test_blanks_alone_are_refused_as_that(blank):
    assert "blanks alone" in refused(blank)


@pytest.mark.parametrize(
    "password",
    [
        "alice.jones@example.com",
        "ALICE.Jones@Example.com",
        "alice.jones",
        "alice jones-carpenter",
        "Jones-Carpenter",
        " alice.jones ",
    ],
)
def test_own_address_and_name_are_refused_as_that(password):
    assert "e-mail address or name" in refused(password)


@pytest.mark.parametrize("password", ["alice.jones1", "alice.jones!", "senoj.ecila", "feedback1"])
def test_what_is_nearly_that_is_refused_too(password):
    assert refused(password)


@pytest.mark.parametrize("password", ["pionne-feedback", "Feedback"])
def test_name_of_the_service_is_refused_as_that(password):
    assert "name of this service" in refused(password)


def test_one_account_s_names_are_nothing_to_another():
    assert why_refused("zebulon.quark", email="zebulon.quark@example.com", name=None)
    assert why_refused("zebulon.quark", email="someone@example.com", name=None) is None


@pytest.mark.parametrize("length", range(12, 26))
@pytest.mark.parametrize("row", ["1234567890!@#$%^&*()qwertyuiop", "!@#$%^&*()1234567890-=[]<>{}|"])
def test_row_of_keys_is_refused_however_many_signs_are_in_it(row, length):
    assert refused(row[:length])


def test_mixture_of_all_signs_is_fine():
    chance = random.Random(2)
    signs = sorted(weak_passwords._READ_AS_LETTERS) + list("kTzqwxGh")
    for _ in range(20):
        assert refused("".join(chance.sample(signs, 20))) is None


def test_a_weak_beginning_of_a_long_password_is_judged_alone():
    assert refused("12345678" * 16)
    assert refused("kT9x!q2Zw7" + "1" * 118) is None


ANY_PASSWORD = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=8, max_size=128
) | st.text("4@8({[<369!|107+5$2%password\n\r²٣", min_size=8, max_size=128)


@settings(deadline=None, max_examples=150)
@given(ANY_PASSWORD)
def test_every_password_is_judged(password):
    assert refused(password) is None or len(refused(password)) > 20


def test_work_on_hostile_characters_is_bounded(monkeypatch):
    """Counted, not timed: zxcvbn alone makes a hundred million readings of some of these."""
    readings = []
    matching = sys.modules["zxcvbn.matching"]
    enumerate_l33t_subs = matching.enumerate_l33t_subs

    def counting(table):
        found = enumerate_l33t_subs(table)
        readings.append(len(found))
        return found

    monkeypatch.setattr(matching, "enumerate_l33t_subs", counting)
    chance = random.Random(1)
    letters = sorted(weak_passwords._READ_AS_LETTERS)
    for kinds in range(1, len(letters) + 1):
        for _ in range(5):
            refused("".join(chance.choices(chance.sample(letters, kinds), k=128)))
    assert len(readings) > 50
    assert max(readings) < 200
