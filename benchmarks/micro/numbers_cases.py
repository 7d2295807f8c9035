"""dynemu._core.numbers against decimal.Decimal."""

from decimal import Context, Decimal

from benchmarks.micro.timing import Cases
from dynemu._core import numbers

CONTEXT = Context(prec=38)


def plain_canonical(text: str) -> str:
    number = CONTEXT.create_decimal(text)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_encode(text: str) -> bytes:
    sign, digits, exponent = Decimal(text).normalize().as_tuple()
    shown = [9 - digit for digit in digits] if sign else digits
    power = len(digits) + int(exponent) + 130
    return bytes((1 - sign, 255 - power if sign else power, *shown, 255 if sign else 0))


def plain_size(text: str) -> int:
    number = Decimal(text).normalize()
    return (len(number.as_tuple().digits) + 1) // 2 + 1 + (number < 0)


def plain_compare(a: str, b: str) -> int:
    left, right = Decimal(a), Decimal(b)
    return (left > right) - (left < right)


def cases() -> Cases:
    """Return the calls to compare."""
    return {
        "canonical 123": (lambda: numbers.canonical("123"), lambda: plain_canonical("123")),
        "canonical 19.99": (lambda: numbers.canonical("19.99"), lambda: plain_canonical("19.99")),
        "canonical 1.50": (lambda: numbers.canonical("1.50"), lambda: plain_canonical("1.50")),
        "canonical 1e3": (lambda: numbers.canonical("1e3"), lambda: plain_canonical("1e3")),
        "encode 1700000000": (lambda: numbers.encode("1700000000"), lambda: plain_encode("1700000000")),
        "encode -19.99": (lambda: numbers.encode("-19.99"), lambda: plain_encode("-19.99")),
        "compare 123 45": (lambda: numbers.compare("123", "45"), lambda: plain_compare("123", "45")),
        "compare 19.99 19.5": (
            lambda: numbers.compare("19.99", "19.5"),
            lambda: plain_compare("19.99", "19.5"),
        ),
        "add 5 1": (lambda: numbers.add("5", "1"), lambda: str(Decimal("5") + Decimal("1"))),
        "add 19.99 0.01": (
            lambda: numbers.add("19.99", "0.01"),
            lambda: str(Decimal("19.99") + Decimal("0.01")),
        ),
        "size 1700000000": (lambda: numbers.size("1700000000"), lambda: plain_size("1700000000")),
    }
