"""What a secret's text may be found in: nothing that is printed."""

from app.domain import recovery_codes, tokens
from app.domain.email_address import email_key
from app.domain.field_limits import EMAIL_MAX_CHARS


def test_ten_different_recovery_codes_of_80_bits_are_made():
    codes = recovery_codes.new_codes()

    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) * 5 == 80 for code in codes)


def test_a_recovery_code_is_the_same_however_it_is_typed():
    code = recovery_codes.new_codes()[0]

    typed = f"  {code.upper().replace('-', ' ')}\n"
    assert recovery_codes.digest(typed) == recovery_codes.digest(code)


def test_a_parsed_user_token_does_not_print_its_secret():
    secret = tokens.new_secret()

    assert secret not in repr(tokens.read_user_token(f"1|{secret}"))


def test_a_letter_that_grows_in_lower_case_still_fits_its_column():
    assert len(email_key("\u0130" * EMAIL_MAX_CHARS)) == EMAIL_MAX_CHARS
