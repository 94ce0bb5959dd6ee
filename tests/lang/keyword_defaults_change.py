# expect-compiled: drive
"""Keyword-only defaults that the program changes again and again, in their dict and as a whole."""


def scaled(x, *, by=2, plus=1):
    return x * by + plus


def drive(n):
    total = 0
    for i in range(n):
        total += scaled(i)
    return total


for turn in range(20):
    print(drive(300), end=" ")
    if turn % 5 < 2:
        scaled.__kwdefaults__["by"] = turn
    elif turn % 5 < 4:
        scaled.__kwdefaults__["plus"] = float(turn)
    else:
        scaled.__kwdefaults__ = {"by": turn + 1, "plus": -turn}
del scaled.__kwdefaults__["by"]
try:
    drive(3)
except TypeError as error:
    print(error)
