"""Random numeric programs, each decided wholly by a seed.

A program is the source of a module. It defines a few functions, the later ones
calling the earlier ones, and then calls them through `run(function, *arguments)`,
which the worker supplies and which records the outcome of each call. Some programs
also loop at module level, and report with `note(...)`.

Every expression is generated for an intended kind (int, float, complex, bool, list of
int, list of float, string), and now and then for another one, so that type errors and type
changes happen in the middle of loops. Programs end: loops count, recursion gets a
shrinking argument, and `lim` brings ints back before they grow past a few hundred bits.
"""

import random

PRELUDE = """\
import math
from array import array

INF = float("inf")
NAN = INF - INF


def lim(x):
    if type(x) is int and not -(1 << 200) < x < 1 << 200:
        return x % 1000003
    return x
"""

INTS = [
    0,
    1,
    -1,
    2,
    3,
    4,
    5,
    7,
    -3,
    8,
    10,
    16,
    63,
    64,
    100,
    -100,
    255,
    1000003,
    1 << 15,
    (1 << 30) - 1,
    1 << 30,
    (1 << 30) + 1,
    -(1 << 30),
]
INTS += [
    1 << 31,
    -(1 << 31),
    1 << 32,
    (1 << 53) + 1,
    1 << 60,
    -(1 << 60),
    1 << 61,
    (1 << 62) - 1,
    1 << 62,
    -(1 << 62),
    -(1 << 62) - 1,
]
INTS += [
    (1 << 63) - 2,
    (1 << 63) - 1,
    1 << 63,
    -(1 << 63),
    -(1 << 63) - 1,
    -(1 << 63) + 1,
    1 << 64,
    (1 << 64) - 1,
    10**18,
    3037000499,
    3037000500,
]
INTS += [
    (1 << 64) + 1,
    -(1 << 64),
    (1 << 65) - 1,
    (1 << 126) + 1,
    (1 << 127) - 1,
    1 << 127,
    -(1 << 127),
    -(1 << 127) - 1,
    (1 << 128) - 1,
    (1 << 129) - (1 << 63) + 1,
    -(1 << 129),
    (1 << 150) + 1,
    0x9E3779B97F4A7C15,
    6364136223846793005,
    1099511628211,
]
MASKS = ["0xFFFFFFFF", "0xFFFFFFFFFFFFFFFF", "((1 << 63) - 1)", "((1 << 128) - 1)", "0xFFFF", "(1 << 64)"]
MODULI = [
    "2**32",
    "2**64",
    "2**61 - 1",
    "2**63 - 25",
    "2**64 - 59",
    "1000000007",
    "998244353",
    "2**127 - 1",
    "-(2**64)",
]
FLOATS = [
    "0.0",
    "-0.0",
    "0.5",
    "1.0",
    "-1.0",
    "1.5",
    "-2.25",
    "0.1",
    "3.0",
    "1e-9",
    "1e10",
    "1e16",
    "9007199254740993.0",
    "1e300",
    "-1e300",
    "1e-300",
    "5e-324",
]
FLOATS += [
    "1.7976931348623157e308",
    "9.223372036854775807e18",
    "-9.223372036854775808e18",
    "4611686018427387904.0",
    "INF",
    "-INF",
    "NAN",
]
STRINGS = ["", "a", "ab", "abc", "hello", "zé☃", "0", "𝄞x"]
MATH1 = ["sqrt", "sin", "cos", "floor", "ceil", "fabs", "exp", "log", "trunc", "atan", "tanh", "isnan", "isfinite"]
EXCEPTIONS = "(ZeroDivisionError, OverflowError, IndexError, ValueError, TypeError)"
KINDS = ["int", "float", "bool", "ints", "floats", "str", "complex"]


class Function:
    def __init__(self, name, params, kinds, returns, defaults):
        self.name = name
        self.params = params
        self.kinds = kinds
        self.returns = returns
        self.defaults = defaults


class Scope:
    """The variables of one function, by kind."""

    def __init__(self):
        self.by_kind = {kind: [] for kind in KINDS}
        self.count = 0

    def add(self, kind, name=None):
        if name is None:
            prefix = {"int": "i", "float": "x", "bool": "b", "ints": "a", "floats": "v", "str": "s", "complex": "z"}
            name = prefix[kind] + str(self.count)
            self.count += 1
        self.by_kind[kind].append(name)
        return name


class Generator:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.functions = []
        self.lines = []
        self.scope = None
        self.loops = 0
        self.budget = 0
        self.counter = 0
        self.wild = self.rng.choice([0.0, 0.0, 0.01, 0.04])
        self.edge = self.rng.choice([0.05, 0.3, 0.7])
        self.globals = self.rng.random() < 0.4
        self.in_function = False
        self.unbound = self.rng.choice([0.0, 0.0, 0.1, 0.5])

    # Values ---------------------------------------------------------------------

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, options):
        return self.rng.choice(options)

    def int_literal(self):
        if self.chance(self.edge):
            value = self.pick(INTS) + (self.pick([-1, 0, 1]) if self.chance(0.2) else 0)
        else:
            value = self.rng.randint(-5, 12)
        return f"({value})" if value < 0 else str(value)

    def float_literal(self):
        if self.chance(self.edge):
            return f"({self.pick(FLOATS)})"
        return f"({self.rng.randint(-40, 80) / 8!r})"

    def literal(self, kind):
        if kind == "int":
            return self.int_literal()
        if kind == "float":
            return self.float_literal()
        if kind == "bool":
            return self.pick(["True", "False"])
        if kind == "str":
            return repr(self.pick(STRINGS))
        if kind == "complex":
            if self.chance(self.edge):
                return f"complex({self.float_literal()}, {self.float_literal()})"
            return f"({self.rng.randint(-9, 9) / 4!r} + {self.rng.randint(-9, 9) / 4!r}j)"
        n = self.rng.randint(1, 6)
        item = self.int_literal if kind == "ints" else self.float_literal
        return "[" + ", ".join(item() for _ in range(n)) + "]"

    def argument(self, kind):
        """An argument as a caller outside would give it: any kind, or something else altogether."""
        if self.chance(0.12):
            kind = self.pick(KINDS)
        roll = self.rng.random()
        if roll < 0.03:
            return self.pick(["None", "()", "2j", "(1, 2)", "[]", "(1 << 90)", "b'ab'"])
        if kind == "ints" and roll < 0.25:
            return self.pick(
                [
                    "(1, 2, 3)",
                    "range(5)",
                    "bytearray(b'abc')",
                    "array('q', [1, 2, 3])",
                    "[0] * 8",
                    "list(range(6))",
                    "[True, 2]",
                ]
            )
        if kind == "floats" and roll < 0.25:
            return self.pick(["(0.5, 1.5)", "array('d', [0.5, 2.0])", "[0.0] * 5", "[1, 2.5]"])
        return self.literal(kind)

    # Expressions ------------------------------------------------------------------

    def expr(self, kind, depth):
        if self.wild and self.chance(self.wild):
            kind = self.pick(KINDS)
        names = self.scope.by_kind[kind]
        if depth <= 0 or self.chance(0.2):
            if names and self.chance(0.8):
                return self.pick(names)
            return self.literal(kind)
        return getattr(self, kind + "_expr")(depth - 1)

    def call(self, kind, depth):
        fits = [f for f in self.functions if f.returns == kind]
        if not fits or self.loops > 1 or self.loops and self.chance(0.5):
            return None
        f = self.pick(fits)
        given = len(f.params) - (self.rng.randint(0, f.defaults) if self.chance(0.3) else 0)
        args = [self.expr(k, depth) for k in f.kinds[:given]]
        if f.name.startswith("rec"):
            args[0] = f"({self.expr('int', 0)}) % 7"
        if given and self.chance(0.15):
            at = self.rng.randrange(given)
            for i in range(at, given):
                args[i] = f"{f.params[i]}={args[i]}"
        return f"{f.name}({', '.join(args)})"

    def subscript(self, kind, depth):
        name = self.pick(self.scope.by_kind[kind] or [self.literal(kind)])
        return f"{name}[{self.index(name, depth)}]"

    def index(self, name, depth):
        if self.chance(0.08):
            return self.pick([self.expr("int", min(depth, 1)), str(self.rng.randint(-4, 4))])
        i = self.expr("int", min(depth, 1))
        return self.pick(
            [f"({i}) % len({name})", f"({i}) % len({name})", f"-1 - ({i}) % len({name})", "0", "-1", f"len({name}) - 1"]
        )

    def divisor(self, kind, depth):
        d = self.expr(kind, depth)
        return (
            d
            if self.chance(0.2)
            else f"({d} or {self.pick(['3', '7', '-2', '1', '10'] if kind == 'int' else ['0.5', '-3.0', '2'])})"
        )

    def int_expr(self, d):
        e = self.expr
        roll = self.rng.randrange(26)
        if roll > 21:
            return self.word_expr(d)
        if roll < 6:
            return f"({e('int', d)} {self.pick('+-+-*')} {e('int', d)})"
        if roll < 8:
            return f"({e('int', d)} {self.pick(['//', '%'])} {self.divisor('int', d)})"
        if roll == 8:
            return f"({e('int', d)} {self.pick('&|^')} {e('int', d)})"
        if roll == 9:
            return f"({e('int', d)} {self.pick(['<<', '>>'])} ({e('int', 0)} & {self.pick([7, 31, 63, 127])}))"
        if roll == 10:
            return f"({e('int', d)} {self.pick(['<<', '>>'])} {self.rng.randint(0, 70)})"
        if roll == 11:
            return f"({self.pick('-~+')}{e('int', d)})"
        if roll == 12:
            return f"{self.pick(['abs', 'int', 'round', 'lim'])}({e('int', d)})"
        if roll == 13:
            return f"{self.pick(['min', 'max'])}({e('int', d)}, {e('int', d)})"
        if roll == 14:
            return f"len({e(self.pick(['ints', 'floats', 'str']), d)})"
        if roll == 15:
            return f"{self.pick(['int', 'round', 'math.floor'])}({e('float', d)})"
        if roll == 16:
            return f"divmod({e('int', d)}, {self.divisor('int', d)})[{self.pick([0, 1])}]"
        if roll == 17:
            return f"(lim({e('int', d)}) ** {self.rng.randint(0, 4)})"
        if roll == 18:
            return f"({e('int', d)} if {e('bool', d)} else {e('int', d)})"
        if roll == 19:
            return self.pick(
                [
                    f"({e('bool', d)} + {e('int', d)})",
                    f"sum({e('ints', d)})",
                    f"({e('int', d)} and {e('int', d)})",
                    f"({e('int', d)} or {e('int', d)})",
                ]
            )
        if roll == 20:
            return self.call("int", d) or self.subscript("ints", d)
        return self.subscript("ints", d)

    def word_expr(self, d):
        """What hashes and random number generators do."""
        e = self.expr
        roll = self.rng.randrange(7)
        if roll == 0:
            return f"(({e('int', d)} * {self.pick(INTS[-12:])} + {e('int', 0)}) & {self.pick(MASKS)})"
        if roll == 1:
            return f"(({e('int', d)} << {self.rng.randint(1, 66)}) & {self.pick(MASKS)})"
        if roll == 2:
            return f"(({e('int', d)} {self.pick('^|&')} ({e('int', 0)} >> {self.rng.randint(1, 66)})) {self.pick('*+-')} {e('int', 0)})"
        if roll == 3:
            return f"({e('int', d)} {self.pick('*+-')} {e('int', d)}) % ({self.pick(MODULI)})"
        if roll == 4:
            return f"({e('int', d)} {self.pick('*+')} {e('int', d)}) {self.pick(['//', '>>', '&'])} {self.pick(['64', '7', '127', '3'])}"
        if roll == 5:
            return f"(({e('int', d)} ^ {e('int', d)}) * {self.pick(INTS[-12:])} % {self.pick(['2**64', '2**32', '2**128'])})"
        return f"({e('int', d)} & {self.pick(MASKS)})"

    def complex_expr(self, d):
        e = self.expr
        roll = self.rng.randrange(14)
        if roll < 5:
            return f"({e('complex', d)} {self.pick('+-*')} {e('complex', d)})"
        if roll < 7:
            pair = [e("complex", d), e(self.pick(["float", "float", "int"]), d)]
            self.rng.shuffle(pair)
            return f"({pair[0]} {self.pick('+-*')} {pair[1]})"
        if roll == 7:
            return f"({e(self.pick(['complex', 'complex', 'float']), d)} / ({e('complex', d)} or 2j))"
        if roll == 8:
            return f"({e('complex', d)} / {self.divisor('float', d)})"
        if roll == 9:
            return f"({e('complex', d)} ** {self.pick(['2', '3', '-1', '0', '2.0', '5', '0.5', e('int', 0)])})"
        if roll == 10:
            return f"(-{e('complex', d)})"
        if roll == 11:
            return f"({e('complex', d)}).conjugate()"
        if roll == 12:
            return f"complex({e('float', d)}, {e(self.pick(['float', 'int']), d)})"
        return f"({e('complex', d)} if {e('bool', d)} else {e(self.pick(['complex', 'complex', 'float']), d)})"

    def float_expr(self, d):
        e = self.expr
        roll = self.rng.randrange(19)
        if roll == 18:
            z = e("complex", d)
            return self.pick([f"abs({z})", f"({z}).real", f"({z}).imag"])
        if roll < 5:
            return f"({e('float', d)} {self.pick('+-*')} {e('float', d)})"
        if roll < 7:
            return f"({e('float', d)} {self.pick(['/', '/', '//', '%'])} {self.divisor('float', d)})"
        if roll == 7:
            pair = [e("int", d), e("float", d)]
            self.rng.shuffle(pair)
            return f"({pair[0]} {self.pick(['+', '-', '*', '/', '//', '%'])} {pair[1]})"
        if roll == 8:
            return f"({e('int', d)} / {self.divisor('int', d)})"
        if roll == 9:
            return f"({e('float', d)} ** {self.pick(['2', '0.5', '-1', '3', '2.0', '0', e('float', 0)])})"
        if roll == 10:
            return f"({self.pick('-+')}{e('float', d)})"
        if roll == 11:
            return f"{self.pick(['abs', 'float', 'math.' + self.pick(MATH1)])}({e('float', d)})"
        if roll == 12:
            return f"{self.pick(['min', 'max'])}({e('float', d)}, {e(self.pick(['float', 'int']), d)})"
        if roll == 13:
            return f"float({e('int', d)})"
        if roll == 14:
            return f"({e('float', d)} if {e('bool', d)} else {e(self.pick(['float', 'float', 'int']), d)})"
        if roll == 15:
            return self.call("float", d) or f"math.sqrt(abs({e('float', d)}))"
        if roll == 16:
            return self.pick(
                [
                    f"round({e('float', d)}, {self.rng.randint(-1, 3)})",
                    f"sum({e('floats', d)})",
                    f"math.atan2({e('float', d)}, {e('float', d)})",
                ]
            )
        return self.subscript("floats", d)

    def bool_expr(self, d):
        e = self.expr
        roll = self.rng.randrange(12)
        if roll == 11:
            if self.chance(0.4):
                return f"(abs({e('complex', d)}) {self.pick(['<', '>', '<=', '=='])} {e('float', 0)})"
            return f"({e('complex', d)} {self.pick(['==', '!='])} {e(self.pick(['complex', 'complex', 'float', 'int']), d)})"
        kind = self.pick(["int", "int", "float"])
        other = self.pick([kind, kind, "int", "float", "bool"])
        if roll < 5:
            return f"({e(kind, d)} {self.pick(['<', '<=', '==', '!=', '>', '>='])} {e(other, d)})"
        if roll == 5:
            return f"({e(kind, d)} {self.pick(['<', '<='])} {e(other, d)} {self.pick(['<', '<=', '!='])} {e(kind, d)})"
        if roll == 6:
            return f"({e('bool', d)} {self.pick(['and', 'or', '&', '^', '|'])} {e('bool', d)})"
        if roll == 7:
            return f"(not {e(self.pick(['bool', 'int', 'float']), d)})"
        if roll == 8:
            return f"isinstance({e(self.pick(['int', 'float', 'bool']), d)}, {self.pick(['int', 'float', 'bool', '(int, float)'])})"
        if roll == 9:
            return f"({e('int', d)} {self.pick(['in', 'not in'])} {e('ints', d)})"
        return f"({e('str', d)} {self.pick(['==', '<', '!=', '>='])} {e('str', d)})"

    def ints_expr(self, d):
        names = self.scope.by_kind["ints"]
        if names and self.chance(0.4):
            return self.pick(names)
        roll = self.rng.randrange(4)
        if roll == 0:
            return f"[{self.expr('int', d)} for _ in range({self.rng.randint(1, 4)})]"
        if roll == 1 and names:
            k = self.fresh("k")
            body = self.pick([f"{k} + 1", f"{k} * {k}", f"{k} // 2", f"-{k}"])
            return f"[{body} for {k} in {self.pick(names)}]"
        return "[" + ", ".join(self.expr("int", d) for _ in range(self.rng.randint(1, 4))) + "]"

    def floats_expr(self, d):
        names = self.scope.by_kind["floats"]
        if names and self.chance(0.4):
            return self.pick(names)
        if names and self.chance(0.3):
            k = self.fresh("k")
            return f"[{k} * 0.5 for {k} in {self.pick(names)}]"
        return "[" + ", ".join(self.expr("float", d) for _ in range(self.rng.randint(1, 4))) + "]"

    def str_expr(self, d):
        e = self.expr
        names = self.scope.by_kind["str"]
        roll = self.rng.randrange(6)
        if names and roll < 2:
            return self.pick(names)
        if roll == 2:
            return f"({e('str', d)} + {e('str', d)})[:20]"
        if roll == 3:
            return f"str({e(self.pick(['int', 'bool', 'float']), d)})"
        if roll == 4:
            name = self.pick(names or ["'xyz'"])
            return f"{name}[{self.index(name, d)}]"
        return f"chr(97 + ({e('int', d)}) % 26)"

    # Statements -------------------------------------------------------------------

    def fresh(self, prefix):
        self.counter += 1
        return f"{prefix}{self.counter}"

    def emit(self, indent, text):
        self.lines.append("    " * indent + text)

    def body(self, indent, size, looping):
        before = len(self.lines)
        for _ in range(size):
            self.statement(indent, looping)
        if len(self.lines) == before:
            self.emit(indent, "pass")

    def target(self, kind):
        names = self.scope.by_kind[kind]
        if names and self.chance(0.75):
            return self.pick(names)
        return None

    def assign(self, indent):
        kind = self.pick(
            ["int", "int", "int", "float", "float", "float", "bool", "str", "ints", "floats", "complex", "complex"]
        )
        if self.wild and self.chance(self.wild):
            value = self.expr(self.pick(KINDS), 2)
        else:
            value = self.expr(kind, self.rng.randint(1, 3))
        name = self.target(kind)
        if kind == "int" and self.loops:
            value = f"lim({value})"
        self.emit(indent, f"{name or self.new_name(kind)} = {value}")

    def new_name(self, kind):
        if self.loops and self.chance(0.9):
            names = self.scope.by_kind[kind]
            if names:
                return self.pick(names)
        return self.scope.add(kind)

    def augment(self, indent):
        kind = self.pick(["int", "int", "float", "float", "complex"])
        name = self.target(kind)
        if name is None:
            return self.assign(indent)
        if kind == "complex":
            op = self.pick(["+", "-", "*", "*"])
            return self.emit(indent, f"{name} {op}= {self.expr(self.pick(['complex', 'complex', 'float']), 2)}")
        if kind == "int":
            op = self.pick(["+", "+", "-", "-", "^", "|", "&", "//", "%", ">>"])
            value = self.divisor("int", 1) if op in "//%" else self.expr("int", 2)
            if op == ">>":
                value = f"({value}) & 15"
            elif self.loops:
                value = f"lim({value})"
        else:
            op = self.pick(["+", "+", "-", "*", "*", "/", "//", "%"])
            kind = self.pick(["float", "float", "int"])
            value = self.divisor(kind, 1) if op in ("/", "//", "%") else self.expr(kind, 2)
        self.emit(indent, f"{name} {op}= {value}")

    def store(self, indent):
        kind = self.pick(["ints", "floats"])
        names = self.scope.by_kind[kind]
        if not names:
            return self.assign(indent)
        name = self.pick(names)
        item = "int" if kind == "ints" else "float"
        if self.chance(0.05):
            item = self.pick(KINDS[:3])
        value = self.expr(item, 2)
        if item == "int":
            value = f"lim({value})"
        roll = self.rng.randrange(5)
        if roll == 0:
            self.emit(indent, f"if len({name}) < 12:")
            self.emit(indent + 1, f"{name}.append({value})")
        elif roll == 1:
            self.emit(indent, f"{name}[{self.index(name, 1)}] {self.pick(['+', '-'])}= {value}")
        elif roll == 2:
            i, j = self.index(name, 1), self.index(name, 1)
            self.emit(indent, f"{name}[{i}], {name}[{j}] = {name}[{j}], {name}[{i}]")
        else:
            self.emit(indent, f"{name}[{self.index(name, 1)}] = {value}")

    def for_loop(self, indent):
        self.loops += 1
        roll = self.rng.randrange(9)
        size = self.rng.randint(1, 4)
        if roll < 4:
            i = self.scope.add("int")
            stop = self.pick(
                [str(self.rng.randint(3, 30)), str(self.rng.randint(3, 12)), f"({self.expr('int', 1)}) % 9"]
            )
            start = self.pick(["0", "1", "-3", f"({self.expr('int', 1)}) % 5"])
            step = self.pick(["1", "2", "-1", "3", f"({self.expr('int', 0)}) % 4"])
            form = self.pick(["one", "one", "two", "three", "down", "edge"])
            if form == "edge":
                base = self.pick(
                    [(1 << 30) - 3, (1 << 31) - 3, (1 << 62) - 4, (1 << 63) - 6, -(1 << 63) - 3, -(1 << 62) - 3]
                )
                header = f"range({base}, {base + self.rng.randint(4, 9)}, {self.pick([1, 1, 2, 3])})"
            else:
                header = {
                    "one": f"range({stop})",
                    "two": f"range({start}, {stop})",
                    "three": f"range({start}, {stop}, {step})",
                }.get(form, f"range({stop}, {start}, -1)")
            self.emit(indent, f"for {i} in {header}:")
        elif roll < 6:
            kind = self.pick(["ints", "floats"])
            v = self.scope.add("int" if kind == "ints" else "float")
            self.emit(indent, f"for {v} in {self.expr(kind, 1)}:")
        elif roll == 6:
            kind = self.pick(["ints", "floats"])
            i, v = self.scope.add("int"), self.scope.add("int" if kind == "ints" else "float")
            self.emit(indent, f"for {i}, {v} in enumerate({self.expr(kind, 1)}):")
        elif roll == 7:
            u, v = self.scope.add("int"), self.scope.add("float")
            self.emit(indent, f"for {u}, {v} in zip({self.expr('ints', 1)}, {self.expr('floats', 1)}):")
        else:
            c = self.scope.add("str")
            self.emit(indent, f"for {c} in {self.expr('str', 1)}:")
        self.body(indent + 1, size, True)
        self.loops -= 1
        if self.chance(0.15):
            self.emit(indent, "else:")
            self.body(indent + 1, 1, self.loops > 0)

    def while_loop(self, indent):
        self.loops += 1
        fuel = self.fresh("fuel")
        self.emit(indent, f"{fuel} = {self.rng.randint(3, 25)}")
        self.emit(indent, f"while {fuel} > 0 and {self.expr('bool', 1)}:" if self.chance(0.6) else f"while {fuel}:")
        self.emit(indent + 1, f"{fuel} -= 1")
        self.body(indent + 1, self.rng.randint(1, 4), True)
        self.loops -= 1

    def branch(self, indent, looping):
        self.emit(indent, f"if {self.expr('bool', 2)}:")
        self.body(indent + 1, self.rng.randint(1, 2), looping)
        if self.chance(0.3):
            self.emit(indent, f"elif {self.expr('bool', 1)}:")
            self.body(indent + 1, 1, looping)
        if self.chance(0.4):
            self.emit(indent, "else:")
            self.body(indent + 1, self.rng.randint(1, 2), looping)

    def guarded(self, indent, looping):
        self.emit(indent, "try:")
        self.body(indent + 1, self.rng.randint(1, 3), looping)
        if self.chance(0.85):
            self.emit(indent, f"except {self.pick([EXCEPTIONS, 'ZeroDivisionError', EXCEPTIONS, 'ArithmeticError'])}:")
            self.body(indent + 1, 1, looping)
            if self.chance(0.2):
                self.emit(indent, "else:")
                self.body(indent + 1, 1, looping)
            if self.chance(0.2):
                self.emit(indent, "finally:")
                self.body(indent + 1, 1, False)
        else:
            self.emit(indent, "finally:")
            self.body(indent + 1, 1, False)

    def statement(self, indent, looping):
        self.budget -= 1
        if self.budget < 0:
            return self.augment(indent)
        roll = self.rng.random()
        if roll < 0.34:
            self.assign(indent)
        elif roll < 0.54:
            self.augment(indent)
        elif roll < 0.63:
            self.store(indent)
        elif roll < 0.75 and indent < 6:
            self.branch(indent, looping)
        elif roll < 0.86 and self.loops < 3:
            self.for_loop(indent)
        elif roll < 0.90 and self.loops < 2:
            self.while_loop(indent)
        elif roll < 0.93 and indent < 6:
            self.guarded(indent, looping)
        elif roll < 0.945 and looping:
            self.emit(indent, f"if {self.expr('bool', 1)}:")
            self.emit(indent + 1, self.pick(["break", "continue", "continue"]))
        elif roll < 0.955:
            self.emit(indent, f"if {self.expr('bool', 1)}:")
            self.emit(indent + 1, f"raise ValueError({self.expr('int', 0)})")
        elif roll < 0.965:
            kind = self.pick(["int", "float"])
            names = self.scope.by_kind[kind]
            if len(names) > 1:
                a, b = self.rng.sample(names, 2)
                self.emit(
                    indent, f"{a}, {b} = {b}, {self.expr(kind, 1) if kind == 'float' else f'lim({self.expr(kind, 1)})'}"
                )
        elif roll < 0.975 and self.globals and self.in_function:
            name = self.pick(["G0", "G1"])
            self.emit(indent, f"{name} = lim({self.expr('int' if name == 'G0' else 'float', 1)})")
        elif roll < 0.98 and self.in_function:
            self.emit(indent, f"if {self.expr('bool', 1)}:")
            self.emit(indent + 1, f"return {self.expr(self.returns, 1)}")
        else:
            self.augment(indent)

    # Functions and the whole ---------------------------------------------------------

    def function(self, number):
        recursive = self.chance(0.2)
        self.scope = Scope()
        self.in_function = True
        params, kinds = [], []
        for _ in range(self.rng.randint(1, 4)):
            kind = self.pick(["int", "int", "float", "float", "ints", "floats", "str", "bool", "complex"])
            kinds.append(kind)
        if recursive:
            kinds.insert(0, "int")
        for i, kind in enumerate(kinds):
            params.append(self.scope.add(kind, "n" if recursive and i == 0 else None))
        self.returns = self.pick(["int", "float", "int", "float", "ints", "complex"])
        name = ("rec" if recursive else "f") + str(number)
        defaults = self.rng.randint(0, 1) if len(kinds) > 1 and self.chance(0.4) else 0
        spelled = list(params)
        if defaults:
            spelled[-1] += "=" + self.literal(kinds[-1] if kinds[-1] not in ("ints", "floats") else "int")
        self.emit(0, f"def {name}({', '.join(spelled)}):")
        if self.globals:
            self.emit(1, "global G0, G1")
            self.scope.add("int", "G0")
            self.scope.add("float", "G1")
        for kind in ("int", "float", "ints", "floats"):
            if not self.scope.by_kind[kind] or self.chance(0.4):
                self.emit(1, f"{self.scope.add(kind)} = {self.literal(kind)}")
        if recursive:
            self.emit(1, "if n <= 0 or n > 12:")
            self.emit(2, f"return {self.expr(self.returns, 1)}")
        self.budget = self.rng.randint(6, 28)
        top = len(self.lines)
        known = {n for names in self.scope.by_kind.values() for n in names}
        self.body(1, self.rng.randint(2, 7), False)
        late = [(kind, n) for kind, names in self.scope.by_kind.items() for n in names if n not in known]
        self.lines[top:top] = [f"    {n} = {self.literal(kind)}" for kind, n in late if not self.chance(self.unbound)]
        result = self.expr(self.returns, 2)
        if recursive:
            args = ["n - 1"] + [self.expr(k, 1) for k in kinds[1:]]
            tail = f"{name}({', '.join(args)})"
            if self.returns == "ints":
                result = f"({result} + {tail})[:20]"
            else:
                result = f"{result} {self.pick('+-')} {tail}"
        if self.chance(0.3):
            seen = [self.pick(v) for v in self.scope.by_kind.values() if v]
            self.emit(1, f"note({', '.join(params + seen[:2])})")
        self.emit(1, f"return {result}")
        self.emit(0, "")
        self.functions.append(Function(name, params, kinds, self.returns, defaults))
        self.in_function = False

    def calls(self):
        for f in self.functions:
            steady = [self.argument(k) for k in f.kinds]
            for turn in range(self.rng.randint(6, 14)):
                args = list(steady) if turn < 3 else [self.argument(k) for k in f.kinds]
                if f.name.startswith("rec"):
                    args[0] = str(self.rng.randint(0, 8))
                if turn >= 3 and f.defaults and self.chance(0.3):
                    args.pop()
                self.emit(0, f"run({', '.join([f.name, *args])})")
                if self.globals and self.chance(0.1):
                    self.emit(0, self.pick(["G0 = 0.5", "G0 = 1 << 63", "G1 = 7", "G0 = 3", "G1 = 0.25"]))

    def module_loop(self):
        self.scope = Scope()
        for kind in ("int", "float", "ints", "floats"):
            self.emit(0, f"{self.scope.add(kind, 'm' + self.fresh('v'))} = {self.literal(kind)}")
        self.emit(0, "try:")
        self.budget = self.rng.randint(4, 14)
        self.for_loop(1)
        self.emit(0, f"except {EXCEPTIONS} as error:")
        self.emit(1, "note(type(error).__name__, str(error), error.__traceback__.tb_lineno)")
        names = [n for v in self.scope.by_kind.values() for n in v if n.startswith("mv")]
        self.emit(0, f"note({', '.join(names)})")

    def program(self):
        self.lines = PRELUDE.splitlines()
        if self.globals:
            self.lines += ["G0 = 1", "G1 = 0.5"]
        self.emit(0, "")
        for number in range(self.rng.randint(1, 3)):
            self.function(number)
        if self.chance(0.3):
            self.module_loop()
        self.calls()
        return "\n".join(self.lines) + "\n"


def program(seed):
    return Generator(seed).program()


if __name__ == "__main__":
    import sys

    print(program(int(sys.argv[1])), end="")
