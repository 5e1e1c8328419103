"""Write the compiled catalog: `python -m opsagent.analysis.catalog.compile`."""

from pathlib import Path
from typing import Any

import yaml

from opsagent.analysis.catalog.phrase import as_json, meanings_of

HERE = Path(__file__).parent


def phrase_sources() -> tuple[dict[str, Any], dict[str, str]]:
    """Return the phrase files by name, and the named sub-patterns."""
    folder = HERE / "phrases"
    names = sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("_"))
    documents = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in names}
    shared = yaml.safe_load((folder / "_patterns.yaml").read_text("utf-8"))
    return documents, {name: entry["pattern"] for name, entry in shared.items()}


def main() -> None:
    """Write phrases.json beside its sources."""
    documents, patterns = phrase_sources()
    (HERE / "phrases.json").write_text(as_json(meanings_of(documents.values(), patterns)), "utf-8")


if __name__ == "__main__":
    main()
