"""Names for annotations only, which MicroPython does not evaluate."""
TYPE_CHECKING = False
Any = Callable = Dict = List = Optional = Sequence = Tuple = Type = Union = None
