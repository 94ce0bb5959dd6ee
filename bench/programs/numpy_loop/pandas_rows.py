"""Row-wise work on a data frame: itertuples, iterrows and apply."""

import pandas as pd

REQUIRES = ("numpy", "pandas")
SCALE = 28_000
SMALL_SCALE = 1_000


def fee(row):
    if row["kind"] == "a":
        return row["amount"] * 0.02
    return min(row["amount"] * 0.01, 3.0)


def run(scale):
    frame = pd.DataFrame(
        {
            "kind": ["a" if i % 3 else "b" for i in range(scale)],
            "amount": [float(i % 900) for i in range(scale)],
            "units": [i % 5 for i in range(scale)],
        }
    )
    total = 0.0
    for row in frame.itertuples():
        if row.kind == "a" and row.units > 1:
            total += row.amount * row.units
    for _, row in frame.head(scale // 4).iterrows():
        total += row["amount"] - row["units"]
    fees = frame.apply(fee, axis=1)
    return total, float(fees.sum())
