"""The translations are complete, fit their sources, and are compiled."""

import gettext
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from opsagent.analysis.catalog.catalog import builtin
from opsagent.setup.access import NEEDED
from opsagent.ui import locale
from opsagent.ui.locale.compile import MADE
from opsagent.ui.translation import pieces, translator
from tests.ui.locale.sources import advice, alike, has_source, summaries, texts_of

# kubectl and its verb, a flag, the path of a field.
_COMMAND = re.compile(r"kubectl [a-z-]+|(?<!\w)--[a-z][\w-]+(?:=[\w.<>-]+)?|\b(?:spec|status|metadata)\.[\w.\[\]]+")
# How to fix something, in words that are the same in every language: a command, a flag, a line of the configuration.
COMMANDS = frozenset(
    {
        '"<": "&lt;"',
        "--config FILE",
        "--image NAME:TAG --claim PVC",
        "--role reader",
        "--role reader, or --role operator",
        "--sources-secret NAME",
        "-o FILE",
        'command: [docker, logs, --timestamps, --since, "{}", "{}"]',
        "depends_on: [redis, auth]",
        "kubectl rollout history deployment/{}",
        "kubectl rollout resume deployment/{}",
        "opsagent -h",
        'opsagent ask {} "why"',
        "opsagent diagnose --from - < app.log",
        "opsagent diagnose {}",
        "opsagent digest - < app.log",
        "opsagent digest {}",
        "opsagent doctor",
        "opsagent manifests --role reader {} | kubectl apply -f -",
        "opsagent manifests {} | kubectl apply -f -",
        "opsagent mute CODE OBJECT",
        'opsagent mute ID --for 8h --reason "the disk is ordered"',
        "opsagent pods",
        "opsagent report list",
        "opsagent report show {}",
        "opsagent resume {}",
        "pip install 'opsagent[{}]'",
        "{} -h\n{}",
    }
)
PO_FILES = sorted(Path(locale.__file__).parent.glob("*/LC_MESSAGES/opsagent.po"))


@cache
def messages(source: Path) -> dict[str, str]:
    """Return msgid → msgstr of a `.po` file, the header left out."""
    with source.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, abort_invalid=True) if message.id}


@pytest.fixture(params=PO_FILES, ids=lambda path: path.parent.parent.name)
def source(request: pytest.FixtureRequest) -> Path:
    """One language's `.po` file."""
    path: Path = request.param
    return path


def to_add(missing: set[str], source: Path) -> str:
    """Return the entries to copy to the end of a `.po` file, without their translation."""
    entries = "\n\n".join(f'msgid "{denormalized(text)}"\nmsgstr ""' for text in sorted(missing))
    place = source.relative_to(Path(locale.__file__).parents[3])
    return f"add these to {place}, translate them, then run `python -m tests.compile`:\n\n{entries}\n"


def denormalized(text: str) -> str:
    """Return a text as it is between the quotes of a `.po` file."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def test_every_text_of_the_catalog_is_translated(source: Path) -> None:
    """Meaning, remedy, how it is found, steps, variants and effects of all codes."""
    missing = {text for code in builtin().rows for text in texts_of(code)} - set(messages(source))
    assert not missing, to_add(missing, source)


def test_every_summary_is_translated(source: Path) -> None:
    """What a phrase or a message of Kubernetes is summed up as, with and without what it blames."""
    missing = set(summaries()) - set(messages(source))
    assert not missing, to_add(missing, source)


def test_all_advice_is_translated(source: Path) -> None:
    """How to fix an error, and what the check-up advises; a bare command needs no translation."""
    assert sorted(set(advice()) - {alike(english) for english in messages(source)} - COMMANDS - {"{}"}) == []


def test_every_text_of_the_check_up_is_translated(source: Path) -> None:
    """What is lost without a right, as `doctor` names it."""
    korean = translator(source.parent.parent.name)
    assert [need.without for need in NEEDED if korean.sentence(need.without) == need.without] == []


def test_no_translation_is_empty(source: Path) -> None:
    """A message without words would draw an empty line."""
    assert [english for english, text in messages(source).items() if not text.strip()] == []


def test_placeholders_are_the_same_on_both_sides(source: Path) -> None:
    """What is filled in on one side is filled in on the other, and nothing else; <name> may be left out by neither."""
    differ = [
        english
        for english, text in messages(source).items()
        if {(p.text, p.kind) for p in pieces(english) if p.placeholder}
        != {(p.text, p.kind) for p in pieces(text) if p.placeholder}
    ]
    assert differ == []


def test_every_msgid_has_a_source(source: Path) -> None:
    """A sentence that was reworded leaves no translation behind that nothing uses."""
    left = [english for english in messages(source) if not has_source(english)]
    assert left == [], f"nothing prints these any more: take them out of {source.name}, or correct their msgid"


def test_commands_are_left_as_they_are(source: Path) -> None:
    """An operator pastes them into a shell: verbs, flags and field paths are in the msgstr letter by letter."""
    broken = [
        (english, word)
        for english, text in messages(source).items()
        for word in _COMMAND.findall(english)
        if word.rstrip(".,;:)") not in text
    ]
    assert broken == []


def test_the_compiled_file_is_that_of_the_source(source: Path) -> None:
    """`python -m tests.compile` was run after the last change."""
    with source.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    stale = [english for english, text in messages(source).items() if compiled.gettext(english) != text]
    assert stale == [], "run `python -m tests.compile`"


def test_the_compiled_file_holds_no_time_of_its_own(source: Path) -> None:
    """Compiled again without a change it is the same, so that no commit and no merge touches it needlessly."""
    with source.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).info()["pot-creation-date"].startswith(f"{MADE:%Y-%m-%d}")
