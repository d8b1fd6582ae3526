"""What a question tells: mutual information between its answers and what the case turned out to be."""

from collections import Counter
from collections.abc import Hashable, Iterable
from math import log2


def information_gain(pairs: Iterable[tuple[Hashable, Hashable]]) -> float:
    """Mutual information in bits between answers and results over cases; 0 for no cases.

    I(A;R) = sum p(a,r) log2(p(a,r) / (p(a) p(r))), from counts (Cover & Thomas, Elements of Information Theory, 2.28).
    With few cases it is too high: the estimate's bias is about (|A|-1)(|R|-1) / (2 n ln 2) bits.
    """
    both = Counter(pairs)
    n = both.total()
    answers: Counter[Hashable] = Counter()
    results: Counter[Hashable] = Counter()
    for (answer, result), count in both.items():
        answers[answer] += count
        results[result] += count
    gain = sum(c / n * log2(c * n / (answers[a] * results[r])) for (a, r), c in both.items())
    return max(0.0, gain)


__all__ = ["information_gain"]
