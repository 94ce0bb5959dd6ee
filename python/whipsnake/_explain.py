"""`whipsnake.explain(f)`: what became of a piece of Python code, as data and as text."""

import types

import whipsnake


def code_of(what):
    """The code object behind a function, method, decorated method, generator, cached function or code object."""
    seen = what
    for _ in range(32):
        if isinstance(seen, types.CodeType):
            return seen
        for attribute in ("__code__", "__func__", "fget", "func", "gi_code", "cr_code", "ag_code", "__wrapped__"):
            inner = getattr(seen, attribute, None)
            if inner is not None:
                seen = inner
                break
        else:
            break
    raise TypeError(f"expected a Python function, method or code object, not {type(what).__name__}")


class Explanation:
    """`state`, `hint`, `compiled` (list of dicts) and `refused` (list of dicts) of one code object."""

    def __init__(self, code, found):
        self.name = code.co_qualname
        self.file = code.co_filename
        self.line = code.co_firstlineno
        self.state = found["state"]
        self.hint = found["hint"]
        self.compiled = found["compiled"]
        self.refused = found["refused"]

    def __repr__(self):
        return f"<Explanation of {self.name}: {self.state}>"

    def __str__(self):
        lines = [f"{self.name} ({self.file}:{self.line}): {self.state}"]
        if self.hint:
            lines[0] += f", hint: {self.hint}"
        for entry in self.compiled:
            lines.extend(_describe(entry))
        for refusal in sorted(self.refused, key=lambda refusal: (refusal["line"] or 0, refusal["offset"])):
            lines.append(f"  line {refusal['line']}: not compiled: {refusal['reason']}")
        return "\n".join(lines)


def _describe(entry):
    where = "the whole function" if entry["kind"] == "function" else f"the loop at line {entry['line']}"
    gone = "" if entry["valid"] else ", no longer valid"
    yield (
        f"  {where}: compiled in {entry['compile_us'] / 1000:.1f} ms, {entry['code_bytes']} bytes, "
        f"{entry['hir_ops']} operations, entered {entry['entries']} times{gone}"
    )
    for taken in sorted(entry["exits"], key=lambda taken: -taken["count"]):
        if taken["count"]:
            yield f"    left at line {taken['line']}, {taken['count']} times: {taken['reason']}"


def explain(what):
    code = code_of(what)
    if whipsnake._native is None:
        state = f"interpreted; Whipsnake is not available: {whipsnake.why_unavailable()}"
        return Explanation(code, {"state": state, "hint": None, "compiled": [], "refused": []})
    return Explanation(code, whipsnake._native.explain(code))
