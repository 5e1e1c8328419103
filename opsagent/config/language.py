"""The language of what is drawn: the setting, else the operator's locale."""

from collections.abc import Mapping
from typing import get_args

from opsagent.config.settings import Language

_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts, as POSIX orders them


def language_of(setting: Language | None, environ: Mapping[str, str]) -> Language:
    """Return the language set, else that of the locale ("ko_KR.UTF-8": ko) where there is a translation, else en."""
    if setting is not None:
        return setting
    named = next((environ[name] for name in _LOCALE if environ.get(name)), "")
    spoken = named.partition(".")[0].partition("@")[0].partition("_")[0].lower()
    return next((known for known in get_args(Language) if known == spoken), "en")
