"""Import langchain-openai without the parts of it and of openai that no chat completion uses.

Importing both runs nearly 700 modules. Two thirds of them are data classes of other interfaces, which the `__init__` of
a few packages imports only to name them once more. With this, such an `__init__` runs when the first of its names is
asked for, as importlib.util.LazyLoader does it; unlike there, its submodules can be imported before. Nothing takes the
place of a library's code: it runs later, or never. What another version does not have is never asked for.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any

# Their `__init__` only names again what their submodules define.
RE_EXPORTING = frozenset(
    {"langchain_openai", "langchain_openai.chat_models", "openai.types", "openai.types.responses"}
)  # fmt: skip
# Where it is installed for another library, openai imports it for one more transport; opsagent hands its own over.
OPTIONAL = frozenset({"aiohttp"})
_IMPORT_SYSTEM = frozenset({"__path__", "__file__", "__cached__"})  # a package may be without
_ONE_AT_A_TIME = RLock()


class DeferredPackage(ModuleType):
    """A package whose `__init__` has not run; its submodules can be imported."""

    _runs = False

    def __getattr__(self, name: str) -> Any:
        """Run the `__init__` for the first name that is not there."""
        if name in _IMPORT_SYSTEM or not self._run():
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}", name=name, obj=self)
        return getattr(self, name)

    def __dir__(self) -> list[str]:
        """Return all names, those that the `__init__` defines included."""
        self._run()
        return sorted(vars(self))

    def _run(self) -> bool:
        """Run the `__init__`; False while it runs and asks itself. A thread that asks meanwhile waits for its end."""
        with _ONE_AT_A_TIME:
            if type(self) is not DeferredPackage:
                return True
            if self._runs:
                return False
            self._runs = True
            try:
                loader = self.__spec__.loader if self.__spec__ else None
                if loader is not None:
                    loader.exec_module(self)
                self.__class__ = ModuleType  # type: ignore[assignment]  # from now on a module like any other
            finally:
                del self._runs
        return True


class _Deferring(Loader):
    """Makes the package, and leaves its `__init__` for later."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> DeferredPackage:
        return DeferredPackage(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader


class _Finder(MetaPathFinder):
    """Finds the packages that are deferred, and does not find what is left out."""

    def __init__(self, packages: frozenset[str], without: frozenset[str]) -> None:
        self.packages, self.without = packages, without

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in self.without:
            raise ModuleNotFoundError(f"{fullname} is not imported here", name=fullname)
        spec = PathFinder.find_spec(fullname, path, target) if fullname in self.packages else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Deferring(spec.loader)
        return spec


@contextmanager
def deferring(packages: frozenset[str] = RE_EXPORTING, *, without: frozenset[str] = OPTIONAL) -> Iterator[None]:
    """Defer the `__init__` of these packages where they are imported meanwhile, and import nothing of `without`.

    What was imported before is as it was.
    """
    finder = _Finder(packages, without)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
