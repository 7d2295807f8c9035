"""What is said of the operations is said of all of them, and the compatibility page says the same."""

import re

from dynemu.capabilities.differences import DIFFERENCES, KINDS
from dynemu.capabilities.disagreements import DISAGREEMENTS
from dynemu.capabilities.operations import CAPABILITIES, STATES
from dynemu.operations import OPERATIONS, STREAM_OPERATIONS
from tools import write_compatibility


def test_every_operation_is_listed_once() -> None:
    listed = [entry.operation for entry in CAPABILITIES]
    assert listed == sorted({*OPERATIONS, *STREAM_OPERATIONS})
    assert {entry.state for entry in CAPABILITIES} <= set(STATES)
    assert [entry.operation for entry in CAPABILITIES if entry.note.endswith(".") or "|" in entry.note] == []


def test_differences_have_names_and_kinds() -> None:
    names = [entry.id for entry in (*DIFFERENCES, *DISAGREEMENTS)]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9-]*", name)] == []
    assert {entry.kind for entry in DIFFERENCES} <= set(KINDS)
    assert [entry.id for entry in DIFFERENCES if not re.fullmatch(r"\*\*.+?\*\*.*\.", entry.text)] == []


def test_the_compatibility_page_is_up_to_date() -> None:
    page = write_compatibility.PAGE.read_text()
    assert write_compatibility.renewed(page) == page, "make docs"


def test_the_compatibility_page_has_all_blocks_once() -> None:
    page = write_compatibility.PAGE.read_text()
    names = [match[2] for match in write_compatibility.BLOCK.finditer(page)]
    assert sorted(names) == sorted(write_compatibility.blocks())
