"""The codes in a prompt: those of the families that the incident touches, with meaning; the others are a tool's."""

from collections.abc import Iterable, Sequence

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.models.evidence import UNKNOWN
from opsagent.models.opinion import OTHER
from opsagent.models.tokens import estimate

_TOKENS = 420


def code_lines(catalog: Catalog, touched: Iterable[str], *, tools: bool) -> list[str]:
    """Return one line a code of the touched families, the touched codes first, as far as there is room.

    Both are in the catalog's order: the rules' own order would show what they concluded.
    `tools`: the other families are named, because a tool shows their codes.
    """
    wanted = set(touched) - {UNKNOWN}
    seen = [row.code for row in catalog.rows if row.code in wanted]
    families = list(dict.fromkeys(code.partition(".")[0] for code in seen))
    rows = [catalog[code] for code in seen]
    rows += [row for family in families for row in catalog.rows if row.family == family and row.code not in seen]
    lines, names, left = ["CODES"], list[str](), _TOKENS
    for row in rows:
        line = f"{row.code}: {row.meaning}"
        if left >= estimate(line) + 1:
            lines.append(line)
            left -= estimate(line) + 1
        elif left >= estimate(row.code):
            names.append(row.code)
            left -= estimate(row.code) + 1
    lines += [f"also: {' '.join(names)}"] if names else []
    lines.append(f"{UNKNOWN}: the evidence does not show the cause. {OTHER}: it shows one that no code names.")
    others = sorted({row.family for row in catalog.rows} - {*families, UNKNOWN})
    if tools and others:
        which = "other families" if families else "families"
        lines.append(f"{which}, each by the tool codes: {' '.join(others)}")
    return lines


def touched_codes(findings: Iterable[str], *, more: Sequence[str | None] = ()) -> list[str]:
    """Return the codes that the logs' phrases and the objects touch, and those that were named already."""
    return [*(code for code in more if code), *findings]
