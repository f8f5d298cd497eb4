"""MicroPython does not evaluate annotations."""
annotations = None
