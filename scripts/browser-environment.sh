# For scripts that look at a page in a real browser, to be sourced: installs Chromium from Debian's packages where it may, and what
# drives it into $python. Without them, says so and ends the script, which then checks nothing.
if ! command -v chromedriver > /dev/null; then
    if ! { [ "$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium chromium-driver > /dev/null; }; then
        echo "skipped: there is no chromedriver and it cannot be installed here, so no browser looks at the page"
        exit 0
    fi
fi
. scripts/python-environment.sh
if ! { "$python" -c 'import selenium' 2> /dev/null || need_python selenium; }; then
    echo "skipped: python3, its venv module or the package index is not there, so nothing drives the browser"
    exit 0
fi
