"""How much is compiled with a loop: what comes behind it shall neither make it dear nor end its version."""

from face_support import output

PROGRAM = """
import whipsnake
whipsnake.enable()

body = "\\n".join(f"        a = (a * {n + 3} + b) % 1009; b = b + a // 7 - {n}; c.append(a ^ b)" for n in range(40))
exec(f'''
def work(rows, kinds):
    a, b, c = 1, 2, []
    for row in rows:
        t = 0
        for x in row:
            t = (t * 31 + x) & 65535
        a += t
        b += kinds[t % len(kinds)]
        c.clear()
{body}
    return a, b
''')

rows = [[1, 2]] * 12 + [list(range(3000))] * {rows}
print(work(rows, [1, 2.5, 3])[0] > 0)
loops = [c for c in whipsnake.compiled() if c["name"] == "work"]
print("inner loop by itself", any(c["valid"] and c["hir_ops"] < 120 for c in loops))
print("outer loop", any(c["hir_ops"] > 400 for c in loops))
"""


def test_inner_loop_does_not_wait_for_the_rest():
    printed = output(PROGRAM.replace("{rows}", "4"), WHIPSNAKE_SYNC="1")
    assert printed == "True\ninner loop by itself True\nouter loop False\n"


def test_loops_around_follow():
    printed = output(PROGRAM.replace("{rows}", "60"), WHIPSNAKE_SYNC="1")
    assert printed.endswith("outer loop True\n")
