"""Write the compiled files from the YAML files: `python -m opsagent.analysis.catalog.compile`."""

import sys
from pathlib import Path
from typing import Any

import yaml

from opsagent.analysis.catalog.code_check import code_problems
from opsagent.analysis.catalog.compiled import COMPILED, HOME, built_in_sources, dumped, shared_patterns
from opsagent.analysis.catalog.phrase import as_json, meanings_of
from opsagent.analysis.catalog.phrase_check import phrase_problems

PHRASES = HOME / "phrases"


def phrase_sources() -> tuple[dict[str, Any], dict[str, str]]:
    """Return the phrase files by name, and the named sub-patterns."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads the same, ten times as fast
    documents = {path.stem: yaml.load(path.read_text("utf-8"), loader) for path in _phrase_files()}  # noqa: S506 - a safe one
    return documents, shared_patterns()


def _phrase_files() -> list[Path]:
    return sorted(path for path in PHRASES.glob("*.yaml") if not path.name.startswith("_"))


def main() -> int:
    """Compile the built-in rows; nothing is written where one of them is wrong."""
    sources = built_in_sources()
    texts = {f"phrases/{path.name}": path.read_text("utf-8") for path in _phrase_files()}
    phrase_mistakes = phrase_problems(texts, shared_patterns(), {code.code for code in sources.codes})
    # A code that could not be read would be missed by all its phrases and by what explains it.
    problems = sources.problems or [*code_problems(sources), *phrase_mistakes]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if problems:
        sys.stderr.write("nothing was compiled: correct these rows of opsagent/analysis/catalog/ and run it again\n")
        return 1
    COMPILED.write_text(dumped(sources), "utf-8")
    documents, patterns = phrase_sources()
    meanings = meanings_of(documents.values(), patterns)
    (HOME / "phrases.json").write_text(as_json(meanings), "utf-8")
    phrases = sum(len(meaning.phrases) for meaning in meanings)
    counts = (
        f"{len(sources.codes)} codes, {len(sources.peers)} peers, {len(sources.reasons)} reasons, "
        f"{len(sources.messages)} messages, {len(sources.remarks)} remarks, {phrases} phrases"
    )
    sys.stderr.write(f"compiled: {counts}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
