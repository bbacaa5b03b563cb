"""Numbers and addresses are hidden, also those said in pieces, and counted by kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.transcripts import ALL, Kind, Line, Transcript, redacted
from tests.qa.transcripts.talks import talk

H = "••••"


def hidden(*lines, **more):
    found = redacted(talk(*lines), **more)
    return [one.words for one in found.transcript.lines], found.counts


# The schemes' published test numbers.
@pytest.mark.parametrize(
    "number",
    ["4111 1111 1111 1111", "4111, 1111. 1111 – 1111", "3 7 8 2 8 2 2 4 6 3 1 0 0 0 5"],
)
def test_a_card_in_one_line(number):
    assert hidden(f"C: it is {number}, ok?") == ([f"it is {H}, ok?"], {Kind.CARD: 1})


def test_a_card_in_pieces_with_the_other_side_between_is_one():
    words, counts = hidden(
        "C: It is 4111", "A: okay", "C: 1111, 11", "A: yes", "C: Sorry, yes", "C: 11 1111 then"
    )
    assert words == [f"It is {H}", "okay", H, "yes", "Sorry, yes", f"{H} then"]
    assert counts == {Kind.CARD: 1}


def test_digits_of_two_speakers_are_not_one_number():
    assert hidden("C: 4111 1111", "A: 1111 1111") == (["4111 1111", "1111 1111"], {})


def test_two_cards_are_two():
    assert hidden("C: 4111111111111111 and 5555555555554444")[1] == {Kind.CARD: 2}


def test_a_number_with_a_wrong_check_digit_stays():
    assert hidden("C: 4111111111111112", kinds={Kind.CARD})[1] == {}
    assert hidden("C: 4111 11 111111 1112", kinds={Kind.CARD})[1] == {}
    assert hidden("C: 1234 5678 9012 3456", kinds={Kind.CARD})[1] == {}  # no scheme begins with 1


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["C: 4111 1111 1111 1112"], [H]),
        (["C: 4111, 1111", "A: yes", "C: 1111, 1112"], [H, "yes", H]),
        (["C: it's 3782 822463 10006"], [f"it's {H}"]),
    ],
)
def test_digits_in_a_cards_groups_are_one_though_a_digit_was_misheard(lines, wanted):
    assert hidden(*lines) == (wanted, {Kind.CARD: 1})


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["C: expiry 04/29"], [f"expiry {H}"]),
        (["C: it expires on 4, 2029."], [f"it expires on {H}."]),
        (["C: valid until 04-29"], [f"valid until {H}"]),
        (
            ["A: And the expiry date?", "C: er", "C: 04/29."],
            ["And the expiry date?", "er", f"{H}."],
        ),
    ],
)
def test_until_when_a_card_is_good_is_hidden_behind_words_that_say_so(lines, wanted):
    assert hidden(*lines) == (wanted, {Kind.CARD: 1})
    assert hidden(*lines, kinds={Kind.CODE})[1] == {}


@pytest.mark.parametrize(
    "lines",
    [
        ["C: I called 04/29"],
        ["C: it expires 12/04/2029"],
        ["C: it expires in 30 days"],
        ["C: valid until 13/29"],
        ["A: When does it expire?", "C: 3 of 12 did"],
    ],
)
def test_other_dates_and_numbers_are_no_cards_end(lines):
    assert hidden(*lines) == ([one[3:] for one in lines], {})


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["C: the CVV is 123"], [f"the CVV is {H}"]),
        (["C: 123, cvc"], [f"{H}, cvc"]),
        (
            ["A: Security code?", "C: er", "C: it's 1, 2, 3."],
            ["Security code?", "er", f"it's {H}."],
        ),
        (["A: The card code?", "C: 12 or 13"], ["The card code?", "12 or 13"]),
        (["A: And your code?", "C: 123"], ["And your code?", "123"]),
    ],
)
def test_security_codes_by_their_name_or_in_answer_to_it(lines, wanted):
    assert hidden(*lines)[0] == wanted


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["C: card is 4111 1111 1111 1111, code 123."], [f"card is {H}, code {H}."]),
        (["C: 4111 1111 1111 1111 and 123 on the back"], [f"{H} and {H} on the back"]),
        (["C: 4111 1111 1111 1111, the last three are 1 2 3"], [f"{H}, the last three are {H}"]),
        (["C: 3782 822463 10005, 04/29, 1234"], [f"{H}, 04/29, {H}"]),
        (
            ["C: 4111 1111 1111 1111", "A: Thanks. And the digits behind?", "C: 123 I think"],
            [H, "Thanks. And the digits behind?", f"{H} I think"],
        ),
    ],
)
def test_digits_right_behind_a_cards_number_are_its_code_whatever_they_are_called(lines, wanted):
    assert hidden(*lines) == (wanted, {Kind.CARD: 1, Kind.CODE: 1})
    # Also where the number itself is not to be hidden; and what is done once is done.
    assert hidden(*lines, kinds={Kind.CODE})[1] == {Kind.CODE: 1}
    speakers = [one.split(": ")[0] for one in lines]
    again = [f"{who}: {words}" for who, words in zip(speakers, wanted, strict=True)]
    assert hidden(*again) == (wanted, {})


@pytest.mark.parametrize(
    "words",
    [
        ", order 123",
        ", and take 250 pounds",
        ", for £250",
        ", and it was 99.50",
        ", since 2019",
        ", but you had charged me twice for that before already, 123",  # far behind
        ", 12 of them",
        ", 12345",
        ", ring me at 10 30",
        ", I rang before 9 15 today",
    ],
)
def test_other_numbers_behind_a_card_stay(words):
    said, counts = hidden(f"C: 4111 1111 1111 1111{words}")
    assert (said, counts) == ([f"{H}{words}"], {Kind.CARD: 1})


@pytest.mark.parametrize(
    "words", [", 1 2 3 10 27", ", 123 10 27", ", code 123 2027", ", 12 34 it says"]
)
def test_a_code_is_hidden_though_digits_follow_or_it_is_read_out_in_pairs(words):
    assert hidden(f"C: 4111 1111 1111 1111{words}")[1] == {Kind.CARD: 1, Kind.CODE: 1}


def test_the_first_digits_of_a_telephone_number_behind_a_card_are_no_code():
    for number in ("0207 946 0123", "0161 4960123"):
        said, counts = hidden(f"C: 4111 1111 1111 1111, my phone is {number}")
        assert (said, counts) == ([f"{H}, my phone is {H}"], {Kind.CARD: 1, Kind.PHONE: 1})


def test_an_order_that_is_asked_for_behind_a_card_stays():
    lines = ["C: 4111 1111 1111 1111", "A: And which order?", "C: It is 1234"]
    assert hidden(*lines) == ([H, "And which order?", "It is 1234"], {Kind.CARD: 1})


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["C: call +49 30 123456"], [f"call {H}"]),
        (["C: my phone is 0171 2345678"], [f"my phone is {H}"]),
        (
            ["A: Your phone number?", "C: It's 0171, 234, 5678."],
            ["Your phone number?", f"It's {H}."],
        ),
        (
            ["A: The best number to call back?", "C: 0171", "A: yes", "C: 234 5678"],
            ["The best number to call back?", H, "yes", H],
        ),
        (["C: +49 171", "A: yes", "C: 234 5678"], [H, "yes", H]),
        (["C: My number is 07911 123456."], [f"My number is {H}."]),
        (["C: It is 020, 7946, 0958."], [f"It is {H}."]),
        (["C: It's 07911", "A: yes", "C: 123 456, thanks"], [f"It's {H}", "yes", f"{H}, thanks"]),
        (["C: the order is 0171555123"], ["the order is 0171555123"]),
        (["C: at 09:30 on 01.05.2025"], ["at 09:30 on 01.05.2025"]),
        (["A: The order?", "C: It's 901712345678"], ["The order?", "It's 901712345678"]),
        (["A: Your phone?", "C: since 12.03.2024 10"], ["Your phone?", "since 12.03.2024 10"]),
    ],
)
def test_telephone_numbers(lines, wanted):
    words, counts = hidden(*lines)
    assert words == wanted
    assert counts == ({Kind.PHONE: 1} if "•" in "".join(wanted) else {})


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("anna.lind+x@mail.example.co.uk", Kind.EMAIL),
        ("GB82 WEST 1234 5698 7654 32", Kind.ACCOUNT),  # as ISO 13616 prints it
        ("de89370400440532013000", Kind.ACCOUNT),
        ("SW1A 1AA", Kind.POSTCODE),
        ("k1a 0b1", Kind.POSTCODE),
    ],
)
def test_addresses_and_accounts(words, kind):
    assert hidden(f"C: it is {words}. Right?") == ([f"it is {H}. Right?"], {kind: 1})


def test_an_account_in_pieces_and_words_behind_it():
    words, counts = hidden("C: DE89 3704 0044", "A: go on", "C: 0532 0130 00 and that is it")
    assert words == [H, "go on", f"{H} and that is it"]
    assert counts == {Kind.ACCOUNT: 1}


@pytest.mark.parametrize(
    "words",
    [
        "GB82 WEST 1234 5698 7654 33",
        "order 12345 of 2024",
        "I paid 1,200.50",
        "me@home",
        "at 10:30",
    ],
)
def test_what_is_none_stays(words):
    assert hidden(f"C: {words}") == ([words], {})


def test_only_kinds_that_were_chosen_are_hidden():
    line = "C: 4111111111111111, me@mail.example, SW1A 1AA"
    assert hidden(line, kinds={Kind.EMAIL})[0] == [f"4111111111111111, {H}, SW1A 1AA"]
    assert hidden(line, kinds=())[1] == {}


def test_postcodes_of_countries_that_were_asked_for():
    assert hidden("C: 10115 Berlin", countries={"DE"}) == ([f"{H} Berlin"], {Kind.POSTCODE: 1})
    assert hidden("C: 10115 Berlin")[1] == {}
    assert hidden("C: SW1A 1AA", countries=()) == (["SW1A 1AA"], {})
    with pytest.raises(ValueError, match="XX"):
        hidden("C: a", countries={"XX"})


def test_a_number_as_the_speakers_name_is_hidden():
    said = Transcript((Line("Hello", label="+4930123456"), Line("Hi", label="me@mail.example")))
    assert [one.label for one in redacted(said).transcript.lines] == [H, H]


GROUPS = ["4111", "1111", "1111", "1111"]


@given(st.lists(st.sampled_from([" ", ", ", "-", "|"]), min_size=3, max_size=3))
def test_a_card_is_hidden_wherever_it_is_cut(cuts):
    said = GROUPS[0] + "".join(cut + group for cut, group in zip(cuts, GROUPS[1:], strict=True))
    lines = [f"C: {part}" for part in said.split("|")]
    words, counts = hidden(*lines)
    assert counts == {Kind.CARD: 1}
    assert not any(sign.isdigit() for sign in "".join(words))


@given(
    st.lists(
        st.text(st.sampled_from("0123456789 +,.-abcvGBDE@"), min_size=1, max_size=40), max_size=8
    )
)
def test_any_words_are_redacted_without_an_error(said):
    lines = [f"{'AC'[at % 2]}: {words}" for at, words in enumerate(said)]
    found = redacted(talk(*lines), ALL, countries={"DE", "GB", "NL"})
    assert len(found.transcript.lines) == len(said)


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["C: my account 12345678, please"], [f"my account {H}, please"]),
        (["C: a/c no 1234 5678"], [f"a/c no {H}"]),
        (
            ["A: Your account number?", "C: It's 12, 34, 56, 78."],
            ["Your account number?", f"It's {H}."],
        ),
        (
            ["A: The account?", "C: 1234", "A: yes", "C: 5678", "C: 5 minutes ago"],
            ["The account?", H, "yes", H, "5 minutes ago"],
        ),
        (["C: sort code 20-00-00, account 12345678"], [f"sort code {H}, account {H}"]),
        (
            ["A: Sort code and account number?", "C: 200000 and 12345678"],
            ["Sort code and account number?", f"{H} and {H}"],
        ),
        (["C: sort code 20-00-00 1234 5678"], [f"sort code {H} {H}"]),
        (["C: 12345678 is my account"], [f"{H} is my account"]),
        (["C: It is 12345678, the account number."], [f"It is {H}, the account number."]),
        (["C: 12345678, that's my account"], [f"{H}, that's my account"]),
        # The word is of the account alone; the sort code is known by its dashes beside it.
        (["C: my account is 20-00-00 12345678"], [f"my account is {H} {H}"]),
        (
            ["C: the order 12345678 is on account 87654321"],
            [f"the order 12345678 is on account {H}"],
        ),
        (
            ["A: The account number and the order?", "C: 12345678"],
            ["The account number and the order?", H],
        ),
    ],
)
def test_british_accounts_and_sort_codes_are_hidden_by_the_words_that_name_them(lines, wanted):
    words, counts = hidden(*lines)
    assert words == wanted
    assert counts.keys() == {Kind.ACCOUNT}
    said = talk(*lines)
    once = redacted(said).transcript
    assert redacted(once).transcript == once


@pytest.mark.parametrize(
    "lines",
    [
        ["C: the order is 12345678"],
        ["C: the order is 12345678, the account number."],
        ["C: 12345678, the account was closed"],
        ["C: my account, the order is 12345678"],
        ["A: Is it about your account?", "C: Yes, order 12345678"],
        ["A: The order number on the account?", "C: 12345678"],
        ["C: account since 12-03-2024"],
        ["C: my account, 12 03 2024 it was"],
        ["C: the account, opened 12-03-24"],
        ["C: paid into the account: 123456.78"],
        ["C: £12,345,678 on the account"],
        ["C: account 12345678 pounds short"],
        ["C: account 1234 5678 9012"],
        ["C: account 1234567"],
        ["C: I called on 12-03-24"],
        ["C: my code is 200000"],
        ["A: Your sort code?", "C: The order is 200000"],
        ["C: the account", "A: yes", "C: hm", "C: and 12345678"],
    ],
)
def test_dates_amounts_orders_and_other_numbers_are_no_accounts(lines):
    assert hidden(*lines) == ([one[3:] for one in lines], {})
