"""An interpreter for a small stack machine: a dispatch chain over tuples and strings."""

SCALE = 590_000
SMALL_SCALE = 31_000


def assemble(source):
    program = []
    labels = {}
    for line in source.strip().splitlines():
        parts = line.split()
        if parts[0].endswith(":"):
            labels[parts[0][:-1]] = len(program)
        else:
            program.append(parts)
    out = []
    for parts in program:
        if len(parts) == 1:
            out.append((parts[0], None))
        elif parts[1] in labels:
            out.append((parts[0], labels[parts[1]]))
        else:
            out.append((parts[0], int(parts[1])))
    return out


def execute(program, memory):
    stack = []
    pc = 0
    executed = 0
    while True:
        op, arg = program[pc]
        pc += 1
        executed += 1
        if op == "push":
            stack.append(arg)
        elif op == "load":
            stack.append(memory[arg])
        elif op == "store":
            memory[arg] = stack.pop()
        elif op == "add":
            b = stack.pop()
            stack[-1] += b
        elif op == "mul":
            b = stack.pop()
            stack[-1] *= b
        elif op == "mod":
            b = stack.pop()
            stack[-1] %= b
        elif op == "less":
            b = stack.pop()
            stack[-1] = stack[-1] < b
        elif op == "jump_if":
            if stack.pop():
                pc = arg
        elif op == "halt":
            return executed
        else:
            raise RuntimeError(op)


SOURCE = """
push 0
store 0
push 1
store 1
loop:
load 1
load 0
mul
push 7
add
push 10007
mod
store 1
load 0
push 1
add
store 0
load 0
load 2
less
jump_if loop
halt
"""


def run(scale):
    memory = [0, 0, scale]
    executed = execute(assemble(SOURCE), memory)
    return executed, memory
