"""Write compiled.json from the YAML files: `python -m opsagent.analysis.catalog.compile`."""

import sys

from opsagent.analysis.catalog.compiled import COMPILED, built_in_sources, dumped


def main() -> int:
    """Compile the built-in rows; nothing is written where one of them is wrong."""
    sources = built_in_sources()
    for problem in sources.problems:
        sys.stderr.write(f"{problem}\n")
    if sources.problems:
        return 1
    COMPILED.write_text(dumped(sources), "utf-8")
    sys.stderr.write(f"{len(sources.codes)} codes, {len(sources.phrases)} phrases, {len(sources.peers)} peers, ")
    sys.stderr.write(f"{len(sources.reasons)} reasons written to {COMPILED.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
