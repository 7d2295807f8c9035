"""Random lives of a database beside a model in plain Python: writes, tables, savepoints, snapshots, crashes.

After every step both hold the same, in tables, indexes, counts and streams, and a check finds nothing.
"""

from pathlib import Path

import pytest

from tests.operations.random_life import Life, compare


@pytest.mark.parametrize(
    ("place", "seed", "steps", "calm"),
    [
        ("memory", 5, 250, False),
        ("memory", 17, 250, False),
        ("memory", 29, 400, True),
        ("disk", 2, 100, False),
        ("disk", 5, 100, False),
        ("disk", 29, 400, True),
    ],
)
def test_a_random_life(tmp_path: Path, place: str, seed: int, steps: int, calm: bool) -> None:
    life = Life(tmp_path if place == "disk" else None, seed, calm=calm)
    done: list[str] = []
    try:
        for _ in range(steps):
            done.append(life.step())
            compare(life.database, life.model)
    except BaseException as error:
        error.args = (f"{error} after {done}",)
        raise
    finally:
        life.database.close()
