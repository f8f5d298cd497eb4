#!/usr/bin/env python3
"""Gathers what the site is made of: site.py FOLDER. Into FOLDER/pages go README.md as the first page, the other pages where they are in
the repository, the names of the C++ API from what tests/docs/api.py left in FOLDER, and the Python API from the stubs; FOLDER/mkdocs.yml
makes a site of them. Fails when a link leads nowhere, or a public name is missing.

site.py FOLDER --search: does the index of the finished site find them?"""
import ast
import json
import pathlib
import re
import shutil
import sys

import cpp_names

ROOT = pathlib.Path(__file__).resolve().parents[2]
STUBS = [("cpwebsockets.client", "circuitpython/stubs/cpwebsockets/client.pyi"),
         ("cpwebsockets.protocol", "circuitpython/stubs/cpwebsockets/protocol.pyi"),
         ("cpwebsockets_asyncio", "circuitpython/stubs/cpwebsockets_asyncio/__init__.pyi")]
PAGES = ["README.md", "circuitpython/README.md", "circuitpython/with_asyncio/README.md",
         *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def anchors(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)", text, re.M)}


def place(page):
    return "index.md" if page == "README.md" else page


def page_of(name, broken):
    """The page with its links as the site has them. What the site does not have is named by its path."""
    source = ROOT / name
    steps = "../" * (len(pathlib.PurePosixPath(place(name)).parts) - 1)

    def replaced(match):
        image, text, link = match.groups()
        if re.match(r"https?:", link):
            return match[0]
        path, _, anchor = link.partition("#")
        target = (source.parent / path).resolve() if path else source
        if not target.exists() or anchor and anchor not in anchors(target):
            broken.append(f"{name}: {link}")
            return match[0]
        if target.is_dir() and (target / "README.md").exists():
            target = target / "README.md"
        relative = str(target.relative_to(ROOT))
        if relative in PAGES or target.suffix == ".svg":
            return f"{image}[{text}]({steps}{place(relative)}{'#' + anchor if anchor else ''})"
        return f"{text} (`{relative}`)" if relative not in text else text

    parts = re.split(r"(```.*?```)", source.read_text(), flags=re.S)
    return "".join(part if part.startswith("```") else LINK.sub(replaced, part) for part in parts)


def python_api():
    yield "# Python API\n\nThe same in the native module and in the folder of plain Python.\n"
    for module, path in STUBS:
        tree = ast.parse((ROOT / path).read_text())
        yield f"## {module}\n\n{ast.get_docstring(tree) or ''}\n"
        for node in tree.body:
            yield from described(node, "###")


def described(node, level):
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and (not node.name.startswith("_") or node.name == "__init__"):
        text = ast.get_docstring(node) or ""
        signature = ast.unparse(node).splitlines()
        head = next(line for line in signature if line.startswith(("def ", "async def ", "class "))).removesuffix(" ...").removesuffix(":")
        yield f"{level} {node.name}\n\n```python\n{head}\n```\n\n{text}\n"
        for inner in node.body if isinstance(node, ast.ClassDef) else []:
            yield from described(inner, level + "#")


def missing_names(text):
    """Of what somebody may search for, a sample of every kind."""
    names = ["connect", "close_info", "receive_view", "no_limit", "max_message_size", "text_not_utf8", "CloseCode", "going_away", "ConnectionError",
             "PermessageDeflate", "next_deadline", "TlsContext", "pinned_spki_sha256", "SecureClient", "ClientPipe", "recv_into"]
    words = set(re.split(r"[^\w]+", text))
    return [name for name in names if name not in words]


def search(folder):
    index = json.loads((folder / "site" / "search" / "search_index.json").read_text())
    return [f"the search does not find {name}" for name in missing_names(" ".join(entry["title"] + " " + entry["text"] for entry in index["docs"]))]


def main():
    folder, broken = pathlib.Path(sys.argv[1]), []
    if "--search" in sys.argv:
        sys.exit("\n".join(search(folder)) or 0)
    shutil.rmtree(folder / "pages", ignore_errors=True)
    pages = {place(name): page_of(name, broken) for name in PAGES}
    pages["python_api.md"] = "\n".join(python_api())
    pages["cpp_api.md"] = "\n".join(cpp_names.page(folder / "xml"))
    for name in missing_names(pages["cpp_api.md"] + pages["python_api.md"]):
        broken.append(f"the API's pages lack {name}")
    for link in re.findall(r"\(api/([^)#]*)", pages["cpp_api.md"]):
        if not (folder / "api" / link).exists():
            broken.append(f"cpp_api.md: api/{link}")
    for name, text in pages.items():
        (folder / "pages" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "pages" / name).write_text(text)
    for picture in (ROOT / "docs").glob("*.svg"):
        shutil.copy(picture, folder / "pages" / "docs")
    shutil.copy(ROOT / "packages" / "docs" / "mkdocs.yml", folder)
    for link in broken:
        print("leads nowhere, or is missing:", link)
    print(f"{len(pages)} pages, {len(broken)} broken links")
    sys.exit(1 if broken else 0)


main()
