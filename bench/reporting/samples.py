"""Medians and spreads of a few samples."""
import statistics


def median(samples):
    return statistics.median(samples)


def quartiles(samples):
    """(first, third); with fewer than three samples the smallest and the largest."""
    if len(samples) < 3:
        return min(samples), max(samples)
    first, _, third = statistics.quantiles(samples, n=4, method="inclusive")
    return first, third


def relative_spread(samples):
    """The interquartile range as a part of the median."""
    first, third = quartiles(samples)
    middle = median(samples)
    return (third - first) / middle if middle else 0.0


def ratios(numerators, denominators):
    """Of the samples taken in the same round; a round that lacks either (None) is left out."""
    return [n / d for n, d in zip(numerators, denominators) if n is not None and d]
