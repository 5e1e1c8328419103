"""Choose the language of what a command draws."""

import sys
from collections.abc import Mapping

from opsagent.config.language import language_of
from opsagent.config.settings import Language
from opsagent.ui.language import SOURCE, use


def speak(setting: Language | None, environ: Mapping[str, str]) -> None:
    """Draw in the language that is set, else in that of the locale; in English where stdout cannot print it."""
    language = language_of(setting, environ)
    if language != SOURCE:
        from opsagent.ui.stream import prints_marks

        if not prints_marks(sys.stdout, environ):
            language = SOURCE
    use(language)
