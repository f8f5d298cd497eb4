#!/usr/bin/env python3
"""The .pyi stubs against both implementations: stubs.py STUBS NATIVE_INTERPRETER. The same public names; for the Python folder
and cpwebsockets_asyncio the same parameters and defaults; the native module takes every keyword that they name."""
import ast
import importlib
import inspect
import pathlib
import subprocess
import sys

# What only one of them has, and a type checker need not know.
INTERNAL = {"Any", "Buffer", "Callable", "Generator", "Iterable", "Mapping", "NamedTuple", "Protocol"}


def public(names):
    return {name for name in names if not name.startswith("_") and name not in INTERNAL}


def names_in(body):
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.AnnAssign):
            yield node.target.id
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)


def class_members(node):
    """What dir() of a class shows: methods and constants. The native ones have properties for objects only, and slots instead
    of these special methods."""
    properties = {member.name for member in node.body if isinstance(member, ast.FunctionDef) and member.decorator_list}
    return set(names_in(node.body)) - properties - {"__next__", "__iter__", "__init__"}


def native_names(interpreter, expression):
    code = f"import cpwebsockets.client, cpwebsockets.protocol\nfor name in dir({expression}):\n    print(name)"
    return set(subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def parameters(function):
    arguments = function.args
    defaults = [None] * (len(arguments.args) - len(arguments.defaults)) + arguments.defaults
    for argument, default in zip(arguments.args, defaults):
        yield argument.arg, "positional", ast.literal_eval(default) if default else None
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        yield argument.arg, "keyword", ast.literal_eval(default) if default else None


def python_parameters(function):
    for parameter in inspect.signature(function).parameters.values():
        kind = "keyword" if parameter.kind is inspect.Parameter.KEYWORD_ONLY else "positional"
        yield parameter.name, kind, None if parameter.default is inspect.Parameter.empty else parameter.default


def folder_connect():
    """connect() of the folder loads what opens a connection when it is called, and hands its options on."""
    import cpwebsockets.opening
    import cpwebsockets.protocol
    keywords = set(python_parameters(cpwebsockets.opening.connect)) | set(python_parameters(cpwebsockets.protocol.Websocket.__init__))
    positional = {parameter for parameter in python_parameters(importlib.import_module("cpwebsockets.client").connect) if parameter[1] == "positional"}
    return positional - {("options", "positional", None)} | {parameter for parameter in keywords if parameter[1] == "keyword"}


def folder_method(name):
    """A method of the folder, also one that is loaded when it is called first."""
    import cpwebsockets.parts
    import cpwebsockets.protocol
    if hasattr(cpwebsockets.protocol.Websocket, name):
        return set(python_parameters(getattr(cpwebsockets.protocol.Websocket, name)))
    if getattr(getattr(cpwebsockets.parts, name, None), "__module__", "") == "cpwebsockets.parts":
        parameters = list(inspect.signature(getattr(cpwebsockets.parts, name)).parameters.values())[1:]
    else:
        parameters = inspect.signature(cpwebsockets.parts.bound(None, name)).parameters.values()
    return {(p.name, "positional", None if p.default is inspect.Parameter.empty else p.default) for p in parameters} | {("self", "positional", None)}


def takes_keywords(interpreter, call, function):
    """The keywords of `function` with their defaults: refused as unknown, they would be a TypeError."""
    keywords = {name: default for name, kind, default in parameters(function) if kind == "keyword"}
    code = f"""
import cpwebsockets.client, cpwebsockets.protocol
class Socket:
    def send(self, data): return len(data)
    def recv_into(self, view): raise OSError(11)
    def close(self): pass
ws = cpwebsockets.client.WebsocketClient(Socket(), timeout=0)
try:
    {call.replace("**", "**" + repr(keywords))}
except (ValueError, OSError):
    pass
"""
    subprocess.run([interpreter, "-c", code], check=True)


def asyncio_differences(tree, connect, same):
    """cpwebsockets_asyncio, whose connect() hands on every option of the other."""
    import cpwebsockets_asyncio
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            python = getattr(cpwebsockets_asyncio, node.name)
            members = {member.name: member for member in node.body if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef)}
            shown = {name for name, value in vars(python).items() if callable(value) or isinstance(value, property)}
            same(f"asyncio {node.name}", public(members), public(shown))
            for name, member in members.items():
                if not member.decorator_list and name in vars(python):
                    same(f"asyncio {node.name}.{name}", set(parameters(member)), set(python_parameters(vars(python)[name])))
                    same(f"asyncio {node.name}.{name} is awaited", {isinstance(member, ast.AsyncFunctionDef)},
                         {inspect.iscoroutinefunction(vars(python)[name])})
        elif isinstance(node, ast.FunctionDef):
            same("asyncio connect", set(parameters(node)), set(parameters(connect)) | {("poll", "keyword", 0.02)})


def main():
    stubs, interpreter = pathlib.Path(sys.argv[1]), sys.argv[2]
    problems = []

    def same(what, stub, other):
        if stub != other:
            problems.append(f"{what}: the stub has {sorted(map(str, stub - other))} more, and lacks {sorted(map(str, other - stub))}")

    trees = {name: ast.parse((stubs / "cpwebsockets" / f"{name}.pyi").read_text()) for name in ("client", "protocol")}
    for name, tree in trees.items():
        stubbed = public(names_in(tree.body))
        same(f"native {name}", stubbed, public(native_names(interpreter, f"cpwebsockets.{name}")))
        module = importlib.import_module(f"cpwebsockets.{name}")
        missing = {public_name for public_name in stubbed if not hasattr(module, public_name)}
        same(f"folder's {name}", missing, set())
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                same(node.name, set(parameters(node)),
                     folder_connect() if node.name == "connect" else set(python_parameters(getattr(module, node.name))))
    websocket = next(node for node in trees["protocol"].body if isinstance(node, ast.ClassDef) and node.name == "Websocket")
    same("native Websocket", class_members(websocket),
         native_names(interpreter, "cpwebsockets.protocol.Websocket") - {"__class__", "__name__", "__bases__", "__dict__"})
    import cpwebsockets.protocol
    for method in websocket.body:
        if isinstance(method, ast.FunctionDef) and not method.decorator_list:
            if not method.name.startswith("__") or method.name == "__init__":
                same(f"Websocket.{method.name}", set(parameters(method)), folder_method(method.name))
            if method.name == "send":
                takes_keywords(interpreter, "ws.send(b'', **)", method)
            elif method.name == "__init__":
                takes_keywords(interpreter, "cpwebsockets.protocol.Websocket(Socket(), **)", method)
    connect = next(node for node in trees["client"].body if isinstance(node, ast.FunctionDef))
    takes_keywords(interpreter, "cpwebsockets.client.connect('no URL', **)", connect)
    asyncio_differences(ast.parse((stubs / "cpwebsockets_asyncio" / "__init__.pyi").read_text()), connect, same)
    print("\n".join(problems) or "the stubs are as the implementations")
    sys.exit(1 if problems else 0)


main()
