"""The first table of the yardstick, 'Attacks on a token or key', as cases for the line protocol.

One module per group of rows. Every row holds the attack and its twin, the same token or key without it, which must be
accepted. Keys are fixed, times are arguments, so only random signatures differ from run to run.
"""

from . import algorithm, claims, curves, encoding, header, keys, later, limits, replay, signatures

MODULES = (algorithm, header, encoding, claims, signatures, keys, curves, limits, replay, later)


def all_cases():
    """Every case of the table, in the order of its rows."""
    return [case for module in MODULES for case in module.cases()]
