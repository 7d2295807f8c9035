"""Write ``dynemu/operations/api.json``: what the service's API model says of every operation's request.

    python tools/derive_api.py [--model DIRECTORY] [--check]

The model is the one of the installed botocore, if that is not older than what is there, or of the directory,
which is laid out as botocore's ``data``; a new release of it is taken over with this one command. The full
models are kept too, without their texts, in ``tests/models``, for tests that need all of the newest API. The
files hold one operation and one shape a line, so that a difference shows what the service changed. With
``--check`` nothing is written, and the exit code is 1 when a file is not what the model says.
"""

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "dynemu" / "operations" / "api.json"
MODELS = ROOT / "tests" / "models"
SERVICES = ("dynamodb", "dynamodbstreams")
PLACE = Path("2012-08-10", "service-2.json")
KEPT = ("type", "min", "max", "pattern", "enum", "required")

Model = dict[str, Any]


def installed_data() -> Path:
    """Return the ``data`` directory of the installed botocore."""
    import botocore  # noqa: PLC0415 - not needed where a directory is given

    return Path(botocore.__file__).parent / "data"


def find_release(directory: Path) -> str:
    """Return the release of botocore whose models are in *directory*."""
    kept = directory / "VERSION"
    if kept.exists():
        return kept.read_text().strip()
    source = (directory.parent / "__init__.py").read_text()
    found = re.search(r"^__version__ = ['\"](.*)['\"]", source, re.MULTILINE)
    if found is None:
        raise SystemExit(f"{directory} does not belong to a botocore")
    return found[1]


def load_models(directory: Path) -> dict[str, Model]:
    """Return the API models of the services by name."""
    models = {}
    for service in SERVICES:
        path = directory / service / PLACE
        text = path.read_bytes() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes())
        models[service] = json.loads(text)
    return models


def derive(release: str, models: dict[str, Model]) -> Model:
    """Return operations and the shapes of their requests; a shape of both services is the same in both."""
    operations: Model = {}
    shapes: Model = {}
    for service, model in models.items():
        for name, operation in model["operations"].items():
            shape = operation["input"]["shape"]
            errors = sorted(error["shape"] for error in operation.get("errors", ()))
            operations[name] = {"service": service, "input": shape, "errors": errors}
            collect(model["shapes"], shape, shapes)
    return {
        "botocore": release,
        "operations": dict(sorted(operations.items())),
        "shapes": dict(sorted(shapes.items())),
    }


def collect(source: Model, name: str, shapes: Model) -> None:
    """Add the shape called *name*, and all that it is made of, to *shapes*."""
    if name in shapes:
        return
    shape = source[name]
    found = shapes[name] = {key: shape[key] for key in KEPT if key in shape}
    parts = {part: shape[part]["shape"] for part in ("member", "key", "value") if part in shape}
    members = {member: value["shape"] for member, value in shape.get("members", {}).items()}
    found.update(parts)
    if shape["type"] == "structure":
        found["members"] = members
    for part in (*parts.values(), *members.values()):
        collect(source, part, shapes)


def without_texts(part: Any) -> Any:
    """Return *part* of a model without its documentation."""
    if isinstance(part, list):
        return [without_texts(member) for member in part]
    if not isinstance(part, dict):
        return part
    # A member of a structure may be called so too; it is no string.
    return {
        key: without_texts(value)
        for key, value in part.items()
        if key != "documentation" or not isinstance(value, str)
    }


def render(parts: Model) -> str:
    """Return *parts* as JSON with one operation or shape a line."""
    shown = []
    for name, entries in parts.items():
        text = json.dumps(entries)
        if isinstance(entries, dict) and entries:
            lines = ",\n".join(
                f"{json.dumps(entry)}: {json.dumps(value)}" for entry, value in entries.items()
            )
            text = f"{{\n{lines}\n}}"
        shown.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(shown) + "\n}\n"


def rendered(directory: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file to write, and its text, for the models in *directory*."""
    release, models = find_release(directory), load_models(directory)
    yield TARGET, render(derive(release, models))
    yield MODELS / "VERSION", f"{release}\n"
    for service, model in models.items():
        yield MODELS / service / PLACE, render(without_texts(model))


def is_older(release: str) -> bool:
    """Tell whether *release* comes before the one that the files were made from."""
    kept = find_release(MODELS) if MODELS.exists() else release
    return [int(part) for part in release.split(".")] < [int(part) for part in kept.split(".")]


def main() -> int:
    parser = argparse.ArgumentParser(description="Derive the table of requests from botocore's API model.")
    parser.add_argument("--model", type=Path, metavar="DIRECTORY", help="a botocore's data directory")
    parser.add_argument("--check", action="store_true", help="write nothing, tell whether files would change")
    given = parser.parse_args()
    directory = given.model or installed_data()
    files = dict(rendered(directory))
    changed = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    shown = ", ".join(str(path.relative_to(ROOT)) for path in changed)
    if given.check:
        if changed:
            print(f"not what botocore {find_release(directory)} says: {shown}", file=sys.stderr)
        return int(bool(changed))
    if given.model is None and is_older(find_release(directory)):
        print(
            "The installed botocore is older than the one in use; give --model to go back.", file=sys.stderr
        )
        return 1
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path])
    print(f"botocore {find_release(directory)}: {shown or 'nothing changed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
