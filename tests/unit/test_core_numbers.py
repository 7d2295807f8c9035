"""Numbers as DynamoDB takes, stores, adds and measures them."""

from types import SimpleNamespace

import pytest

from dynemu.errors import ValidationException

OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
TOO_MANY_DIGITS = "Attempting to store more than 38 significant digits in a Number"

STORED = {
    "0": "0",
    "-0": "0",
    "0.0": "0",
    "-0.0": "0",
    "00": "0",
    "+0": "0",
    "0e10": "0",
    "0e-999": "0",
    "007": "7",
    "+5": "5",
    "-5": "-5",
    ".5": "0.5",
    "-.5": "-0.5",
    "5.": "5",
    "1.0": "1",
    "1.10": "1.1",
    "0.10": "0.1",
    "-1.50": "-1.5",
    "100": "100",
    "100.00": "100",
    "00.50": "0.5",
    "1E3": "1000",
    "1e+3": "1000",
    "1e-3": "0.001",
    "1.5e2": "150",
    "1.5e0": "1.5",
    "1e0000000000000000000002": "100",
    "00001e1": "10",
    "0.0000001": "0.0000001",
    "1e125": "1" + "0" * 125,
    "-1e125": "-1" + "0" * 125,
    "9.9999999999999999999999999999999999999E+125": "9" * 38 + "0" * 88,
    "1E-130": "0." + "0" * 129 + "1",
    "12345678901234567890123456789012345678": "12345678901234567890123456789012345678",
    "-1234567890123456789012345678901234567.8": "-1234567890123456789012345678901234567.8",
    "1234567890123456789012345678901234567800000": "1234567890123456789012345678901234567800000",
    "0.12345678901234567890123456789012345678": "0.12345678901234567890123456789012345678",
    "1." + "0" * 60: "1",
    "0" * 60 + "1": "1",
}


@pytest.mark.parametrize(("sent", "stored"), STORED.items())
def test_a_number_is_stored_in_one_form(core: SimpleNamespace, sent: str, stored: str) -> None:
    assert core.numbers.canonical(sent) == stored


@pytest.mark.parametrize("text", [text for text in STORED.values() if len(text) <= 38])
def test_a_short_canonical_number_is_kept_as_it_is(core: SimpleNamespace, text: str) -> None:
    assert core.numbers.canonical(text) is text


@pytest.mark.parametrize(
    "text",
    (
        *(
            "abc",
            " 1",
            "1 ",
            "1,000",
            "0x10",
            "NaN",
            "Infinity",
            "-Infinity",
            "1e",
            "e5",
            "--1",
            "+-1",
            "1.2.3",
        ),
        *("1_000", "\u0661", "1e1.5", "+", "-", ".", "-.", "1e+", "1-", "1.-", "\uff11", "1\n", "1\x00"),
    ),
)
def test_other_texts_are_no_numbers(core: SimpleNamespace, text: str) -> None:
    with pytest.raises(ValidationException) as caught:
        core.numbers.canonical(text)
    assert caught.value.message == f"The parameter cannot be converted to a numeric value: {text}"
    assert (caught.value.request_level, caught.value.older) == (True, None)


def test_the_older_validator_words_an_empty_number_differently(core: SimpleNamespace) -> None:
    with pytest.raises(ValidationException) as caught:
        core.numbers.canonical("")
    assert caught.value.message == "The parameter cannot be converted to a numeric value: "
    assert caught.value.older == "The parameter cannot be converted to a numeric value"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1e126", OVERFLOW),
        ("-1e126", OVERFLOW),
        ("1e999", OVERFLOW),
        ("1e999999999999", OVERFLOW),
        ("1e" + "9" * 5000, OVERFLOW),
        ("1" * 127, OVERFLOW),
        ("1e-131", UNDERFLOW),
        ("-9.9e-131", UNDERFLOW),
        ("1e-" + "9" * 5000, UNDERFLOW),
        ("1" * 39, TOO_MANY_DIGITS),
        ("-1." + "1" * 38, TOO_MANY_DIGITS),
        ("1" * 39 + "e-160", TOO_MANY_DIGITS),
        ("1" * 39 + "e90", OVERFLOW),
        ("1" * 39 + "e-170", UNDERFLOW),
    ],
)
def test_a_number_has_38_digits_and_a_range(core: SimpleNamespace, text: str, message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        core.numbers.canonical(text)
    assert (caught.value.message, caught.value.request_level) == (message, True)


@pytest.mark.parametrize(
    ("a", "b", "total"),
    [
        ("1", "2", "3"),
        ("1", "-1", "0"),
        ("-3", "1", "-2"),
        ("1", "0.3", "1.3"),
        ("0.1", "0.2", "0.3"),
        ("-0.5", "0.5", "0"),
        ("0.5", "0.5", "1"),
        ("1.25", "-0.5", "0.75"),
        ("999999999999999999", "1", "1000000000000000000"),
        ("1", "1" + "0" * 37, "1" + "0" * 36 + "1"),
        ("9" * 37, "1", "1" + "0" * 37),
        ("1" + "0" * 125, "-1" + "0" * 125, "0"),
    ],
)
def test_sums_are_exact(core: SimpleNamespace, a: str, b: str, total: str) -> None:
    assert core.numbers.add(a, b) == core.numbers.add(b, a) == total
    assert core.numbers.subtract(total, b) == a


def test_a_difference_is_exact(core: SimpleNamespace) -> None:
    assert core.numbers.subtract("1", "0." + "0" * 36 + "1") == "0." + "9" * 37


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ("1", "1" + "0" * 38, OVERFLOW),
        ("9" * 38, "9" * 38, OVERFLOW),
        ("9" + "0" * 125, "9" + "0" * 125, OVERFLOW),
        ("1", "0." + "0" * 37 + "1", OVERFLOW),
        ("0." + "0" * 129 + "15", "-0." + "0" * 129 + "1", UNDERFLOW),
    ],
)
def test_a_sum_that_does_not_fit_is_refused(core: SimpleNamespace, a: str, b: str, message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        core.numbers.add(a, b)
    assert (caught.value.message, caught.value.request_level) == (message, False)
    with pytest.raises(ValidationException):
        core.numbers.subtract(a, core.numbers.subtract("0", b))


@pytest.mark.parametrize(
    ("text", "size"),
    (
        *(("0", 1), ("1", 2), ("-1", 3), ("12", 2), ("123", 3), ("-12.5", 4), ("1000", 2), ("0.001", 2)),
        *(("1010", 3), ("100", 2), ("101", 3), ("10100", 3), ("0.01", 2), ("0.012", 3), ("0.0012", 2)),
        *(("1.2", 3), ("12.3", 3), ("1.23", 3), ("123.4", 4), ("-0.05", 3), ("1" * 38, 20)),
        *(("-" + "1" * 38, 21), ("1." + "1" * 37, 21), ("-1." + "1" * 37, 21), ("1" + "0" * 125, 2)),
    ),
)
def test_size_goes_by_pairs_of_digits_around_the_point(core: SimpleNamespace, text: str, size: int) -> None:
    assert core.numbers.size(text) == size


@pytest.mark.parametrize(
    ("size_bytes", "texts", "numbers"),
    [
        pytest.param(121, 115, ["1681414496"], id="device"),
        pytest.param(43, 25, ["139.2675643770462", "1644014501478"], id="quote"),
        pytest.param(45, 27, ["277.3260952221545", "1644014501603"], id="another-quote"),
        pytest.param(26, 20, ["101", "101"], id="lambda-guide"),
        pytest.param(228, 227, ["0"], id="line"),
        pytest.param(
            1007, 975, 2 * ["100", "300", "0", "1", "16", "2", "1", "0", "5"], id="article-with-two-images"
        ),
    ],
)
def test_size_is_that_of_published_stream_records(
    core: SimpleNamespace, size_bytes: int, texts: int, numbers: list[str]
) -> None:
    """Each record has a SizeBytes, of which all but the values of *numbers* are bytes of text."""
    assert sum(map(core.numbers.size, numbers)) == size_bytes - texts


@pytest.mark.parametrize(
    ("low", "high"),
    (
        *(
            ("1", "2"),
            ("9", "10"),
            ("-10", "-9"),
            ("-1", "0"),
            ("0", "0.1"),
            ("0.09", "0.1"),
            ("1.9", "10.1"),
        ),
        *(("-0.1", "-0.01"), ("-1.5", "-1"), ("1", "1.5"), ("19.9", "19.99"), ("-2", "1"), ("-0.5", "0.2")),
    ),
)
def test_numbers_compare_by_value(core: SimpleNamespace, low: str, high: str) -> None:
    assert core.numbers.compare(low, high) == -1
    assert core.numbers.compare(high, low) == 1
    assert core.numbers.compare(low, low) == 0
    assert core.numbers.encode(low) < core.numbers.encode(high)


@pytest.mark.parametrize("text", sorted(set(STORED.values())))
def test_encoded_numbers_tell_where_they_end(core: SimpleNamespace, text: str) -> None:
    data = core.numbers.encode(text)
    assert core.numbers.decode(b"before" + data + b"\xff\x00after", 6) == (text, 6 + len(data))
