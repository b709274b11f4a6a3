#!/usr/bin/env bash
# Prints how time and memory of a training step grow with the context and with the width: the tables that the README shows.
# Every step trains on 4096 characters at once, or on one window where that is longer.
set -euo pipefail
cd "$(dirname "$0")/.."

swift build -c release > /dev/null 2>&1
measure() { # CONTEXT WIDTH
    local batch=$((4096 / $1))
    .build/release/tinygpt bench step --context "$1" --width "$2" --batch "$((batch > 0 ? batch : 1))" --steps 8 --json |
        awk -v context="$1" -v width="$2" -v FS='[:,}]' '{
            for (i = 1; i < NF; i++) { if ($i ~ /tokens_per_s/) speed = $(i + 1); if ($i ~ /peak_rss_mb/) memory = $(i + 1) }
            printf "| %d | %d | %.1f | %.0f |\n", context, width, 1e6 / speed, memory
        }'
}
echo "| context | width | microseconds per character | MB at 4096 characters |"
echo "|---|---|---|---|"
for context in 64 256 1024 4096; do measure $context 128; done
for width in 64 128 256 512 768; do measure 256 $width; done
