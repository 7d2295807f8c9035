"""Projects that use the pytest plugin, and a run of pytest in one."""

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
BASELINE = """
import boto3, pytest

@pytest.fixture(scope="session")
def dynemu_baseline():
    client = boto3.client("dynamodb")
    client.create_table(
        TableName="films",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.put_item(TableName="films", Item={"pk": {"S": "seed"}})
"""
COUNT = """
import boto3, pytest

def count(client):
    return client.scan(TableName="films")["Count"]
"""


class Run(NamedTuple):
    """What pytest printed, and how many tests it says passed, failed and so on."""

    output: str
    counts: dict[str, int]


def run_pytest(folder: Path, *arguments: str, **files: str) -> Run:
    """Write *files* (module names and texts) into *folder* and run pytest there, as a user would."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))
    }
    environment |= {"HOME": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(folder)]
    if "cacheprovider" not in arguments:
        command += ["-p", "no:cacheprovider"]
    if "dynemu" not in {each.name for each in entry_points(group="pytest11")}:
        # The package was installed before it had a plugin, or not at all.
        command += ["-p", "dynemu.pytest_plugin"]
    done = subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    output = done.stdout + done.stderr
    summary = ["", *done.stdout.strip().splitlines()][-1]
    counts = {kind: int(number) for number, kind in re.findall(r"(\d+) ([a-z]+)", summary.split(" in ")[0])}
    return Run(output, counts)
