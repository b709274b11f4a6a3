#!/usr/bin/env bash
# Gets the standard corpus of character-level models, 1.1 MB of Shakespeare's plays, as data/tinyshakespeare.txt.
set -euo pipefail
cd "$(dirname "$0")/.."

url=https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt
sum=86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed
target=data/tinyshakespeare.txt

verify() { printf '%s  %s\n' "$sum" "$1" | if command -v sha256sum >/dev/null; then sha256sum -c --status; else shasum -a 256 -c --status; fi; }

if [ -e "$target" ]; then
    verify "$target" && { echo "$target is there and right"; exit 0; }
    echo "$target is there but is not the standard corpus; move it away and try again" >&2
    exit 1
fi
part=$(mktemp -p "$(dirname "$target")")
trap 'rm -f "$part"' EXIT
curl --fail --silent --show-error --location --output "$part" "$url"
verify "$part" || { echo "what came from $url is not the standard corpus: its SHA-256 is not $sum" >&2; exit 1; }
chmod 644 "$part"
mv "$part" "$target"
echo "$target: $(wc -c < "$target") bytes, verified"
