"""What programs print that is no fault, or states that one is over, by the subject that a reader asks for."""

from collections.abc import Iterable

from opsagent.analysis.catalog.records import Remark
from opsagent.analysis.catalog.search import searched


class RemarkIndex:
    """The remarks of a catalog by subject."""

    def __init__(self, rows: Iterable[Remark]) -> None:
        """Group the rows by subject."""
        self._rows: dict[str, list[Remark]] = {}
        for row in rows:
            self._rows.setdefault(row.subject, []).append(row)

    def fits(self, subject: str, text: str) -> bool:
        """Return whether a line fits a row of a subject."""
        lowered = text.lower()
        return any(_may_fit(row, lowered) and _fits(row, text) for row in self._rows.get(subject, ()))


def _may_fit(row: Remark, lowered: str) -> bool:
    return not row.literals or any(literal in lowered for literal in row.literals)


def _fits(row: Remark, text: str) -> bool:
    return searched(row.pattern, text) and not (row.unless and searched(row.unless, text))
