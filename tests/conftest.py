"""What holds for every test."""

import gc
import os
import signal
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import model_server

# Speed is measured by the benchmarks and never asserted as a time; the same examples every time, on every machine.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# The same modules run in hundreds of processes: each would compile them again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A script's background job ignores these, and so would the processes that tests start and interrupt.
for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, _usual)


def pytest_collection() -> None:
    """Collect no garbage while eleven thousand tests are being found: hardly any of it is."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Leave the tests themselves out of every later search for garbage: they live as long as the process."""
    gc.freeze()
    gc.enable()


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
