"""Write each `.mo` from its `.po`: `python -m opsagent.ui.locale.compile` (needs the development dependencies)."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HOME = Path(__file__).parent
MADE = datetime(1970, 1, 1, tzinfo=UTC)  # with the time of now, the file would differ each time it is compiled


def main() -> int:
    """Compile every language; return 1 where a file does not parse."""
    for source in sorted(HOME.glob("*/LC_MESSAGES/opsagent.po")):
        with source.open("rb") as file:
            catalog = read_po(file, abort_invalid=True)
        catalog.creation_date = MADE
        with source.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)
        sys.stderr.write(f"{source.parent.parent.name}: {len(catalog)} messages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
