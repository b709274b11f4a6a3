"""Checks the live board of 'tinygpt train' as a terminal emulator shows it. See check-board.sh."""
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import pyte

ROOT = pathlib.Path(__file__).resolve().parent.parent
TINYGPT = str(ROOT / ".build/release/tinygpt")
TEXT = str(ROOT / "data/shakespeare.txt")
TINY = ["--layers", "1", "--heads", "1", "--width", "16", "--context", "16", "--batch", "2"]
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name not in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "COLORTERM", "LC_ALL", "LC_CTYPE")}
# On a terminal, Swift's report of a crash would wait for a key.
ENVIRONMENT |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"}
# As long as a slow computer that does other things, too, may take for anything below.
PATIENCE = 60
BEGIN_FRAME, END_FRAME = b"\x1b[?2026h", b"\x1b[?2026l"


class Terminal:
    """A program in a pseudo-terminal, and what has become of the screen."""

    def __init__(self, command, folder, columns=80, rows=24, **environment):
        self.screen = pyte.HistoryScreen(columns, rows, history=10_000, ratio=0.001)
        self.stream = pyte.ByteStream(self.screen)
        self.written = self.pending = b""
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            # Before the program looks at it.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], command, ENVIRONMENT | environment)

    def read(self, seconds):
        """Takes what is written within a time, a frame or what is between two; false at the end."""
        if END_FRAME not in self.pending and select.select([self.descriptor], [], [], seconds)[0]:
            try:
                data = os.read(self.descriptor, 1 << 16)
            except OSError:
                data = b""
            if not data:
                self.stream.feed(self.pending)
                self.written, self.pending = self.written + self.pending, b""
                return False
            self.pending += data
        before, end, after = self.pending.partition(END_FRAME)
        if end or BEGIN_FRAME not in before:
            self.stream.feed(before + end)
            self.written, self.pending = self.written + before + end, after
        return True

    def wait(self, what, condition):
        """Reads until something is true."""
        end = time.monotonic() + PATIENCE
        while not condition(self):
            if time.monotonic() > end or not self.read(0.05):
                fail(f"{what}: never happened; the screen is\n{self.text}")

    def finish(self):
        """Reads to the end; the exit status, as the system gives it."""
        end = time.monotonic() + PATIENCE
        while self.read(1):
            if time.monotonic() > end:
                fail(f"the program does not end; the screen is\n{self.text}")
        return os.waitpid(self.process, 0)[1]

    def type(self, keys):
        os.write(self.descriptor, keys.encode())

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def scrollback(self):
        """All lines, those that have left the screen first."""
        above = ["".join(line[column].data for column in range(self.screen.columns)) for line in self.screen.history.top]
        return [line.rstrip() for line in above + list(self.screen.display)]

    @property
    def is_cursor_visible(self):
        return not self.screen.cursor.hidden

    @property
    def boards(self):
        """The numbers of the lines of the screen that are a progress bar."""
        return [row for row, line in enumerate(self.screen.display) if re.match("[━─]{20}", line)]


def fail(message):
    sys.exit(f"check_board.py: {message}")


def check(condition, what, terminal=None):
    if not condition:
        fail(what + (f"; the screen is\n{terminal.text}" if terminal else ""))


def training(*options, steps=1_000_000):
    return [TINYGPT, "train", TEXT, *TINY, "--steps", str(steps), "--eval-every", "100", *options]


def shows_step(number):
    """Whether the board shows that step or a later one."""
    def condition(terminal):
        found = re.search(r"^step (\d+) of ", terminal.text, re.M)
        return found and int(found[1]) >= number and terminal.boards
    return condition


def check_board(terminal):
    """A whole board, with nothing above but lines of the log."""
    check(len(terminal.boards) == 1, "there is not one board", terminal)
    lines = terminal.text.split("\n")[terminal.boards[0]:]
    text = "\n".join(lines)
    check(re.match(r"step \d+ of \d+  \d+% +(\d.* left|validating \d+%)$", lines[1]), "no step, percent, elapsed and left", terminal)
    check(re.search("[\u2801-\u28ff]", "\n".join(lines[3:])), "no curve", terminal)
    check(re.search(r"^ *[\d.]+ ┤", text, re.M), "no labels of losses", terminal)
    check(re.search(r"^  step 0 +\d+", text, re.M), "no labels of steps", terminal)
    check(re.search(r"^train loss +\d.* learning rate +\d.* chars/s$", text, re.M), "no figures", terminal)
    check(re.search(r"^val loss +\d.* gradient norm +\d.* GFLOP/s, \d+% of peak$", text, re.M), "no share of the peak", terminal)
    # A sample may begin with line breaks.
    check(re.search(r"^sample after step \d+\n+  .", text, re.M), "no sample", terminal)


def check_log(terminal, steps):
    """Every line of the log once, in order, and whole."""
    expected = [f"step {step}  validation" for step in range(0, steps + 1, 100)]
    found = [match[0] for line in terminal.scrollback if (match := re.match(r"step \d+  validation", line))]
    check(found == expected, f"the log has {found}", terminal)


def whole_run(folder):
    terminal = Terminal(training(steps=600), folder)
    terminal.wait("a board", shows_step(200))
    check(not terminal.is_cursor_visible, "the cursor is visible")
    check_board(terminal)
    check(terminal.finish() == 0, "the training failed", terminal)
    check(terminal.is_cursor_visible and terminal.screen.cursor.x == 0, "the terminal is not restored", terminal)
    check_log(terminal, 600)
    lines = terminal.scrollback
    check(any(re.match("step 600 of 600  100%", line) for line in lines), "the last board does not stay", terminal)
    check(sum(re.match("[━─]{20}", line) is not None for line in lines) == 1, "there is more than one board", terminal)


def resizing(folder):
    terminal = Terminal(training("--run", "resized"), folder)
    terminal.wait("a board", shows_step(300))
    for columns, rows in [(10, 3), (80, 24), (160, 50), (40, 20), (79, 19), (80, 24)]:
        terminal.resize(columns, rows)
        step = int(re.findall(rb"step (\d+)", terminal.written)[-1]) + 50
        if columns >= 40 and rows >= 20:
            terminal.wait(f"a board of {columns} x {rows}", lambda it: len(it.boards) == 1 and shows_step(step)(it))
            if columns >= 80:
                check_board(terminal)
        else:
            terminal.wait(f"a line in {columns} x {rows}", lambda it: re.search(r"^step \d", it.text, re.M) and not it.boards)
            check(terminal.is_cursor_visible, "a single line hides the cursor", terminal)
    os.kill(terminal.process, signal.SIGTERM)
    check(os.WTERMSIG(terminal.finish()) == signal.SIGTERM, "the training did not end by the signal")
    check(terminal.is_cursor_visible, "the terminal is not restored", terminal)


def resumed(folder):
    steps = max(int(line.split(",")[0]) for line in (folder / "resized/metrics.csv").read_text().split("\n")[1:-1])
    terminal = Terminal([TINYGPT, "train", "--resume", "resized"], folder, 120, 40)
    terminal.wait("a board", shows_step(steps + 1))
    check(sum(line.count("o") for line in terminal.text.split("\n") if re.match(".{6}[│┤]", line)) > 1,
          "the chart does not begin with the losses before", terminal)
    os.kill(terminal.process, signal.SIGSEGV)
    check(os.WTERMSIG(terminal.finish()) == signal.SIGSEGV, "the training did not crash")
    check(terminal.is_cursor_visible and terminal.screen.cursor.x == 0, "a crash does not restore the terminal", terminal)


def keys(folder):
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], folder, PS1="prompt$ ", PS2="")
    terminal.wait("a prompt", lambda it: it.text.startswith("prompt$"))
    terminal.type(" ".join(training("--run", "keys")) + "\n")
    terminal.wait("a board", shows_step(100))
    terminal.type("\x1a")
    terminal.wait("a prompt of its own line", lambda it: re.search(r"^prompt\$$", it.text, re.M))
    check(terminal.is_cursor_visible, "Ctrl-Z leaves the cursor hidden", terminal)
    terminal.type("fg\n")
    terminal.wait("a board", lambda it: not it.is_cursor_visible and shows_step(100)(it))
    check_board(terminal)
    terminal.type("\x03")
    terminal.wait("the notice", lambda it: b"finishing this step and saving" in it.written)
    terminal.wait("a prompt", lambda it: it.text.rstrip().endswith("\nprompt$"))
    check("stopped and saved after step" in terminal.text, "nothing is saved", terminal)
    check(terminal.is_cursor_visible, "Ctrl-C leaves the cursor hidden", terminal)
    check(terminal.written.rfind(b"\x1b[?25h") > terminal.written.rfind(b"\x1b[?25l"), "the cursor is not shown last")
    # In the background nothing is drawn.
    terminal.type("tput reset\n")
    terminal.wait("an empty screen", lambda it: it.text.strip() == "prompt$")
    terminal.type(f"{TINYGPT} train --resume keys & sleep 2; kill -INT %1; wait\n")
    terminal.wait("the end", lambda it: "stopped and saved" in it.text)
    check(not terminal.boards, "it draws in the background", terminal)
    terminal.type("exit\n")
    terminal.finish()


def plain(folder):
    def lines(data):
        """Lines without what differs from one run to the next."""
        data = re.sub(rb"[\d.]+k? chars/s  .* left", b"SPEED", data.replace(b"\r\n", b"\n"))
        return re.sub(rb"at step \d+, in [\dms. ]+|runs/\S+", b"", data).split(b"\n")

    def piped(*options):
        return lines(subprocess.run(training(*options, steps=200), cwd=folder, env=ENVIRONMENT, capture_output=True).stderr)

    check(piped() == piped("--plain"), "--plain changes what a pipe gets")
    check(b"\x1b" not in b"".join(piped()), "a pipe gets escapes")
    dumb = Terminal(training(steps=200), folder, TERM="dumb")
    dumb.finish()
    check(len(lines(dumb.written)) == len(piped()) and b"\x1b" not in dumb.written, "a dumb terminal gets other lines", dumb)
    for options, rows in [(["--plain"], 24), ([], 19)]:
        terminal = Terminal(training(*options, steps=200), folder, 80, rows)
        terminal.finish()
        check(b"\x1b[?25l" not in terminal.written and "━" not in terminal.text, f"a board with {options} in {rows} lines")
        check(any(re.match(r"step 200/200  loss", line) for line in terminal.scrollback), "no progress line", terminal)
    ascii_only = Terminal(training(steps=200), folder, LANG="C", NO_COLOR="1")
    ascii_only.finish()
    check(b"====" in ascii_only.written and ascii_only.written.isascii(), "not ASCII in a locale that has nothing else")
    check(b"\x1b[36m" not in ascii_only.written, "colors despite NO_COLOR")


with tempfile.TemporaryDirectory() as name:
    for scenario in [whole_run, resizing, resumed, keys, plain]:
        start = time.monotonic()
        scenario(pathlib.Path(name))
        print(f"{scenario.__name__.replace('_', ' ')}: right, {time.monotonic() - start:.0f} s")
