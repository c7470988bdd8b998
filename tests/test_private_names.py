"""Private names of libraries are used in one file each, which says so; setup.cfg caps the library.

What is private is what starts with one underscore and is defined nowhere in `app`.
"""

import ast
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APP = ROOT / "app"
# Each file, the library, and what the file uses of it.
USED = {
    "web/url_rules.py": ("werkzeug", {"_compile_builder", "_build", "_build_unknown"}),
    "web/received_body.py": ("gunicorn", {"_expected_100_continue"}),
}
# Underscores that are documented: of named tuples and rows, of werkzeug's proxies, of marshmallow.
DOCUMENTED = {"_asdict", "_fields", "_mapping", "_replace"}
DOCUMENTED |= {"_get_current_object", "_deserialize", "_serialize"}
TYPES_ONLY = {"_typeshed"}
BY_NAME = {"getattr", "setattr", "hasattr", "delattr"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def defined_in(tree: ast.AST) -> Iterator[str]:
    """What this code itself calls so: functions, classes, variables, attributes that it sets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
                yield node.attr


def foreign_names_in(tree: ast.AST, *, own: set[str]) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            is_inherited = isinstance(node.value, ast.Call) and _calls(node.value) == "super"
            if is_inherited or node.attr not in own:
                found.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = {name.name for name in node.names} | set((node.module or "").split("."))
            found |= set() if (node.module or "").startswith("app") else names - TYPES_ONLY
        elif isinstance(node, ast.Call) and _calls(node) in BY_NAME:
            values = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
            found |= {value for value in values if isinstance(value, str) and value.isidentifier()}
    return {name for name in found if is_private(name)} - DOCUMENTED


def _calls(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def test_each_private_name_of_a_library_is_used_in_its_file_alone():
    trees = {path: ast.parse(path.read_text()) for path in APP.rglob("*.py")}
    own = {name for tree in trees.values() for name in defined_in(tree)}
    used = {
        str(path.relative_to(APP)): foreign
        for path, tree in trees.items()
        if (foreign := foreign_names_in(tree, own=own))
    }
    assert used == {path: names for path, (_, names) in USED.items()}


@pytest.mark.parametrize("path", USED)
def test_the_file_says_which_private_names_it_uses(path):
    words = ast.get_docstring(ast.parse((APP / path).read_text())) or ""
    library, names = USED[path]
    assert [name for name in names | {library} if name not in words] == []


@pytest.mark.parametrize("library", sorted({library for library, _ in USED.values()}))
def test_the_library_is_capped_at_its_next_minor_version(library):
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    (line,) = (
        line
        for line in config["options"]["install_requires"].splitlines()
        if line.split(" ")[0] == library
    )
    lowest, highest = (part.split()[-1].split(".") for part in line.split(","))
    assert highest[:2] == [lowest[0], str(int(lowest[1]) + 1)]


@pytest.mark.parametrize(
    "code",
    [
        "limiter._marked.add(1)",
        "request._marked = False",
        "class Ours(Theirs):\n    def f(self): return self._marked",
        "class Ours(Theirs):\n    def _marked(self): return super()._marked()",
        "getattr(theirs, '_marked')",
        "setattr(theirs, '_marked' if late else '_marked', 1)",
        "from theirs import _marked",
        "from theirs._marked import name",
    ],
)
def test_every_way_to_use_a_private_name_is_found(code):
    tree = ast.parse(code)
    assert foreign_names_in(tree, own=set(defined_in(tree))) == {"_marked"}


@pytest.mark.parametrize(
    "code",
    [
        "class Ours:\n    def __init__(self): self._mine = 1\n    def f(self): return self._mine",
        "from app.limits import _mine",
        "row._asdict()",
        "theirs.__name__",
    ],
)
def test_what_is_ours_or_documented_is_not_taken_for_it(code):
    tree = ast.parse(code)
    assert foreign_names_in(tree, own=set(defined_in(tree))) == set()
