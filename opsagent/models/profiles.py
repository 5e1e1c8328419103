"""Profiles: which PromQL gives which figure of whom. The rows themselves are data of the catalog."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from string import Template


@dataclass(frozen=True, slots=True)
class Row:
    """One figure that a query gives."""

    profile: str
    figure: str
    unit: str
    kind: str
    by: tuple[str, ...]  # the labels that name it: joined by "/" for a Container, else the first that has a value
    needs: tuple[str, ...]  # metrics that must exist
    query: str  # a template with $namespace and $window
    scale: float = 1.0
    example: tuple[tuple[str, str], ...] = ()

    def promql(self, namespace: str, window: str) -> str:
        """Return the query for a namespace; the namespace is escaped as a PromQL string."""
        return Template(self.query).substitute(namespace=escaped(namespace), window=window)

    def place(self, labels: Mapping[str, str]) -> str | None:
        """Return whose figure a series is by its labels; None where they do not state."""
        values = [labels.get(name, "") for name in self.by]
        if self.kind == "Container":
            return "/".join(values) if all(values) else None
        name = next((value for value in values if value), None)
        return name.rsplit(":", 1)[0] if name and self.kind == "Node" else name


def escaped(value: str) -> str:
    """Return a label value as it has to be written between double quotes in PromQL."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def needed(rows: Iterable[Row]) -> frozenset[str]:
    """Return every metric that a row needs."""
    return frozenset(metric for row in rows for metric in row.needs)


def usable(rows: Iterable[Row], existing: Collection[str]) -> tuple[Row, ...]:
    """Return the rows whose metrics exist; of two that give the same figure of the same kind, the earlier one.

    A figure of stores comes from several exporters at once: those are different stores.
    """
    chosen: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        if all(metric in existing for metric in row.needs):
            several = row.needs[0] if row.kind == "Database" else ""
            chosen.setdefault((row.figure, row.kind, several), row)
    return tuple(chosen.values())
