"""The two ways in which tests have an example: one for a whole file, which they leave as it was, and one of their own,
which they may break."""

import contextlib

import pytest
from example import Example


@contextlib.contextmanager
def running(*arguments, **environment):
    example = Example(*arguments, **environment)
    try:
        yield example
    finally:
        if example.process.poll() is None:
            example.stop()


@pytest.fixture(scope="module")
def example(request, tmp_path_factory):
    with running(request.module.NAME, request.module.PORTS, tmp_path_factory.mktemp("example")) as started:
        yield started


@pytest.fixture
def start(request, tmp_path):
    """Starts another one; arguments are environment variables."""
    with contextlib.ExitStack() as started:
        yield lambda **environment: started.enter_context(
            running(request.module.NAME, request.module.PORTS, tmp_path, **environment))


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    """Tests that share a running example share a worker; all others go wherever there is room."""
    for item in items:
        if "example" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group(item.module.NAME))
