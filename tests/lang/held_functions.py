# Functions that hold functions, without end: as defaults, keyword defaults, in tuples, in closures, by way of each other.
# expect-compiled: total, chain_total


def kept(x, *, again=None):
    return x + 1 if again is not None else x


kept.__kwdefaults__ = {"again": kept}


def positional(x, again=None):
    return x * 2 if again is not None else x


positional.__defaults__ = (positional,)


def in_tuple(x, held=()):
    return x + len(held)


in_tuple.__defaults__ = ((in_tuple, kept),)


def ping(x, other=None):
    return x + 3 if other is pong else x


def pong(x, *, other=None):
    return x - 1 if other is ping else x


ping.__defaults__ = (pong,)
pong.__kwdefaults__ = {"other": ping}


def make(before):
    def link(x, earlier=before):
        return x + 1 if earlier is None else x + 2

    return link


chain = None
for _ in range(5000):
    chain = make(chain)


def total(n):
    t = 0
    for i in range(n):
        t += kept(i) + positional(i) + in_tuple(i) + ping(i) + pong(i)
    return t


def chain_total(n):
    t = 0
    for i in range(n):
        t += chain(i)
    return t


for _ in range(3):
    print(total(300), chain_total(300))
kept.__kwdefaults__ = {"again": None}
positional.__defaults__ = (None,)
print(total(300), chain_total(300))
