"""Sudoku by backtracking over a flat list of 81 cells."""

SCALE = 7
SMALL_SCALE = 1
PUZZLES = [
    "530070000600195000098000060800060003400803001700020006060000280000419005000080079",
    "000000907000420180000705026100904000050000040000507009920108000034059000507000000",
    "100007090030020008009600500005300900010080002600004000300000010040000007007000300",
]


def allowed(grid, cell, digit):
    row = cell // 9
    col = cell % 9
    for k in range(9):
        if grid[row * 9 + k] == digit or grid[k * 9 + col] == digit:
            return False
    top = row - row % 3
    left = col - col % 3
    for r in range(top, top + 3):
        for c in range(left, left + 3):
            if grid[r * 9 + c] == digit:
                return False
    return True


def solve(grid, cell, counter):
    while cell < 81 and grid[cell]:
        cell += 1
    if cell == 81:
        return True
    for digit in range(1, 10):
        if allowed(grid, cell, digit):
            counter[0] += 1
            grid[cell] = digit
            if solve(grid, cell + 1, counter):
                return True
    grid[cell] = 0
    return False


def run(scale):
    counter = [0]
    solved = []
    for n in range(scale):
        for puzzle in PUZZLES:
            grid = [int(ch) for ch in puzzle]
            solve(grid, 0, counter)
            solved.append("".join(map(str, grid[n : n + 9])))
    return counter[0], solved
