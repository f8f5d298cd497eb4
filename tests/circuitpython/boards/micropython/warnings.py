"""Stands in for CPython's and CircuitPython's module of that name."""


def warn(message, category=None, stacklevel=1):
    pass
