"""What holds for every test."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import model_server

# Speed is measured by the benchmarks and never asserted as a time; the same examples every time, on every machine.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# A script's background job ignores these, and so would the processes that tests start and interrupt.
for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, _usual)


@pytest.fixture
def own_environment() -> Iterator[None]:
    """A model's client cleans the process' environment: put it back for the tests that come after."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def server() -> Iterator[model_server.ModelServer]:
    """A scripted model's end point."""
    with model_server.running() as running:
        yield running
