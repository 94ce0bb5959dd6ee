# expect-compiled: work
# input: up|p s, i|next|next|p s, i|step|where|p locals()['x']|return|continue
"""A debugger entered from a callee in the middle of a hot loop."""

import pdb


def helper(x):
    return x * 2


def maybe(i):
    if i == 30:
        pdb.set_trace()
    return i


def work(n):
    s = 0
    for i in range(n):
        maybe(i)
        s += helper(i)
        s -= 1
    return s


print(work(20))
print(work(40))
print(work(25))
