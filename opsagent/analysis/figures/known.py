"""The figures of the catalog: what each one reports about its place, and what counts as a change of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast

Worse = Literal["up", "down", "none"]


@dataclass(frozen=True, slots=True)
class KnownFigure:
    """One figure of the catalog."""

    metric: str
    unit: str
    group: str
    worse: Worse
    ratio: float  # of now to before (or before to now), at least
    least: float  # difference between now and before, in the unit, at least
    example: tuple[float, float]  # before, now


OTHER = KnownFigure("", "", "other", "none", 1.5, 0.0, (1.0, 2.0))


@cache
def known_figures() -> Mapping[str, KnownFigure]:
    """Return every figure of the catalog by its name."""
    # Late: a diagnosis without figures does not pay for reading YAML.
    import yaml  # noqa: PLC0415

    text = resources.files("opsagent.analysis.catalog").joinpath("figures.yaml").read_text("utf-8")
    rows = yaml.safe_load(text)["figures"]
    return {name: _known(name, row) for name, row in rows.items()}


def known(metric: str) -> KnownFigure:
    """Return the catalog's row of a figure, OTHER where it has none."""
    return known_figures().get(metric, OTHER)


def _known(name: str, row: dict[str, object]) -> KnownFigure:
    before, now = cast("list[float]", row["example"])
    return KnownFigure(
        name,
        str(row["unit"]),
        str(row["group"]),
        cast("Worse", str(row["worse"])),
        float(cast("float", row["ratio"])),
        float(cast("float", row["least"])),
        (float(before), float(now)),
    )
