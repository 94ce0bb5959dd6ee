"""The libraries whose own tests are run: where each keeps them, and what is passed over.

Versions are in requirements/libraries.txt.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Library:
    # Folders or files with tests: in site-packages, or in the source distribution if `source` is set.
    paths: tuple[str, ...]
    source: bool = False
    # Further arguments of pytest.
    arguments: tuple[str, ...] = ()


LIBRARIES = {
    "attrs": Library(("tests",), source=True),
    "boltons": Library(("tests",), source=True),
    "ecdsa": Library(("ecdsa",)),
    "jinja2": Library(("tests",), source=True),
    "jsonschema": Library(("jsonschema/tests",)),
    "markdown": Library(("tests",), source=True),
    "mistune": Library(("tests",), source=True),
    "more-itertools": Library(("tests",), source=True),
    "mpmath": Library(("mpmath/tests",)),
    "networkx": Library(("networkx/algorithms", "networkx/classes", "networkx/generators", "networkx/utils")),
    "numpy": Library(("numpy/_core", "numpy/lib", "numpy/linalg", "numpy/random")),
    "parso": Library(("test",), source=True),
    "pycparser": Library(("tests",), source=True),
    "pyparsing": Library(("tests",), source=True),
    "pyrsistent": Library(("tests",), source=True),
    "simpy": Library(("tests",), source=True),
    "sqlparse": Library(("tests",), source=True),
    "sympy": Library(("sympy/core",)),
    "toolz": Library(("toolz",)),
}
