"""Naive Bayes over bags of words: dictionaries of counts and sums of logarithms."""

import math

SCALE = 84_000
SMALL_SCALE = 4500
SPAM = "win cash prize now click offer free money winner urgent".split()
HAM = "meeting report lunch project tomorrow review notes thanks draft plan".split()


def make_messages(count):
    messages = []
    seed = 17
    for i in range(count):
        source, other = (SPAM, HAM) if i % 3 == 0 else (HAM, SPAM)
        text = []
        for _ in range(14):
            seed = (seed * 1103515245 + 12345) % 2**31
            pool = other if seed % 11 < 2 else source
            text.append(pool[seed // 11 % 10])
        messages.append((" ".join(text), i % 3 == 0))
    return messages


def train(messages):
    counts = {True: {}, False: {}}
    totals = {True: 0, False: 0}
    for text, label in messages:
        table = counts[label]
        for word in text.split():
            table[word] = table.get(word, 0) + 1
            totals[label] += 1
    return counts, totals


def score(words, table, total, vocabulary):
    result = 0.0
    for word in words:
        result += math.log((table.get(word, 0) + 1) / (total + vocabulary))
    return result


def run(scale):
    messages = make_messages(scale)
    counts, totals = train(messages)
    vocabulary = len(set(counts[True]) | set(counts[False]))
    right = 0
    margin = 0.0
    for text, label in messages:
        words = text.split()
        spam = score(words, counts[True], totals[True], vocabulary)
        ham = score(words, counts[False], totals[False], vocabulary)
        right += (spam > ham) == label
        margin += abs(spam - ham)
    return right, margin
