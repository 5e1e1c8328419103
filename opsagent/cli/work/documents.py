"""Records as one JSON or YAML document."""

import json
from typing import Any

from opsagent.cli.options import OutputFormat
from opsagent.models.plain import plain


def document(record: Any, output: OutputFormat) -> str:
    """Return a record, or a list of them, as one document."""
    data = plain(record)
    if output == "json":
        return json.dumps(data, ensure_ascii=False, indent=2)
    # YAML costs 20 ms at import; only -o yaml needs it.
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(data, Dumper=dumper, allow_unicode=True, sort_keys=False))
