"""Makes a program smaller while it keeps a property.

The program is edited as a syntax tree: runs of statements are removed, compound
statements are replaced by one of their bodies, expressions by one of their parts or by
a small constant. Each edit is kept if the property still holds for the new text.
"""

import ast
import time


def bodies(tree):
    """Every list of statements, outermost first."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield node, field, block


def removals(source):
    count = sum(1 for _ in bodies(ast.parse(source)))
    for index in range(count):
        size = None
        while size is None or size >= 1:
            length = len(list(bodies(ast.parse(source)))[index][2])
            size = length if size is None else size
            for start in range(0, length, size):
                tree = ast.parse(source)
                owner, field, block = list(bodies(tree))[index]
                del block[start : start + size]
                if not block and field == "body" and not isinstance(owner, ast.Module):
                    block.append(ast.Pass())
                yield tree
            size //= 2


def unwrappings(source):
    places = [
        (index, position)
        for index, (_, _, block) in enumerate(bodies(ast.parse(source)))
        for position, statement in enumerate(block)
        if isinstance(statement, (ast.For, ast.While, ast.If, ast.Try, ast.With))
    ]
    for index, position in places:
        for field in ("body", "orelse", "finalbody"):
            tree = ast.parse(source)
            block = list(bodies(tree))[index][2]
            inner = getattr(block[position], field, None)
            if inner:
                block[position : position + 1] = inner
                yield tree


def expressions(tree):
    """Every place that holds an expression which may be replaced."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments):
            continue
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and not isinstance(getattr(value, "ctx", None), (ast.Store, ast.Del)):
                if not (isinstance(node, ast.Call) and field == "func"):
                    yield node, field, None, value
            elif isinstance(value, list) and field not in ("targets", "decorator_list", "generators"):
                for position, item in enumerate(value):
                    if isinstance(item, ast.expr) and not isinstance(getattr(item, "ctx", None), (ast.Store, ast.Del)):
                        yield node, field, position, item


def put(place, new):
    node, field, position, _ = place
    if position is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[position] = new


def simplifications(source):
    count = sum(1 for _ in expressions(ast.parse(source)))
    for index in range(count):
        value = list(expressions(ast.parse(source)))[index][3]
        options = [child for child in ast.iter_child_nodes(value) if isinstance(child, ast.expr)]
        if not isinstance(value, (ast.Constant, ast.Name)):
            options += [ast.Constant(1), ast.Constant(0.5)]
        elif isinstance(value, ast.Constant) and type(value.value) is int and abs(value.value) > 2:
            options += [ast.Constant(1), ast.Constant(2)]
        for option in options:
            tree = ast.parse(source)
            put(list(expressions(tree))[index], option)
            yield tree
        if isinstance(value, (ast.List, ast.Tuple)) and len(value.elts) > 1:
            for drop in range(len(value.elts)):
                tree = ast.parse(source)
                del list(expressions(tree))[index][3].elts[drop]
                yield tree


def shrink(source, holds, seconds):
    """The smallest text found within the time for which `holds(text)` is true."""
    until = time.monotonic() + seconds
    source = ast.unparse(ast.parse(source)) + "\n"
    if not holds(source):
        return None
    tried = {source}
    progress = True
    while progress and time.monotonic() < until:
        progress = False
        for edits in (removals, unwrappings, simplifications):
            again = True
            while again and time.monotonic() < until:
                again = False
                for tree in edits(source):
                    if time.monotonic() > until:
                        break
                    try:
                        text = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
                        compile(text, "<shrink>", "exec")
                    except (SyntaxError, ValueError, TypeError, AttributeError):
                        continue
                    if text in tried:
                        continue
                    tried.add(text)
                    if holds(text):
                        source = text
                        progress = again = True
                        break
    return source
