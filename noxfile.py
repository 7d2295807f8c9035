"""Every Python that dynemu supports, compiled and not: ``nox``, or ``nox -s "tests-3.12(pure=True)"``."""

import nox

PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False


@nox.session(python=PYTHONS)
@nox.parametrize("pure", [False, True])
def tests(session: nox.Session, pure: bool) -> None:
    """Install the package and run its tests."""
    switch = "DYNEMU_DISABLE_EXT" if pure else "DYNEMU_REQUIRE_EXT"
    session.install("-e", ".[test]", env={switch: "1"})
    session.run("pytest", *session.posargs, env={"DYNEMU_PURE": "1"} if pure else {})


@nox.session
def aioboto3(session: nox.Session) -> None:
    """Run the tests of aioboto3, which pins a release of aiobotocore that others do not want."""
    session.install("-e", ".", "aioboto3", "moto", "pytest", "pytest-asyncio", "pytest-xdist")
    session.run("pytest", "tests/mocking", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Run the linters and type checks."""
    session.install("-e", ".[test,lint]")
    session.run("make", "check", external=True)
