"""Switch off whatever the language model libraries would send elsewhere, before they are imported."""

import os
import sys
from collections.abc import MutableMapping

# These variables turn on tracing, redirect the model's end point to a gateway, or add headers, keys and proxies to
# requests. Only opsagent's own configuration says where a prompt goes, and with which key.
_PREFIXES = ("LANGSMITH_", "LANGCHAIN_", "OPENAI_")
_NAMES = ("LC_OUTPUT_VERSION",)
_OFF = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2")


def switch_off_tracing(environ: MutableMapping[str, str] | None = None) -> None:
    """Remove from the process' environment what those libraries read by themselves, and say that tracing is off.

    Read a key that the configuration names before calling this: OPENAI_API_KEY goes too.
    """
    environ = os.environ if environ is None else environ
    for name in [name for name in environ if name.startswith(_PREFIXES) or name in _NAMES]:
        del environ[name]
    environ.update(dict.fromkeys(_OFF, "false"))
    utils = sys.modules.get("langsmith.utils")
    if utils is not None:  # it remembers the first answer for as long as the process lives
        utils.get_env_var.cache_clear()
