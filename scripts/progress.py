"""Progress of a script that takes minutes, on standard error."""
import sys
import time

START = time.monotonic()


def note(text):
    """A line with the minutes and seconds since the start."""
    minutes, seconds = divmod(int(time.monotonic() - START), 60)
    print(f"{minutes}:{seconds:02} {text}", file=sys.stderr, flush=True)
