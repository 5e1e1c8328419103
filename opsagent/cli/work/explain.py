"""Look up a cause code in the catalogue, or list all."""

from dataclasses import asdict
from difflib import get_close_matches
from typing import Any

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.catalog.records import EFFECT_KINDS, NO_EFFECT, Code
from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.errors import UsageError
from opsagent.ui.console import show, write
from opsagent.ui.explain_view import code_list_view, explain_view, general


def explain(setup: Setup, code: str | None, *, output: OutputFormat | None) -> None:
    """Show one code, or the table of a family or of all."""
    known = setup.catalog
    asked = (code or "").strip().lower()
    if asked in known:
        info = known[asked]
        if output:
            write(document(plain(info), output))
        else:
            show(explain_view(info))
        return
    family = asked.removesuffix(".*").removesuffix(".")
    infos = [info for info in known.rows if family in ("", info.family)]
    if not infos:
        raise _unknown(code or "", known.codes)
    if output:
        write(document([plain(info) for info in infos], output))
    else:
        show(code_list_view(infos))


def found(known: Catalog, code: str) -> Code:
    """Return the one code that was asked for; UsageError with the nearest ones."""
    asked = code.strip().lower()
    if asked not in known:
        raise _unknown(code, known.codes)
    return known[asked]


def plain(info: Code) -> dict[str, Any]:
    """Return a code as JSON shows it: an effect under its own kind, steps with readable placeholders."""
    plain = asdict(info)
    effects = plain.pop("effects")
    plain["tags"] = sorted(info.tags)
    plain["steps"] = [general(step) for step in info.steps]
    for variant in plain["variants"]:
        variant["steps"] = [general(step) for step in variant["steps"]]
    return {**plain, **{kind: effects.get(kind, asdict(NO_EFFECT)) for kind in EFFECT_KINDS}}


def _unknown(code: str, known: tuple[str, ...]) -> UsageError:
    asked = code.strip().lower().replace("_", "-")
    ends = {name.partition(".")[2] or name: name for name in known}
    near = get_close_matches(asked, known, n=3, cutoff=0.6)
    near += [ends[end] for end in get_close_matches(asked.rpartition(".")[2], ends, n=2, cutoff=0.7)]
    names = ", ".join(dict.fromkeys(near))
    return UsageError(
        f"there is no cause code {code!r}",
        hint=f"nearest: {names}" if names else "opsagent explain lists them all",
    )
