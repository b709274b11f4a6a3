#!/usr/bin/env bash
# Checks the types of the explorer's scripts, which stand in comments, with TypeScript's own compiler. Says so and checks nothing
# where there is no compiler and none can be installed.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v tsc > /dev/null; then
    if ! { [ "$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq node-typescript > /dev/null; }; then
        echo "skipped: there is no tsc and it cannot be installed here, so the types of the page's scripts are not checked"
        exit 0
    fi
fi
exec node scripts/check_page_types.js
