# expect-compiled: consume
"""Generators stay right beside compiled code, whichever side compiles."""


def squares(n):
    for i in range(n):
        yield i * i


def consume(n):
    s = 0
    for v in squares(n):
        s += v
    return s


def lazy_sum(n):
    return sum(i * 0.5 for i in range(n) if i % 3)


def echo():
    got = []
    while True:
        x = yield len(got)
        if x is None:
            return got
        got.append(x)


def delegating(n):
    r = yield from squares(n)
    yield r
    try:
        yield from echo()
    except ValueError as e:
        yield str(e)
    finally:
        yield "finally"


def fibs():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def take(it, n):
    out = []
    for v in it:
        if len(out) == n:
            break
        out.append(v)
    return out


def primes():
    found = []
    n = 2
    while True:
        for p in found:
            if n % p == 0:
                break
        else:
            found.append(n)
            yield n
        n += 1


print([consume(n) for n in range(10)], consume(1000), lazy_sum(100))
print(take(fibs(), 100)[-1], take(primes(), 20))
e = echo()
print(next(e), [e.send(i) for i in range(10)])
try:
    e.send(None)
except StopIteration as stop:
    print(stop.value)
g = delegating(3)
print(next(g), next(g), next(g), next(g), next(g), g.send(5), g.throw(ValueError("thrown")), next(g), list(g))
closed = []


def closing():
    try:
        for i in range(100):
            yield i
    finally:
        closed.append(i)


for i in range(5):
    for v in closing():
        if v == i + 2:
            break
print(closed)


def reentrant():
    def gen():
        for i in range(3):
            next(me)
            yield i

    me = gen()
    try:
        next(me)
    except ValueError as e:
        return str(e)


print([reentrant() for _ in range(4)])
interleaved = [squares(8), fibs(), primes()]
print([[next(it) for it in interleaved] for _ in range(8)])


async def coro(n):
    s = 0
    for i in range(n):
        s += i
        if i % 4 == 0:
            s += await Waiter(i)
    return s


class Waiter:
    def __init__(self, v):
        self.v = v

    def __await__(self):
        r = yield self.v
        return r


c = coro(12)
sent = None
try:
    while True:
        got = c.send(sent)
        sent = got * 10
except StopIteration as stop:
    print(stop.value)


async def agen(n):
    for i in range(n):
        yield i * 2


async def drain(n):
    return [v async for v in agen(n) if v % 3]


try:
    drain(20).send(None)
except StopIteration as stop:
    print(stop.value)
