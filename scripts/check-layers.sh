#!/usr/bin/env bash
# Checks that targets, and the folders inside each target, mention each other in one direction only: no circles.
#
# A folder mentions another one if its code, outside comments and strings, uses the name of a type, function or constant that
# the other declares at the top level of a file.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 - <<'PY'
import collections, pathlib, re, sys

NAME = re.compile(r"^(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|final|indirect)\s+)*"
                  r"(?:struct|class|enum|protocol|actor|typealias|func|let|var)\s+(\w+)", re.M)

# A lower-case name is not that of a function or constant where it is a member, after a dot, or a label, before a colon.
USE = re.compile(r"\b[A-Z]\w*\b|(?<![.\w])[a-z_]\w*\b(?!\s*:|\s+[a-z_]\w*\s*:)")


def code(path):
    text = path.read_text()
    for pattern in (r'"""(.|\n)*?"""', r'"(\\.|[^"\\\n])*"', r"//[^\n]*"):
        text = re.sub(pattern, " ", text)
    return text


def circle(mentions):
    """The rooms of one circle, if there is any: those left when rooms that mention no other room are removed in turn."""
    left = {room: set(others) for room, others in mentions.items()}
    while True:
        leaves = {room for room, others in left.items() if not others & left.keys() - {room}}
        if not leaves:
            return sorted(left)
        left = {room: others for room, others in left.items() if room not in leaves}
        if not left:
            return []


sources = {path: code(path) for path in pathlib.Path("Sources").rglob("*.swift")}
failures = 0
for scope in [pathlib.Path("Sources")] + sorted(path for path in pathlib.Path("Sources").iterdir() if path.is_dir()):
    rooms = {path: str(path.relative_to(scope).parts[0] if len(path.relative_to(scope).parts) > 1 else ".")
             for path in sources if scope in path.parents}
    declared = collections.defaultdict(set)
    for path, room in rooms.items():
        for name in NAME.findall(sources[path]):
            declared[name].add(room)
    mentions, reasons = collections.defaultdict(set), collections.defaultdict(set)
    for path, room in rooms.items():
        mentions[room] |= set()
        for word in set(USE.findall(sources[path])) & declared.keys():
            if len(declared[word]) == 1 and room not in declared[word]:
                other = next(iter(declared[word]))
                mentions[room].add(other)
                reasons[room, other].add(word)
    found = circle(mentions)
    for room in found:
        for other in sorted(mentions[room] & set(found)):
            print(f"{scope}: {room} mentions {other}: {', '.join(sorted(reasons[room, other])[:6])}", file=sys.stderr)
    failures += bool(found)
if failures:
    sys.exit("folders mention each other in a circle; move what both need into the lower one")
print("no folders or targets mention each other in a circle")
PY
