"""Documents keep their promises: settings, operations and errors are in them, links lead somewhere."""

import re
from pathlib import Path
from typing import Any

import pytest

from dynemu import errors
from dynemu.capabilities.operations import CAPABILITIES
from dynemu.config import OPTIONS, Settings
from dynemu.operations import OPERATIONS, STREAM_OPERATIONS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
COMPATIBILITY = (ROOT / "docs" / "compatibility.md").read_text()
LINK = re.compile(r"\]\(([^)#\s]+)?(?:#([^)\s]+))?\)")
RECORD_PARTS = ["Context", "Decision", "Consequences", "Numbers"]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_setting_is_in_the_readme(option: Any) -> None:
    (row,) = [line for line in README.splitlines() if line.startswith(f"| `{option.flag}")]
    assert f"`{option.variable}`" in row
    default = getattr(Settings(), option.name, None)
    if option.name not in ("in_memory", "durability") and default not in ((), "", None):
        shown = f"{default:g}" if isinstance(default, float) else str(default)
        assert f"| `{shown}` |" in row


def test_every_variable_of_the_readme_exists() -> None:
    known = {option.variable for option in OPTIONS}
    build = {"DYNEMU_PURE", "DYNEMU_DISABLE_EXT", "DYNEMU_REQUIRE_EXT"}
    assert set(re.findall(r"DYNEMU_\w+", README)) == known | build


def test_the_readme_lists_the_operations() -> None:
    text = README.split("## What it does, and does not")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w.*?)(\*?) \| (.*) \|$", text, re.MULTILINE)
    states = {
        name: "remembered" if star else "real"
        for _, star, cell in rows
        for name in re.sub(r" \(.*?\)", "", cell).split(", ")
    }
    assert states == {entry.operation: entry.state for entry in CAPABILITIES}
    assert sorted(states) == sorted({*OPERATIONS, *STREAM_OPERATIONS})
    assert f"all {len(states)} operations" in text


def test_every_error_is_documented() -> None:
    bases = (errors.AwsError, errors.CoralError, errors.DynamoDbError)
    codes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.AwsError) and value not in bases
    }
    table = COMPATIBILITY.split("## Errors")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == codes


def test_ci_runs_the_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    command = re.search(r'^test_command="(.*)"$', script, re.MULTILINE)
    assert command
    assert command[1] in README


def test_commands_of_make_are_documented() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    assert targets == set(re.findall(r"^\| `make (\w+)`", CONTRIBUTING, re.MULTILINE))


def test_links_lead_to_files_and_headings(tree: Any) -> None:
    for document in tree.documents():
        for target, anchor in LINK.findall(document.read_text()):
            if target.startswith(("http://", "https://", "mailto:")):
                continue
            path = document.parent / target if target else document
            assert path.exists(), f"{document.name} links to {target}"
            if anchor:
                assert anchor in anchors(path), f"{document.name} links to {target}#{anchor}"


def anchors(document: Path) -> set[str]:
    """Return the anchors of the headings in *document*, as forges make them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_decision_records_are_numbered_and_whole(tree: Any) -> None:
    records = sorted((tree.root / "docs" / "adr").glob("*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(len(records)))
    for record in records:
        text = record.read_text()
        if record.name != "0000-template.md":
            assert text.startswith(f"# {record.name[:4]}. "), record.name
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == RECORD_PARTS, record.name
        assert re.search(r"^Status: (accepted|superseded by \d{4}|accepted · superseded)", text, re.MULTILINE)


def test_change_fragments_are_numbered_and_short(tree: Any) -> None:
    fragments = sorted((tree.root / "CHANGES").glob("[0-9]*.md"))
    assert fragments
    for fragment in fragments:
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", fragment.name)
        text = fragment.read_text()
        assert text.startswith("# ")
        assert len(text.splitlines()) <= 40, fragment.name


def test_code_of_the_readme_is_formatted_to_be_pasted() -> None:
    for block in re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL):
        compile(block, "README.md", "exec")
        # A blank line inside an indented block would end it in an interactive session.
        assert not re.search(r"\n\n +", block)
