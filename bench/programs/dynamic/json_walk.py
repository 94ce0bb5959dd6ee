"""Walking nested dicts and lists: own JSON writer and reader, deep merge, paths."""

SCALE = 1500
SMALL_SCALE = 79


def dumps(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{dumps(k)}:{dumps(v)}" for k, v in value.items()) + "}"
    return "[" + ",".join(dumps(v) for v in value) + "]"


def loads(text, at=0):
    ch = text[at]
    if ch == "{":
        out = {}
        at += 1
        while text[at] != "}":
            key, at = loads(text, at)
            out[key], at = loads(text, at + 1)
            if text[at] == ",":
                at += 1
        return out, at + 1
    if ch == "[":
        items = []
        at += 1
        while text[at] != "]":
            item, at = loads(text, at)
            items.append(item)
            if text[at] == ",":
                at += 1
        return items, at + 1
    if ch == '"':
        end = text.index('"', at + 1)
        return text[at + 1 : end], end + 1
    end = at
    while end < len(text) and text[end] not in ",]}":
        end += 1
    word = text[at:end]
    constants = {"null": None, "true": True, "false": False}
    if word in constants:
        return constants[word], end
    return (float(word) if "." in word else int(word)), end


def merge(a, b):
    out = dict(a)
    for key, value in b.items():
        if key in out and isinstance(out[key], dict) and isinstance(value, dict):
            out[key] = merge(out[key], value)
        else:
            out[key] = value
    return out


def paths(value, prefix=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*prefix, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from paths(inner, (*prefix, i))
    else:
        yield prefix, value


def run(scale):
    document = {
        f"user{i}": {
            "id": i,
            "score": i * 0.75,
            "tags": ["a", "b", str(i)],
            "address": {"street": "Long Lane", "no": i % 40, "flat": None},
            "active": i % 2 == 0,
        }
        for i in range(40)
    }
    length = 0
    deepest = 0
    for i in range(scale):
        text = dumps(document)
        back, _ = loads(text)
        if back != document:
            raise AssertionError("round trip")
        changed = merge(document, {f"user{i % 40}": {"address": {"no": i}}})
        length += len(text) + changed[f"user{i % 40}"]["address"]["no"]
        deepest = max(deepest, *(len(p) for p, _ in paths(changed)))
    return length, deepest
