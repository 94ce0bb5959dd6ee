"""A tokeniser and recursive-descent parser for arithmetic, then evaluation of the tree."""

SCALE = 15_000
SMALL_SCALE = 770


class Token:
    def __init__(self, kind, text):
        self.kind = kind
        self.text = text


def tokenise(source):
    i = 0
    while i < len(source):
        ch = source[i]
        if ch.isspace():
            i += 1
        elif ch.isdigit():
            start = i
            while i < len(source) and (source[i].isdigit() or source[i] == "."):
                i += 1
            yield Token("number", source[start:i])
        elif ch.isalpha():
            start = i
            while i < len(source) and source[i].isalnum():
                i += 1
            yield Token("name", source[start:i])
        else:
            i += 1
            yield Token("op", ch)
    yield Token("end", "")


class Parser:
    def __init__(self, source):
        self.tokens = list(tokenise(source))
        self.at = 0

    @property
    def current(self):
        return self.tokens[self.at]

    def accept(self, *texts):
        if self.current.kind == "op" and self.current.text in texts:
            self.at += 1
            return self.tokens[self.at - 1].text
        return None

    def expression(self):
        node = self.term()
        while op := self.accept("+", "-"):
            node = (op, node, self.term())
        return node

    def term(self):
        node = self.factor()
        while op := self.accept("*", "/"):
            node = (op, node, self.factor())
        return node

    def factor(self):
        if self.accept("("):
            node = self.expression()
            self.accept(")")
            return node
        if self.accept("-"):
            return ("neg", self.factor())
        token = self.current
        self.at += 1
        if token.kind == "number":
            return float(token.text)
        return token.text


def evaluate(node, names):
    match node:
        case float():
            return node
        case str():
            return names[node]
        case ("neg", inner):
            return -evaluate(inner, names)
        case ("+", a, b):
            return evaluate(a, names) + evaluate(b, names)
        case ("-", a, b):
            return evaluate(a, names) - evaluate(b, names)
        case ("*", a, b):
            return evaluate(a, names) * evaluate(b, names)
        case ("/", a, b):
            return evaluate(a, names) / evaluate(b, names)
    raise ValueError(node)


def run(scale):
    source = "(x + 3.5) * (y1 - 2) / (1 + x*x) - -(4 * (y1 + 0.25)) + 12 * x / (y1 + 7)"
    total = 0.0
    for i in range(scale):
        tree = Parser(source).expression()
        for j in range(10):
            total += evaluate(tree, {"x": float(i % 10), "y1": j * 0.5})
    return total
