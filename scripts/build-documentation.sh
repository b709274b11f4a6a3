#!/usr/bin/env bash
# Makes the documentation of the library as a static site, from its doc comments and the articles in
# Sources/TinyGPT/Documentation.docc, with the docc of Swift's toolchain. A warning, such as a link to nothing, is an error.
# Usage: scripts/build-documentation.sh [FOLDER, .build-documentation unless it is named] [PATH that the site will have on its server]
set -euo pipefail
site=${1:-}
case $site in -*) echo "usage: scripts/build-documentation.sh [FOLDER] [PATH]" >&2; exit 64 ;; '' | /*) ;; *) site=$PWD/$site ;; esac
cd "$(dirname "$0")/.."
site=${site:-$PWD/.build-documentation}
base=${2:-/}

if [ -e "$site" ] && [ -n "$(ls -A "$site" 2> /dev/null)" ] && [ ! -e "$site/metadata.json" ]; then
    echo "build-documentation.sh: $site is there and holds something else; name a new folder" >&2
    exit 73
fi
docc=$(dirname "$(readlink -f "$(command -v swiftc)")")/docc
[ -x "$docc" ] || docc=$(xcrun --find docc)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One import gives the three targets of the library, so they are documented as one module.
swift build --target TinyGPT
built=$(swift build --show-bin-path)
maps=()
for map in "$built"/{CPUSupport,EmbeddedTexts}.build/module.modulemap; do maps+=(-Xcc "-fmodule-map-file=$map"); done
target=$(swiftc -print-target-info | sed -n 's/.*"triple" *: *"\([^"]*\)".*/\1/p' | head -1)
mkdir "$work/symbols"
swift-symbolgraph-extract -module-name TinyGPT -experimental-allowed-reexported-modules=Autograd,Layers,Kernels \
    -I "$built/Modules" "${maps[@]}" -target "$target" -minimum-access-level public -skip-inherited-docs \
    -skip-synthesized-members -output-dir "$work/symbols"
rm -f "$work"/symbols/*@*

"$docc" convert Sources/TinyGPT/Documentation.docc --additional-symbol-graph-dir "$work/symbols" \
    --fallback-display-name TinyGPT --fallback-bundle-identifier TinyGPT --warnings-as-errors \
    --transform-for-static-hosting --hosting-base-path "$base" --output-path "$work/site"
# Instead of docc's own first page, which says that there is none.
printf '<!doctype html>\n<meta charset="utf-8">\n<title>TinyGPT</title>\n<meta http-equiv="refresh" content="0; url=documentation/tinygpt/">\n<a href="documentation/tinygpt/">The documentation of TinyGPT</a>\n' > "$work/site/index.html"
rm -rf "$site"
mkdir -p "$(dirname "$site")"
mv "$work/site" "$site"
chmod 755 "$site"
echo "$site: $(find "$site/documentation" -name index.html | wc -l | tr -d ' ') pages; to look at them: python3 -m http.server --directory $site"
