"""What are the rules of the package's architecture, as code?

Each rule is a function from a parsed module to the faults in it: (line, what). The rules know syntax trees alone; which
modules they run over, and the samples that break them, stand in ``test_architecture.py``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeGuard

Faults: TypeAlias = Iterator[tuple[int, str]]
"""What a rule yields: (line, what is wrong)."""


# The flow, in order. Stages of one row do not import each other: the four uses stand side by side.
FLOW: tuple[frozenset[str], ...] = tuple(
    frozenset(row.split())
    for row in (
        "units errors escape",
        "progress",
        "source",
        "findings",
        "structures",
        "image",
        "locate",
        "hyperv",
        "graph",
        "chain",
        "blockmap",
        "plan",
        "audit merge read snapshots",
        "transfer",
        "report",
        "shell",
        "testing",  # before the command line, which builds chains and asks other readers about them
        "cli",
        "__main__",  # the command line by another name
    )
)
RANK = {stage: rank for rank, row in enumerate(FLOW) for stage in row}

# (importer, imported), for types only. An exception carries the findings that led to it.
TYPE_ONLY_EXCEPTIONS = {("errors", "findings")}

DOORS = {
    "construct": {"structures"},
    "lxml": {"hyperv"},
    "networkx": {"graph"},
    "click": {"cli"},
    "rich": {"cli"},
    "hypothesis": {"testing"},
    "pytest": {"testing"},
    "_pytest": {"testing"},
}
TYPES_THAT_STAY_INSIDE = {"construct", "lxml", "networkx"}
LIBRARY_EDGE = {"to_networkx"}  # handing out the library's own type is what it is for

OUTSIDE_OF_THE_CORE = {"shell", "cli", "__main__", "testing"}
# fmt: off
IO_MODULES = frozenset({
    "asyncio", "fcntl", "fileinput", "ftplib", "getpass", "glob", "http", "importlib.metadata", "importlib.resources",
    "linecache", "locale", "mmap", "multiprocessing", "os", "pathlib", "platform", "posix", "select", "selectors",
    "shelve", "shutil", "signal", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "tempfile", "time",
    "urllib.request", "winreg", "zipfile",
})
# fmt: on
# A path as text is no I/O; a stream's base class, its constants and a buffer in memory are none either.
HARMLESS = {
    "pathlib": {"PurePath", "PurePosixPath", "PureWindowsPath"},
    "io": {"BufferedIOBase", "BufferedReader", "BytesIO", "IOBase", "RawIOBase", "StringIO", "UnsupportedOperation"}
    | {"SEEK_CUR", "SEEK_END", "SEEK_SET", "DEFAULT_BUFFER_SIZE"},
}
IO_BUILTINS = {"open", "print", "input", "breakpoint"}
IO_ATTRIBUTES = {
    "sys": {"argv", "exit", "stderr", "stdin", "stdout"},
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
    "np": {"fromfile", "genfromtxt", "load", "loadtxt", "memmap", "save", "savetxt", "savez"},
}

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
LONG_REASON = "# Long because"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One imported name: ``from module import name``; ``name`` is empty for ``import module``."""

    module: str
    name: str
    line: int
    type_only: bool

    def is_of(self, module: str) -> bool:
        return any(f"{whole}.".startswith(f"{module}.") for whole in (self.module, f"{self.module}.{self.name}"))


@dataclass(frozen=True, kw_only=True)
class Module:
    """One parsed source file of the package, by its dotted name."""

    name: str
    source: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def stage(self) -> str:
        return self.name.partition(".")[2].partition(".")[0]

    @property
    def in_core(self) -> bool:
        return self.stage not in OUTSIDE_OF_THE_CORE

    @cached_property
    def imports(self) -> list[Import]:
        blocks = [node for node in ast.walk(self.tree) if _is_type_checking(node)]
        guarded = {id(node) for block in blocks for line in block.body for node in ast.walk(line)}
        return [
            Import(module=module, name=name, line=node.lineno, type_only=id(node) in guarded)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Import | ast.ImportFrom | ast.Call)
            for module, name in self._imported_by(node)
        ]

    def _imported_by(self, node: ast.Import | ast.ImportFrom | ast.Call) -> list[tuple[str, str]]:
        if isinstance(node, ast.Import):
            return [(alias.name, "") for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            return [(self._absolute(node), alias.name) for alias in node.names]
        called = ast.unparse(node.func).rpartition(".")[2]
        if called in {"import_module", "__import__"} and node.args and isinstance(node.args[0], ast.Constant):
            return [(str(node.args[0].value), "")]
        return []

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        base = parts[: len(parts) - node.level + self.is_package]
        return ".".join([*base, *([node.module] if node.module else [])])


def _is_type_checking(node: ast.AST) -> TypeGuard[ast.If]:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def imports_point_backwards(module: Module) -> Faults:
    if module.stage == "":  # the facade: names for types only, the rest resolves lazily
        yield from ((i.line, f"imports {i.module}") for i in module.imports if i.is_of("vhdchain") and not i.type_only)
        return
    if module.stage not in RANK:
        yield 1, f"{module.stage} has no place in the flow"
        return
    for imported in module.imports:
        if not imported.is_of("vhdchain") or imported.name == "__version__":
            continue
        stage = f"{imported.module}.{imported.name}".split(".")[1]
        if stage == module.stage or (imported.type_only and (module.stage, stage) in TYPE_ONLY_EXCEPTIONS):
            continue
        if stage not in RANK:
            yield imported.line, f"imports {stage or 'the facade'} through the facade"
        elif RANK[stage] >= RANK[module.stage]:
            yield imported.line, f"{module.stage} imports {stage}"


def each_library_has_one_door(module: Module) -> Faults:
    for imported in module.imports:
        library = imported.module.split(".")[0]
        if module.stage not in DOORS.get(library, {module.stage}):
            yield imported.line, f"imports {library}"


def library_types_stay_behind_their_door(module: Module) -> Faults:
    if any(part.startswith("_") and part != "__init__" for part in module.name.split(".")):
        return
    inside = {n for node in ast.walk(module.tree) for n in _names_bound_from(node, TYPES_THAT_STAY_INSIDE)}
    for owner, annotation in _public_annotations(module.tree):
        for name in sorted(_roots(annotation) & (inside | TYPES_THAT_STAY_INSIDE)):
            yield annotation.lineno, f"{owner} shows {name}"


def _names_bound_from(node: ast.AST, libraries: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (a.asname or a.name.split(".")[0] for a in node.names if a.name.split(".")[0] in libraries)
    elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in libraries:
        yield from (a.asname or a.name for a in node.names)


def _public_annotations(scope: ast.Module | ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for node in scope.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public_annotations(node)
        elif isinstance(node, ast.AnnAssign) and not ast.unparse(node.target).startswith("_"):
            yield ast.unparse(node.target), node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_public(node.name):
            a = node.args
            arguments = [*a.posonlyargs, *a.args, *a.kwonlyargs, *(x for x in (a.vararg, a.kwarg) if x)]
            annotations = [*(x.annotation for x in arguments), node.returns]
            yield from ((node.name, annotation) for annotation in annotations if annotation)


def _is_public(name: str) -> bool:
    dunder = name.startswith("__") and name.endswith("__")
    return (dunder or not name.startswith("_")) and name not in LIBRARY_EDGE


def _roots(annotation: ast.expr) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                names |= _roots(ast.parse(node.value, mode="eval").body)
            except SyntaxError:  # the text of a Literal, not a quoted annotation
                continue
    return names


def the_core_does_no_io(module: Module) -> Faults:
    if not module.in_core:
        return
    for imported in module.imports:
        if imported.name and imported.name in HARMLESS.get(imported.module, set()):
            continue
        if imported.module == "io" and imported.name:
            yield imported.line, f"imports io.{imported.name}"
        elif imported.module == "os" and imported.name == "PathLike" and imported.type_only:
            continue
        elif any(imported.is_of(banned) for banned in IO_MODULES):
            yield imported.line, f"imports {imported.module}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IO_BUILTINS:
            yield node.lineno, f"calls {node.func.id}()"
        elif isinstance(node, ast.Attribute):
            yield from _io_attribute(node)


def _io_attribute(node: ast.Attribute) -> Faults:
    owner = ast.unparse(node.value).rpartition(".")[2]
    if owner == "io" and node.attr not in HARMLESS["io"]:
        yield node.lineno, f"uses io.{node.attr}"
    elif node.attr in IO_ATTRIBUTES.get(owner, set()) or node.attr == "tofile":
        yield node.lineno, f"uses {owner}.{node.attr}"


def conversions_are_named(module: Module) -> Faults:
    if module.stage == "units":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.AugAssign) and _converts(node.op, node.value):
            yield node.lineno, f"converts in line: {ast.unparse(node)}"
        elif isinstance(node, ast.BinOp):
            numbers = [side for side in (node.left, node.right) if isinstance(side, ast.Constant)]
            # Two numbers are a size written out, such as 512 * 1024.
            if len(numbers) == 1 and _converts(node.op, numbers[0]):
                yield node.lineno, f"converts in line: {ast.unparse(node)}"


def _converts(operator: ast.operator, operand: ast.expr) -> bool:
    factor = operand.value if isinstance(operand, ast.Constant) else None
    if isinstance(operator, ast.LShift | ast.RShift):
        return factor == 9
    return isinstance(operator, ast.Mult | ast.FloorDiv | ast.Div | ast.Mod) and factor == 512


def sizes_are_kept(module: Module) -> Faults:
    lines = module.source.splitlines()
    if len(lines) >= MAX_FILE_LINES:
        yield len(lines), f"{len(lines)} lines: split before {MAX_FILE_LINES}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            own_text = lines[max(node.lineno - 2, 0) : node.end_lineno]
            if length > MAX_FUNCTION_LINES and not any(LONG_REASON in line for line in own_text):
                yield node.lineno, f"{node.name} has {length} lines and no comment '{LONG_REASON} …'"


def the_reference_model_shares_no_code(module: Module) -> Faults:
    if not f"{module.name}.".startswith("vhdchain.testing.model."):
        return
    allowed = ("vhdchain.units", "vhdchain.errors", "vhdchain.testing.model")
    for imported in module.imports:
        if imported.is_of("vhdchain") and not any(imported.is_of(name) for name in allowed):
            yield imported.line, f"the reference model imports {imported.module}"


Rule: TypeAlias = Callable[[Module], Faults]

RULES: tuple[Rule, ...] = (
    imports_point_backwards,
    each_library_has_one_door,
    library_types_stay_behind_their_door,
    the_core_does_no_io,
    conversions_are_named,
    sizes_are_kept,
    the_reference_model_shares_no_code,
)
