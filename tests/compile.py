"""Compile everything that is compiled, catalog, secrets and translations: `python -m tests.compile`.

Exits 1 where one of them is wrong; each writes its files only where its own sources are right.
"""

import sys

from opsagent.analysis.catalog import compile as catalog
from opsagent.redact import compile as secrets
from opsagent.ui.locale import compile as translations


def main() -> int:
    """Compile the three, all of them even if one is wrong."""
    secrets.main()
    return max(catalog.main(), translations.main())


if __name__ == "__main__":
    sys.exit(main())
