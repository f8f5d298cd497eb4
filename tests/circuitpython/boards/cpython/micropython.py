"""Stands in for MicroPython's module of that name, on CPython."""


def const(value):
    return value
