"""What programs print that is no fault, or states that one is over, by the subject that a reader asks for."""

from collections.abc import Iterable

from opsagent.analysis.catalog.records import Remark
from opsagent.analysis.catalog.search import searched


class RemarkIndex:
    """The remarks of a catalog by subject."""

    def __init__(self, rows: Iterable[Remark]) -> None:
        """Group the rows by subject and, within it, by the literals that spare most lines the search."""
        self.rows = tuple(rows)
        self._by_literal: dict[str, dict[str, list[Remark]]] = {}
        for row in self.rows:
            of_subject = self._by_literal.setdefault(row.subject, {})
            for literal in row.literals or ("",):  # "" is in every line
                of_subject.setdefault(literal, []).append(row)

    def fits(self, subject: str, text: str) -> bool:
        """Return whether a line fits a row of a subject."""
        lowered = text.lower()
        near = [rows for literal, rows in self._by_literal.get(subject, {}).items() if literal in lowered]
        return any(_fits(row, text) for rows in near for row in rows)


def _fits(row: Remark, text: str) -> bool:
    return searched(row.pattern, text) and not (row.unless and searched(row.unless, text))
