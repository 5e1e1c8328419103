"""The table of mechanisms: each applies one fault to a world and returns what a diagnosis has to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .model import Expect
from .world import World

Build = Callable[[World], Expect]


@dataclass(frozen=True)
class Mechanism:
    """One way for one thing to go wrong."""

    name: str
    code: str
    scope: str  # workload: touches one workload only; node; namespace; cluster
    build: Build
    nodes: tuple[int, int]  # how many nodes the cluster may have


MECHANISMS: dict[str, Mechanism] = {}


def mechanism(code: str, *, scope: str = "workload", nodes: tuple[int, int] = (1, 40)) -> Callable[[Build], Build]:
    """Register a function as a mechanism of a cause code."""

    def register(build: Build) -> Build:
        name = build.__name__
        if name in MECHANISMS:
            raise ValueError(f"two mechanisms are named {name}")
        MECHANISMS[name] = Mechanism(name, code, scope, build, nodes)
        return build

    return register
