"""What libraries do not document is used in few files, which say so; setup.cfg caps the library.

Private is what starts with one underscore and is not the file's own. gunicorn and SQLAlchemy also
have public names that nobody promises to keep; no grammar tells these, so `USED` lists them.
"""

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
APP = ROOT / "app"
# What each file uses of a library that the library does not document for everybody.
USED = {
    "web/url_rules.py": ("werkzeug", {"_compile_builder", "_build", "_build_unknown"}),
    "serving/received_body.py": (
        "gunicorn",
        {"_expected_100_continue", "unreader", "force_close", "reader"},
    ),
    "serving/patient_worker.py": (
        "gunicorn",
        {"init_process", "enqueue_req", "handle", "finish_request", "murder_pending"}
        | {"poller", "nr_conns", "data_ready", "unreader", "take_buffered"},
    ),
    "serving/worker.py": (
        "gunicorn",
        {"init_process", "init_signals", "handle_request", "set_accept_enabled", "accept"}
        | {"nr_conns", "sockets", "write_error"},
    ),
    "database/prepared.py": (
        "sqlalchemy",
        {"binds", "positional", "positiontup", "dialect_impl"}
        | {"bind_processor", "result_processor", "is_disconnect"},
    ),
    "database/transactions.py": ("sqlalchemy", {"do_begin"}),
    "database/pooled_connections.py": ("sqlalchemy", {"do_ping"}),
}
# These also mean something else, of our own or of another library.
COMMON = {"handle", "reader", "accept"}
# Underscores that are documented: of named tuples and rows, of werkzeug's proxies, of marshmallow.
DOCUMENTED = {"_asdict", "_fields", "_mapping", "_replace"}
DOCUMENTED |= {"_get_current_object", "_deserialize", "_serialize"}
TYPES_ONLY = {"_typeshed"}
# Keys of what is stored and sent, and of Flask-Login's session; what compilers call blocks.
WORDS = {"_meta", "_id", "_block_invoke"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def attributes_of(of: ast.ClassDef) -> Iterator[str]:
    """What a class defines, or sets in itself."""
    for node in of.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        yield from (target.id for target in targets if isinstance(target, ast.Name))
    for node in ast.walk(of):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
                yield node.attr


def classes_in(tree: ast.AST) -> dict[str, set[str]]:
    """The attributes of each."""
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return {each.name: set(attributes_of(each)) for each in classes}


def foreign_names_in(tree: ast.AST) -> set[str]:
    """Private names that the file uses and does not define itself, in whatever way.

    A string counts wherever it stands: `vars`, `attrgetter` and `getattr` are not the only ones
    that take a name. What a class overrides without a word is told by `overridden`.
    """
    classes = classes_in(tree)
    own = set().union(*classes.values()) | set(classes)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if _is_super(node.value) or node.attr not in own:
                found.add(node.attr)
        elif isinstance(node, ast.Import):
            found |= {part for each in node.names for part in each.name.split(".")}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = {name.name for name in node.names} | set((node.module or "").split("."))
            found |= set() if (node.module or "").split(".")[0] == "app" else names
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            parts = node.value.split(".")
            if all(part.isidentifier() for part in parts):
                found |= set(parts) - own - WORDS
    return {name for name in found if is_private(name)} - DOCUMENTED - TYPES_ONLY


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "super"


def overridden(ours: type[Any], names: set[str], *, package: str) -> set[str]:
    """Those of the names that stand in a base of another package; also what it sets in itself."""
    theirs: set[str] = set()
    for base in ours.__mro__[1:]:
        if base.__module__.split(".")[0] != package:
            theirs |= set(vars(base)) | _sets_in_itself(base)
    return names & theirs


def _sets_in_itself(base: type[Any]) -> set[str]:
    try:
        tree = ast.parse(inspect.getsource(sys.modules[base.__module__]))
    except (OSError, TypeError):  # written in C
        return set()
    return classes_in(tree).get(base.__name__, set())


def overridden_in(path: Path, tree: ast.AST) -> set[str]:
    found: set[str] = set()
    if not (classes := classes_in(tree)):
        return found
    parts = path.relative_to(ROOT).with_suffix("").parts
    module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
    for name, attributes in classes.items():
        ours = getattr(module, name, None)
        if isinstance(ours, type):
            found |= overridden(ours, attributes, package="app")
    return {name for name in found if not name.startswith("__")}


def names_used_in(tree: ast.AST) -> set[str]:
    """All attributes and definitions, whoever's they are."""
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return found.union(*classes_in(tree).values())


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.AST]:
    return {path: ast.parse(path.read_text()) for path in APP.rglob("*.py")}


def test_each_private_name_of_a_library_is_used_in_its_file_alone(trees):
    used = {}
    for path, tree in trees.items():
        private = {name for name in overridden_in(path, tree) if is_private(name)} - DOCUMENTED
        if found := private | foreign_names_in(tree):
            used[str(path.relative_to(APP))] = found
    known = {path: set(filter(is_private, names)) for path, (_, names) in USED.items()}
    assert used == {path: names for path, names in known.items() if names}


@pytest.mark.parametrize("path", [path for path in USED if path.startswith("serving/")])
def test_what_is_overridden_of_gunicorn_is_listed(trees, path):
    assert overridden_in(APP / path, trees[APP / path]) <= USED[path][1]


@pytest.mark.parametrize("path", USED)
def test_what_is_listed_of_a_library_is_used_there(trees, path):
    private = foreign_names_in(trees[APP / path])
    assert USED[path][1] - names_used_in(trees[APP / path]) - private == set()


@pytest.mark.parametrize("library", sorted({library for library, _ in USED.values()}))
def test_undocumented_names_are_used_in_the_listed_files_alone(trees, library):
    listed = {APP / path for path, (of, _) in USED.items() if of == library}
    names = set().union(*(names for of, names in USED.values() if of == library)) - COMMON
    used = {
        str(path.relative_to(APP)): found
        for path, tree in trees.items()
        if path not in listed and (found := (names - {"_build"}) & names_used_in(tree))
    }
    assert used == {}


@pytest.mark.parametrize("path", USED)
def test_the_file_says_which_names_it_uses(path):
    words = ast.get_docstring(ast.parse((APP / path).read_text())) or ""
    library, names = USED[path]
    assert [name for name in names if f"`{name}`" not in words] == []
    assert library in words.lower()


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


@pytest.mark.parametrize("path", USED)
def test_where_it_is_capped_the_file_is_named(path):
    """In the comment above the library's line."""
    library, _ = USED[path]
    above, _, _ = (ROOT / "setup.cfg").read_text().partition(f"\n    {library} >= ")
    comment = []
    for line in reversed(above.splitlines()):
        if not line.lstrip().startswith("#"):
            break
        comment.append(line)
    assert Path(path).name in " ".join(comment)


@pytest.mark.parametrize(
    "code",
    [
        "limiter._marked.add(1)",
        "request._marked = False",
        "class Ours(Theirs):\n    def f(self): return self._marked",
        "class Ours(Theirs):\n    def _marked(self): return super()._marked()",
        "def _marked(): pass\ntheirs._marked()",
        "getattr(theirs, '_marked')",
        "setattr(theirs, '_marked' if late else '_marked', 1)",
        "operator.attrgetter('name._marked')(theirs)",
        "vars(theirs)['_marked']",
        "theirs.__dict__['_marked']",
        "import theirs._marked",
        "import theirs._marked.name as name",
        "from theirs import _marked",
        "from theirs._marked import name",
    ],
)
def test_every_way_to_use_a_private_name_is_found(code):
    assert foreign_names_in(ast.parse(code)) == {"_marked"}


class Theirs:
    def __init__(self) -> None:
        self._set = 1

    def _defined(self) -> None: ...


@pytest.mark.parametrize("name", ["_set", "_defined"])
def test_what_is_overridden_without_a_word_is_found(name):
    ours = type("Ours", (Theirs,), {"__module__": "ours"})
    assert overridden(ours, {name, "_mine"}, package="ours") == {name}


@pytest.mark.parametrize(
    "code",
    [
        "class Ours:\n    def __init__(self): self._mine = 1\n    def f(self): return self._mine",
        "class Ours:\n    __slots__ = ('_mine',)\n    def __init__(self): self._mine = 1",
        "def f(of: '_Mine'): ...\nclass _Mine: ...",
        "from app.limits import _mine",
        "row._asdict()",
        "theirs.__name__",
        "'Words that are no name, such as _mine'",
    ],
)
def test_what_is_ours_or_documented_is_not_taken_for_it(code):
    assert foreign_names_in(ast.parse(code)) == set()
