"""The admin API's view of what can be set of a namespace besides its data, all of it at once."""

from dynemu.http.admin_answers import Answer, Asked, Route


def describe(asked: Asked) -> Answer:
    from dynemu.faults.controls import describe_controls  # noqa: PLC0415 - see admin_faults

    return Answer(200, describe_controls(asked.engine))


def change(asked: Asked) -> Answer:
    from dynemu.faults.controls import apply_controls  # noqa: PLC0415 - see admin_faults

    apply_controls(asked.engine, asked.members, asked.namespaces.settings)
    asked.engine.expire()
    return describe(asked)


_HERE = "namespaces/{namespace}"
ROUTES = (
    Route("GET", f"{_HERE}/controls", describe),
    Route("POST", f"{_HERE}/controls", change, None),
)
