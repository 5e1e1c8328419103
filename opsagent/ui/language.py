"""The operator's language: sentences are translated where they are drawn; records, JSON and errors stay English.

In English nothing is loaded: `localised` returns what it was given.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opsagent.config.settings import Language

SOURCE: "Language" = "en"


class _Chosen:
    language: "Language" = SOURCE


def use(language: "Language") -> None:
    """Set the language of everything that this process draws from now on."""
    _Chosen.language = language


def in_use() -> "Language":
    """Return the language of what is drawn."""
    return _Chosen.language


def localised(text: str, language: "Language | None" = None) -> str:
    """Return one of opsagent's own sentences in a language; None: the one in use.

    A sentence that no translation fits comes back as it is. Names and figures inside it are kept letter by letter.
    """
    chosen = language or _Chosen.language
    if chosen == SOURCE or not text:
        return text
    from opsagent.ui.translation import translator  # noqa: PLC0415  (English pays for none of it)

    return translator(chosen).sentence(text)
