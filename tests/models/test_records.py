"""Records are facts: what one step has stated no later step can change."""

import dataclasses
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import pytest

from opsagent import models
from opsagent.agent import figure_proof, scope
from opsagent.analysis import evidence
from opsagent.clients import changes


def _modules() -> Iterator[ModuleType]:
    for package in (models, evidence):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield import_module(found.name)
    yield from (changes, figure_proof, scope)


RECORDS = [
    pytest.param(item, id=f"{module.__name__}.{name}")
    for module in _modules()
    for name, item in inspect.getmembers(module, inspect.isclass)
    if dataclasses.is_dataclass(item) and item.__module__ == module.__name__
]


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_cannot_be_changed(record: type) -> None:
    """Setting a field of it raises: a plan, an approval, a reading, a verdict stay what they were made as."""
    made: object = object.__new__(record)
    name = dataclasses.fields(record)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(made, name, None)
