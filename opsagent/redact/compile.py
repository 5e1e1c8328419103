"""Write the compiled rows: `python -m opsagent.redact.compile`."""

from pathlib import Path
from typing import Any

import yaml

from opsagent.redact.rows import as_json, rows_of

HERE = Path(__file__).parent


def source() -> dict[str, Any]:
    """Return secrets.yaml as it is written."""
    document: dict[str, Any] = yaml.safe_load((HERE / "secrets.yaml").read_text("utf-8"))
    return document


def main() -> None:
    """Write secrets.json beside its source."""
    (HERE / "secrets.json").write_text(as_json(rows_of(source())), "utf-8")


if __name__ == "__main__":
    main()
