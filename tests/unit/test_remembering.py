"""What is made of texts is kept, as long as the texts are not too many or too long."""

from dynemu.expressions.remembering import CHARACTERS, remembered


def counted(entries):
    made = []

    @remembered(entries)
    def make(*texts):
        made.append(texts)
        return list(texts)

    return make, made


def test_same_texts_are_looked_at_once():
    make, made = counted(10)
    assert make("a", ("b", None)) is make("a", ("b", None))
    assert made == [("a", ("b", None))]


def test_what_was_used_last_stays():
    make, made = counted(2)
    for text in ("a", "b", "a", "c", "a"):
        make(text)
    assert made == [("a",), ("b",), ("c",)]


def test_long_texts_leave_no_more_than_their_share():
    make, made = counted(1000)
    text = "x" * (CHARACTERS // 3)
    for number in range(3):
        make((f"{number}", text))
    make(("3", text))
    make(("3", text))
    assert len(made) == 4
    make(("0", text))
    assert len(made) == 5


def test_one_text_that_is_longer_than_all_together_is_answered():
    make, _ = counted(1000)
    assert make("x" * (CHARACTERS + 1)) == ["x" * (CHARACTERS + 1)]
