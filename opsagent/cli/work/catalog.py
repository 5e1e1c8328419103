"""List, show and check the rows of the catalog."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from opsagent.agent.known import catalog_with
from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.catalog.records import PackPhrase, Row
from opsagent.analysis.logs.matching.first_taken import reads_as_routine, taken_first
from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.cli.work.explain import found, plain
from opsagent.errors import ExitCode
from opsagent.ui.catalog_view import PhraseLine, RowLine, check_view, phrase_list_view, row_list_view
from opsagent.ui.console import show, write
from opsagent.ui.explain_view import explain_view


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of packs found: errors keep a pack from loading, notes do not."""

    errors: tuple[str, ...]
    notes: tuple[str, ...]
    rows: int


def list_rows(setup: Setup, kind: str, *, added: bool, output: OutputFormat | None) -> None:
    """Show the rows of one kind."""
    rows = [row for row in _rows(setup.catalog, kind) if not added or row.place]
    if output:
        write(document([asdict(row) for row in rows], output))
    else:
        show(row_list_view(rows))


def show_code(setup: Setup, code: str, *, output: OutputFormat | None) -> None:
    """Show a code and its phrases."""
    known = setup.catalog
    info = found(known, code)
    phrases = list(_phrases(known, info.code))
    if output:
        write(document({**plain(info), "phrases": [asdict(line) for line in phrases]}, output))
        return
    show(explain_view(info))
    show(phrase_list_view(phrases))


def check(paths: Sequence[Path], *, output: OutputFormat | None) -> ExitCode:
    """Check packs; exits 2 where one would not load."""
    known, problems = catalog_with(paths)
    checked = Checked(problems, tuple(_notes(known)), _count(known))
    if output:
        write(document(asdict(checked), output))
    else:
        show(check_view(checked.errors, checked.notes, checked.rows))
    return ExitCode.USAGE if problems else ExitCode.OK


def _rows(known: Catalog, kind: str) -> Iterator[RowLine]:
    if kind == "codes":
        yield from (RowLine(row.code, row.meaning, known.place_of(row)) for row in known.rows)
    elif kind == "peers":
        for peer in known.peers:
            name, what = f"peer:{peer.product or peer.example}", f"{peer.kind}, for example {peer.example}"
            yield RowLine(name, what, known.place_of(peer))
    elif kind == "reasons":
        for reason in known.reasons:
            yield RowLine(f"reason:{reason.reason}", f"{reason.meaning} ({reason.of}, {reason.rung})", "")
    else:
        places = {(row.code, row.pattern): known.place_of(row) for row in known.added}
        for meaning in known.meanings:
            place = places.get((meaning.verdict.code, meaning.phrases[0].pattern), "")
            yield RowLine(meaning.id, f"{meaning.verdict.summary} (wordings: {len(meaning.phrases)})", place)


def _phrases(known: Catalog, code: str) -> Iterator[PhraseLine]:
    for meaning in known.meanings:
        if meaning.verdict.code == code:
            for phrase in meaning.phrases:
                yield PhraseLine(meaning.id, phrase.pattern, meaning.verdict.strength)


def _notes(known: Catalog) -> Iterator[str]:
    for row in known.added:
        place = known.place_of(row)
        first = taken_first(known, row)
        if first is not None:
            yield f"{place}: the built-in row {first.id} takes the example first: {first.verdict.summary}"
        if _is_quiet(row):
            yield f"{place}: the example reads as good news or as a user's words: such log lines are not searched"


def _is_quiet(row: PackPhrase) -> bool:
    return "log" in row.where and reads_as_routine(row)


def _count(known: Catalog) -> int:
    added: list[Row] = [*known.rows, *known.peers, *known.added]
    return sum(1 for row in added if known.place_of(row)) + len(known.off)
