"""Check the codes of the catalog before they are compiled: their names, their tags, and what they explain."""

from collections.abc import Iterator

from opsagent.analysis.catalog.records import Code
from opsagent.analysis.catalog.sources import Mistake, Sources


def code_problems(sources: Sources) -> list[Mistake]:
    """Return each code that is given twice, and each tag or explained code that does not exist, with its place."""
    places: dict[str, str] = {}
    problems: list[Mistake] = []
    for row in sources.codes:
        place = sources.lines.get(id(row), row.code)
        if row.code in places:
            problems.append(Mistake(place, f"{row.code} is also the code of {places[row.code]}: give it another name"))
        places.setdefault(row.code, place)
    for row in sources.codes:
        place = sources.lines.get(id(row), row.code)
        problems += [Mistake(place, text) for text in _wrong(row, sources, set(places))]
    return problems


def _wrong(row: Code, sources: Sources, codes: set[str]) -> Iterator[str]:
    for tag in sorted(row.tags - set(sources.tags)):
        yield f"tag {tag!r} is not in tags.yaml: use one of {', '.join(sources.tags)}"
    families = {code.partition(".")[0] for code in codes}
    for entry in row.explains:
        if entry.startswith("="):
            known = entry[1:] in sources.tags
        elif entry.endswith(".*"):
            known = entry.removesuffix(".*") in families
        else:
            known = entry in codes
        if not known:
            yield f"explains {entry!r}, which is no code, no family such as db.*, and no tag such as =failure"
