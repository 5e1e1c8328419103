"""`catalog` from the outside: rows listed, a code shown, packs checked; and a pack that works end to end."""

import json
from pathlib import Path

from opsagent.errors import ExitCode
from tests.analysis.catalog.test_packs import CODE, LINE, PHRASE
from tests.cli.shell import Shell

README = Path(__file__).parents[3] / "README.md"
OFF = "off:\n  - row: db.slow#850\n    why: our statements are long by design\n"


def configured(folder: Path, pack: str) -> str:
    """Write a pack and a configuration that names it by its relative path; return the configuration's path."""
    (folder / "shop.yaml").write_text(pack, "utf-8")
    path = folder / "config.yaml"
    path.write_text("catalog: [shop.yaml]\n", "utf-8")
    return str(path)


def test_rows_are_listed_by_kind(well: Shell, tmp_path: Path) -> None:
    """Each kind has its table; rows of a pack are named with file and line."""
    config = configured(tmp_path, CODE + PHRASE)
    for kind, row in (
        ("codes", "db.locked"),
        ("phrases", "db.locked#"),
        ("peers", "peer:Redis"),
        ("reasons", "reason:OOMKilled"),
    ):
        assert row in well.here("catalog", "list", kind).out
    added = json.loads(well.here("catalog", "list", "--added", "--json", "--config", config).out)
    assert [(row["name"], row["place"].rsplit("/", 1)[-1]) for row in added] == [("shop.ledger-closed", "shop.yaml:2")]


def test_a_code_is_shown_with_its_phrases(well: Shell) -> None:
    """Variants with their own steps, and every pattern that gives the code."""
    out = well.here("catalog", "show", "volume.mount-failed").out
    assert "subpath" in out
    assert "mount" in out.partition("PHRASES OF")[2]
    assert well.here("catalog", "show", "volume.mount-faild").code == ExitCode.USAGE


def test_a_check_names_errors_and_what_takes_an_example_first(well: Shell, tmp_path: Path) -> None:
    """A wrong row is an error with its line; an example that a built-in row takes is a note."""
    (tmp_path / "good.yaml").write_text(CODE + PHRASE, "utf-8")
    done = well.here("catalog", "check", str(tmp_path / "good.yaml"))
    assert (done.code, "0 errors, 0 notes" in done.out) == (0, True)
    taken = (
        PHRASE.replace("shop.ledger-closed", "db.slow")
        .replace("LEDGER-[0-9]+: book", "database")
        .replace("LEDGER-1207: book is closed", "database is closed: database is locked")
        .replace("is closed'", "is closed: '")
    )
    (tmp_path / "taken.yaml").write_text(taken, "utf-8")
    checked = json.loads(well.here("catalog", "check", str(tmp_path / "taken.yaml"), "--json").out)
    assert checked["errors"] == []
    assert "db.locked#780 takes the example first" in checked["notes"][0]
    (tmp_path / "bad.yaml").write_text(PHRASE, "utf-8")
    bad = well.here("catalog", "check", str(tmp_path / "bad.yaml"))
    assert (bad.code, "there is no code 'shop.ledger-closed'" in " ".join(bad.out.split())) == (ExitCode.USAGE, True)


def test_a_pack_works_end_to_end(well: Shell, tmp_path: Path) -> None:
    """The configured pack's code is diagnosed, its steps are the advice, and what it switched off is in the report."""
    config = configured(tmp_path, CODE + PHRASE + OFF)
    log = tmp_path / "app.log"
    log.write_text(LINE * 3, "utf-8")
    answer = json.loads(well.here("diagnose", "--from", str(log), "--json", "--config", config).out)
    assert answer["causes"][0]["code"] == "shop.ledger-closed"
    assert answer["plan"]["action"] == "none"
    assert answer["plan"]["recommendations"][0] == "Open the ledger again."
    assert any("db.slow#850 is switched off" in entry["why"] for entry in answer["not_checked"])


def test_a_wrong_pack_ends_a_command_before_it_begins(well: Shell, tmp_path: Path) -> None:
    """The message names file, line and what is wrong, and how to see the rest."""
    done = well.here("explain", "--config", configured(tmp_path, PHRASE))
    assert done.code == ExitCode.USAGE
    assert "shop.yaml:2:thereisnocode" in done.unbroken
    assert "opsagent catalog check" in done.err


def test_the_lines_of_the_readme_work(well: Shell, tmp_path: Path) -> None:
    """What the README shows to save is a pack without an error, and gives the code that it names."""
    lines = (
        README.read_text("utf-8")
        .partition("## Teach it your own errors")[2]
        .partition("```yaml\n")[2]
        .partition("```")[0]
    )
    config = configured(tmp_path, lines)
    assert well.here("catalog", "check", str(tmp_path / "shop.yaml")).code == 0
    log = tmp_path / "app.log"
    log.write_text(LINE * 3, "utf-8")
    answer = json.loads(well.here("diagnose", "--from", str(log), "--json", "--config", config).out)
    assert answer["causes"][0]["code"] == "db.unreachable"
