"""What the admin API tells about data and changes nothing: plans of statements, whether all of it agrees."""

from collections.abc import Iterator

from dynemu.http.admin_answers import FLAG, VALUES, WORDS, Answer, Asked, Route

_HERE = "namespaces/{namespace}"


def explain(asked: Asked) -> Answer:
    # PERF: it brings all of PartiQL along, half of what the first question to the admin API would wait for.
    from dynemu.operations.explaining import answer_admin  # noqa: PLC0415

    return Answer(200, answer_admin(asked.engine, asked.members))


def check_namespace(asked: Asked) -> Iterator[Answer | None]:
    """Derive everything from the items again; other connections wait, as nothing may be written meanwhile."""
    from dynemu.engine.checking import check  # noqa: PLC0415 - few look

    engine = asked.engine
    while engine.has_work:
        engine.work(0.002)
        yield None
    problems = [problem.to_json() for problem in check(engine.store.view(), engine.clock.now())]
    yield Answer(200, {"problems": problems})


ROUTES = (
    Route(
        "POST",
        f"{_HERE}/explain",
        explain,
        {"statement": WORDS, "parameters": VALUES, "consistent": FLAG},
        ("statement",),
    ),
    Route("GET", f"{_HERE}/check", check_namespace),
)
