"""Write ``dynemu/operations/api.json``: what the service's API model says of every operation's request.

    python tools/derive_api.py

The model is the one of the installed botocore; a new release of it is taken over with this one command. The
file holds one operation and one shape a line, so that a difference shows what the service changed. With
``--check`` nothing is written, and the exit code is 1 when the file is not what the model says.
"""

import json
import sys
from pathlib import Path
from typing import Any

import botocore
import botocore.loaders

TARGET = Path(__file__).parents[1] / "dynemu" / "operations" / "api.json"
SERVICES = ("dynamodb", "dynamodbstreams")
KEPT = ("type", "min", "max", "pattern", "enum", "required")

Model = dict[str, Any]


def load_models() -> dict[str, Model]:
    """Return the API models of the services by name."""
    loader = botocore.loaders.Loader()
    return {service: loader.load_service_model(service, "service-2") for service in SERVICES}


def derive(models: dict[str, Model]) -> Model:
    """Return operations and the shapes of their requests; a shape of both services is the same in both."""
    operations: Model = {}
    shapes: Model = {}
    for service, model in models.items():
        for name, operation in model["operations"].items():
            shape = operation["input"]["shape"]
            errors = sorted(error["shape"] for error in operation.get("errors", ()))
            operations[name] = {"service": service, "input": shape, "errors": errors}
            collect(model["shapes"], shape, shapes)
    return {"operations": dict(sorted(operations.items())), "shapes": dict(sorted(shapes.items()))}


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


def render(derived: Model) -> str:
    """Return *derived* as JSON with one operation or shape a line."""
    parts = []
    for part, entries in derived.items():
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items())
        parts.append(f"{json.dumps(part)}: {{\n{lines}\n}}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> int:
    text = render(derive(load_models()))
    if "--check" in sys.argv[1:]:
        if TARGET.read_text() == text:
            return 0
        print(
            f"{TARGET.name} differs from the API model of botocore {botocore.__version__}.", file=sys.stderr
        )
        return 1
    TARGET.write_text(text)
    print(f"{TARGET.name}: botocore {botocore.__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
