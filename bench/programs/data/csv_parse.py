"""Parsing comma-separated text with quotes by hand, then column statistics."""

SCALE = 230_000
SMALL_SCALE = 12_000


def parse_line(line):
    fields = []
    field = ""
    quoted = False
    i = 0
    while i < len(line):
        ch = line[i]
        if quoted:
            if ch == '"':
                if i + 1 < len(line) and line[i + 1] == '"':
                    field += '"'
                    i += 1
                else:
                    quoted = False
            else:
                field += ch
        elif ch == '"':
            quoted = True
        elif ch == ",":
            fields.append(field)
            field = ""
        else:
            field += ch
        i += 1
    fields.append(field)
    return fields


def run(scale):
    lines = []
    for i in range(scale):
        name = f'"Item ""{i % 50}"", blue"' if i % 3 else f"item {i % 50}"
        lines.append(f"{i},{name},{i % 17 * 1.25},{i * 7 % 100},2026-{i % 12 + 1:02d}-01")
    text = "\n".join(lines)
    months = {}
    total = 0.0
    for line in text.split("\n"):
        row = parse_line(line)
        amount = float(row[2]) * int(row[3])
        total += amount
        month = row[4][:7]
        months[month] = months.get(month, 0.0) + amount
    return total, sorted(months.items())[:3], parse_line(lines[1])
