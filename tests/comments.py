#!/usr/bin/env python3
"""Comments fill their lines to the width of the code: comments.py [--write]. clang-format breaks lines that are too long, but joins none. Left as
they are: lists, examples (four spaces and more), and what is laid out in columns."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH = int(re.search(r"^ColumnLimit: (\d+)", (ROOT / ".clang-format").read_text(), re.M)[1])
COMMENT = re.compile(r"^( *)(//[/!]?)(?!<)( ?)(.*)$")
# The start of something that is not joined to the line before.
STARTS = re.compile(r"[-*•] |\d+\. |@|\[|---|NOLINT|clang-format|#")


def filled(words, first, rest):
    lines, line = [], first + words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = rest + word
        else:
            line += " " + word
    return [*lines, line]


def paragraphs(lines):
    """Runs of lines that are one paragraph: (start, end, indentation, marker)."""
    start = None
    for i, line in enumerate([*lines, ""]):
        match = COMMENT.match(line)
        text = match[4] if match else ""
        plain = bool(match) and text and text[0] != " " and not re.search(r"\S {2,}\S", text.replace(". ", ".")) and not STARTS.match(text)
        is_next = plain and start is not None and match[1] + match[2] == lead
        if start is not None and not is_next:
            yield start, i, lead
            start = None
        if plain and start is None:
            lead = match[1] + match[2]
            # The rest of a comment behind code.
            behind = i > 0 and not COMMENT.match(lines[i - 1]) and lines[i - 1].find("//") == len(match[1])
            in_list = i > 0 and COMMENT.match(lines[i - 1]) and STARTS.match(COMMENT.match(lines[i - 1])[4])
            if not behind and not in_list:
                start = i


def main():
    names = subprocess.run([ROOT / "tests" / "sources.sh"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    wrong = 0
    for name in filter(None, names):
        path = ROOT / name
        lines = path.read_text().split("\n")
        for start, end, lead in reversed(list(paragraphs(lines))):
            words = " ".join(COMMENT.match(line)[4] for line in lines[start:end]).split()
            better = filled(words, lead + " ", lead + " ")
            if better != lines[start:end]:
                wrong += 1
                if "--write" not in sys.argv:
                    print(f"{name}:{start + 1}: {lines[start].strip()[:70]}")
                lines[start:end] = better
        if "--write" in sys.argv:
            path.write_text("\n".join(lines))
    print(f"{wrong} comments do not fill their lines")
    sys.exit(1 if wrong and "--write" not in sys.argv else 0)


main()
