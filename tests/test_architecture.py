"""Does the package keep its own rules: directions, doors, no I/O in the core, units, sizes?

Every rule of ``architecture.py`` runs over every module of the package, and over small samples that break it, so that
no rule can pass by finding nothing.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.architecture import (
    RULES,
    Module,
    Rule,
    conversions_are_named,
    each_library_has_one_door,
    imports_point_backwards,
    library_types_stay_behind_their_door,
    sizes_are_kept,
    the_core_does_no_io,
    the_reference_model_shares_no_code,
)

ROOT = Path(__file__).resolve().parent.parent


def _package() -> list[Module]:
    modules = []
    for path in sorted((ROOT / "vhdchain").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        modules.append(Module(name=name, source=path.read_text(encoding="utf-8"), is_package=is_package))
    return modules


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps(rule: Rule) -> None:
    modules = _package()
    assert {"vhdchain", "vhdchain.units", "vhdchain.errors"} <= {module.name for module in modules}
    assert [f"{module.name}:{line}: {what}" for module in modules for line, what in rule(module)] == []


# rule, module, source. A line that ends in "# fault" must be found, every other must not.
SAMPLES: tuple[tuple[Rule, str, str], ...] = (
    (
        imports_point_backwards,
        "vhdchain.chain",
        """
        from typing import TYPE_CHECKING
        import numpy
        from vhdchain import __version__
        from vhdchain import audit  # fault
        from vhdchain import Chain  # fault
        from vhdchain.units import SECTOR_SIZE
        from vhdchain.graph import DiskGraph
        from vhdchain.blockmap import BlockMap  # fault
        import vhdchain.cli.main  # fault
        from .testing import builder  # fault
        if TYPE_CHECKING:
            from vhdchain.shell import gate  # fault
        def later() -> None:
            from vhdchain.report import text  # fault
            import_module("vhdchain.shell.files")  # fault
        """,
    ),
    (imports_point_backwards, "vhdchain.audit.links", "from vhdchain.read import reader  # fault"),
    (imports_point_backwards, "vhdchain.audit.links", "from vhdchain.audit.registry import check"),
    (imports_point_backwards, "vhdchain.errors", "from vhdchain.units import Bytes  # fault"),
    (imports_point_backwards, "vhdchain.errors", "if TYPE_CHECKING:\n from vhdchain.findings import Finding"),
    (imports_point_backwards, "vhdchain.errors", "from vhdchain.findings import Finding  # fault"),
    (imports_point_backwards, "vhdchain.misc", "x = 1  # fault"),
    (imports_point_backwards, "vhdchain", "from vhdchain.chain import Chain  # fault"),
    (each_library_has_one_door, "vhdchain.image", "import construct as cs  # fault\nimport numpy as np"),
    (
        each_library_has_one_door,
        "vhdchain.structures.footer",
        "from construct import Struct\nimport lxml.etree  # fault",
    ),
    (each_library_has_one_door, "vhdchain.report.dot", "def f():\n    import networkx as nx  # fault"),
    (each_library_has_one_door, "vhdchain.audit", "import pytest  # fault\nimport hypothesis.strategies  # fault"),
    (
        library_types_stay_behind_their_door,
        "vhdchain.graph.disks",
        """
        import networkx as nx
        from networkx import DiGraph
        def leaves(graph: nx.DiGraph) -> list[int]: ...  # fault
        def base(*, graph: 'list[DiGraph]') -> int: ...  # fault
        def to_networkx() -> nx.DiGraph: ...
        def _inner(graph: nx.DiGraph) -> None: ...
        def told() -> Literal["not a type"]: ...
        class Disks:
            edges: DiGraph  # fault
            _edges: DiGraph
            def walk(self) -> Iterator[nx.DiGraph]: ...  # fault
        """,
    ),
    (library_types_stay_behind_their_door, "vhdchain.chain", "def f(g: 'networkx.DiGraph') -> None: ...  # fault"),
    (
        library_types_stay_behind_their_door,
        "vhdchain.structures._layout",
        "from construct import Struct\nx: Struct = 1",
    ),
    (
        the_core_does_no_io,
        "vhdchain.locate.gate",
        """
        import io, sys
        import os.path  # fault
        import time  # fault
        from pathlib import PureWindowsPath
        from pathlib import Path  # fault
        from io import RawIOBase
        from io import FileIO  # fault
        from importlib import resources  # fault
        import datetime as dt
        from datetime import datetime
        def read(name: str) -> None:
            open(name)  # fault
            print(name)  # fault
            io.open(name)  # fault
            io.BytesIO(b"")
            sys.stdout.write(name)  # fault
            sys.intern(name)
            dt.datetime.now()  # fault
            datetime.utcnow()  # fault
            np.memmap(name)  # fault
            extents.tofile(name)  # fault
        """,
    ),
    (the_core_does_no_io, "vhdchain.shell.files", "import os\nopen('x')"),
    (
        conversions_are_named,
        "vhdchain.image",
        "a = 512 * 1024\na = b * 512  # fault\na //= 512  # fault\na = b >> 9  # fault\na = b + 512",
    ),
    (conversions_are_named, "vhdchain.units", "a = b * 512"),
    (sizes_are_kept, "vhdchain.chain", "\n" * 399 + "x = 1  # fault"),
    (sizes_are_kept, "vhdchain.chain", "\n" * 398 + "x = 1"),
    (sizes_are_kept, "vhdchain.chain", "def f():  # fault\n" + "    x = 1\n" * 60),
    (sizes_are_kept, "vhdchain.chain", "def f():\n" + "    x = 1\n" * 59),
    (sizes_are_kept, "vhdchain.chain", "# Long because it is one table.\ndef f():\n" + "    x = 1\n" * 60),
    (
        the_reference_model_shares_no_code,
        "vhdchain.testing.model",
        "import vhdchain.units\nimport vhdchain.image  # fault",
    ),
    (the_reference_model_shares_no_code, "vhdchain.testing.model.disk", "from vhdchain.blockmap import merge  # fault"),
    (the_reference_model_shares_no_code, "vhdchain.testing.builder", "import vhdchain.blockmap"),
)


@pytest.mark.parametrize(("rule", "name", "source"), SAMPLES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_rule_finds_what_breaks_it(rule: Rule, name: str, source: str) -> None:
    module = Module(name=name, source=dedent(source))
    marked = [n for n, line in enumerate(module.source.splitlines(), 1) if line.endswith("# fault")]
    assert sorted(line for line, _ in rule(module)) == marked


def test_every_rule_is_tried_on_a_sample_with_a_fault() -> None:
    assert {rule for rule, _, source in SAMPLES if "# fault" in source} == set(RULES)
