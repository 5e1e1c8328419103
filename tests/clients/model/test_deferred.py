"""Deferred packages: their code is their own, and it runs at the first name that is asked for, once."""

import ast
import importlib
import importlib.util
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from opsagent.clients.model.deferred import OPTIONAL, RE_EXPORTING, DeferredPackage, deferring
from tests.model_server import ModelServer

RAN = "ran = __import__('builtins').__dict__.setdefault('_deferred_runs', []); ran.append(__name__)\n"
PACKAGE = RAN + "from shelf.book import Book\nfrom shelf import pen\n__all__ = ['Book', 'pen']\n"
FILES = {
    "shelf/__init__.py": PACKAGE,
    "shelf/book.py": "class Book:\n    pass\n",
    "shelf/pen.py": "import shelf\ncolour = getattr(shelf, 'ink', 'none yet')\n",
}


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A package of three files, and the list of the runs of its `__init__`."""
    write(tmp_path, FILES)
    monkeypatch.syspath_prepend(str(tmp_path))
    runs: list[str] = []
    monkeypatch.setattr("builtins._deferred_runs", runs, raising=False)
    yield runs
    for name in [name for name in sys.modules if name.partition(".")[0] == "shelf"]:
        del sys.modules[name]


def write(folder: Path, files: dict[str, str]) -> None:
    """Write the files of a package."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    importlib.invalidate_caches()


def loaded(name: str) -> ModuleType:
    """Import a module with `shelf` deferred."""
    with deferring(frozenset({"shelf"})):
        return importlib.import_module(name)


def test_a_submodule_does_not_run_the_init(shelf: list[str]) -> None:
    """The submodule is there, and the package is one whose `__init__` waits."""
    book = loaded("shelf.book")
    assert book.Book.__module__ == "shelf.book"
    assert type(sys.modules["shelf"]) is DeferredPackage
    assert shelf == []


def test_the_first_name_runs_it_once(shelf: list[str]) -> None:
    """From then on the package is a module like any other, with its own loader and the same submodule."""
    book = loaded("shelf.book")
    package = sys.modules["shelf"]
    assert package.Book is book.Book
    assert type(package) is ModuleType
    assert package.__spec__ is not None
    assert isinstance(package.__loader__, SourceFileLoader)
    assert package.__spec__.loader is package.__loader__
    assert package.pen.colour == "none yet", "a name that the init has not reached is missing, as without deferring"
    with pytest.raises(AttributeError):
        _ = package.ink
    assert shelf == ["shelf"]


def test_all_its_names_are_listed(shelf: list[str]) -> None:
    """`dir` and a star import show what the `__init__` defines."""
    names: dict[str, object] = {}
    loaded("shelf")
    exec("from shelf import *", names)
    assert {"Book", "pen"} <= names.keys()
    assert {"Book", "pen", "book"} <= set(dir(sys.modules["shelf"]))
    assert shelf == ["shelf"]


def test_a_list_of_names_runs_it_too(shelf: list[str]) -> None:
    """`dir` is as good a reason as a name."""
    assert "Book" in dir(loaded("shelf"))
    assert shelf == ["shelf"]


def test_an_init_that_fails_is_tried_again(shelf: list[str], tmp_path: Path) -> None:
    """Its own error reaches whoever asked, and the package waits for the next one who asks."""
    (tmp_path / "shelf/__init__.py").write_text(f"{PACKAGE}if len(ran) < 2: raise OSError('no glue')\n", "utf-8")
    package = loaded("shelf")
    with pytest.raises(OSError, match="no glue"):
        _ = package.Bookend
    assert package.pen.colour == "none yet"
    with pytest.raises(AttributeError, match="Bookend"):
        _ = package.Bookend
    assert shelf == ["shelf", "shelf"]


def test_two_threads_run_it_once(shelf: list[str]) -> None:
    """The second one waits for the first one's run and gets the name."""
    package, start, got = loaded("shelf"), threading.Barrier(4), list[object]()

    def ask() -> None:
        start.wait()
        got.append(package.Book)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4
    assert len(set(got)) == 1
    assert shelf == ["shelf"]


def test_nothing_is_deferred_afterwards_or_again(shelf: list[str]) -> None:
    """Without the context, and for what is imported already, an import is what it always is."""
    before = list(sys.meta_path)
    package = importlib.import_module("shelf")
    assert loaded("shelf") is package
    assert type(package) is ModuleType
    assert sys.meta_path == before
    assert shelf == ["shelf"]


def test_what_is_left_out_is_left_out_meanwhile_only(shelf: list[str]) -> None:
    """An optional package is not found, with its name in the error; afterwards it is."""
    with deferring(frozenset(), without=frozenset({"shelf"})), pytest.raises(ModuleNotFoundError) as error:
        importlib.import_module("shelf")
    assert error.value.name == "shelf"
    assert importlib.import_module("shelf").pen
    assert shelf == ["shelf"]


PROGRAM = """
import sys
from pydantic import BaseModel
from opsagent.clients.model.client import ModelClient
from opsagent.config.settings import ModelSettings
class Answer(BaseModel):
    code: str
print(ModelClient(ModelSettings("small", sys.argv[1]), {}).ask("s", "u", Answer).answer.code)
print([name for name in UNUSED if name in sys.modules])
import langchain_openai, openai
names = [name for name in langchain_openai.__all__ if not hasattr(langchain_openai, name)]
print(names, openai.types.Batch.__module__, openai.types.responses.Response.__module__)
"""
UNUSED = ("aiohttp", "langchain_openai.llms", "langchain_openai.embeddings", "openai.types.batch",
          "openai.types.responses.response")  # fmt: skip


def test_a_question_loads_no_other_interface(server: ModelServer) -> None:
    """The real libraries answer a question without them; whoever asks for them later gets them complete."""
    server.enqueue({"code": "db.locked"})
    program = f"UNUSED = {UNUSED!r}{PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-c", program, server.url], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout.splitlines() == [
        "db.locked", "[]", "[] openai.types.batch openai.types.responses.response"
    ], done.stderr  # fmt: skip


def test_the_deferred_packages_define_nothing() -> None:
    """Each of them is installed, and its `__init__` holds imports, `__all__` and its docstring alone."""
    for name in sorted(RE_EXPORTING):
        spec = importlib.util.find_spec(name)
        assert spec is not None, f"{name} is gone: take it out of RE_EXPORTING"
        assert spec.origin is not None
        body = ast.parse(Path(spec.origin).read_text("utf-8")).body
        odd = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr | ast.Assign)]
        assert not odd, f"{name} does more than import: {ast.unparse(odd[0])[:80]}"
    assert not OPTIONAL & RE_EXPORTING
