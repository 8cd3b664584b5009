"""The command line in process, for every test of it."""

from __future__ import annotations

import warnings

import pytest
from cli.lines import strict

from ulpm_core import cli


@pytest.fixture
def call(capfd):
    """Runs a command line; gives the exit code, stdout and stderr. A warning, which would be seen, is a failure."""

    def run(*arguments: object, command=cli) -> tuple[int, str, str]:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            try:
                code = command.main([str(a) for a in arguments])
            except SystemExit as stop:
                code = stop.code
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def say(call):
    """What the landscape command says of a saddle; that the origin has no margin, on stderr."""

    def figures(**options: object) -> dict:
        words = [word for name, value in options.items() for word in ("--" + name.replace("_", "-"), value)]
        code, out, err = call("landscape", *words)
        idle = options.get("saddle") == "origin" and "margin" in options
        assert (code, err.count("\n"), "margin is not used" in err) == (0, idle, idle)
        return strict(out)

    return figures
