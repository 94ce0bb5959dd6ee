# expect-compiled: work, <module>
"""An exception nobody catches: traceback on standard error, exit code 1."""


def work(values, i):
    for k in range(100):
        values[k % 3] += k // (i - k)
    return values


print(work([1, 2, 3], 200))
for i in range(120, 50, -1):
    result = work([1, 2.5, 3], i)
print("not reached")
