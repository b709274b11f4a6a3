"""Presses tab in real shells, reads the manual pages, installs and uninstalls. See check-shell.sh."""
import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

import pyte

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = pathlib.Path(sys.argv[1]).resolve()
# As long as a slow computer that does other things, too, may take for anything below.
PATIENCE = 60
COMMANDS = "train sample attention heads neurons eval export import runs bench help".split()
PROMPT, MARK = "prompt$ ", "@@"

# What is typed before tab, and what stands there after it.
TYPED = [
    ("tinygpt tr", "tinygpt train "),
    ("tinygpt help ex", "tinygpt help export "),
    ("tinygpt train --pre", "tinygpt train --preset "),
    ("tinygpt train --preset f", "tinygpt train --preset fast "),
    ("tinygpt train --preset=ba", "tinygpt train --preset=baby "),
    ("tinygpt --quiet train --sched", "tinygpt --quiet train --schedule "),
    ("tinygpt bench mat", "tinygpt bench matmul "),
    ("tinygpt export --to h", "tinygpt export --to huggingface "),
    ("tinygpt --generate-completion-script f", "tinygpt --generate-completion-script fish "),
    # Runs by their names, and those in other places by their folders.
    ("tinygpt sample fi", "tinygpt sample first-run "),
    ("tinygpt train --resume fi", "tinygpt train --resume first-run "),
    ("tinygpt sample my", "tinygpt sample my\\ notes "),
    ("tinygpt eval fol", "tinygpt eval folder/"),
    ("tinygpt train --run fol", "tinygpt train --run folder/"),
    # Files where files belong, after an equals sign, too.
    ("tinygpt train po", "tinygpt train poems.txt "),
    ("tinygpt eval first-run po", "tinygpt eval first-run poems.txt "),
    ("tinygpt import po", "tinygpt import poems.txt "),
    ("tinygpt train so", "tinygpt train some\\ letters.txt "),
    ("tinygpt sample --html=pa", "tinygpt sample --html=page.html "),
    # Nothing where nothing of it belongs: files for a prompt, numbers, an option that another one excludes.
    ("tinygpt sample --prompt po", "tinygpt sample --prompt po"),
    ("tinygpt train --steps po", "tinygpt train --steps po"),
    ("tinygpt sample -i --htm", "tinygpt sample -i --htm"),
    ("tinygpt train --plan --pla", "tinygpt train --plan --plain "),
    ("tinygpt train -- --pre", "tinygpt train -- --pre"),
    # The program that was named, wherever it is.
    ("~/.local/bin/tinygpt tr", "~/.local/bin/tinygpt train "),
    ("../.local/bin/tinygpt tr", "../.local/bin/tinygpt train "),
]

# What is shown where several words can follow.
LISTED = {
    "tinygpt ": COMMANDS,
    "tinygpt train --b": ["--batch", "--batches", "--beta1", "--beta2", "--bias"],
    "tinygpt heads ": ["first-run", "folder/"],
}


def fail(message):
    sys.exit(f"check_shell.py: {message}")


def check(condition, what):
    if not condition:
        fail(what)


class InteractiveShell:
    """A shell in a pseudo-terminal, and its screen."""

    def __init__(self, command, setup, folder, environment):
        self.screen = pyte.Screen(100, 40)
        self.stream = pyte.ByteStream(self.screen)
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
            os.execvpe(command[0], command, environment)
        self.type(setup + "\n")
        self.wait(lambda: any(line.startswith(PROMPT) for line in self.lines), "no prompt")

    @property
    def lines(self):
        return [line.rstrip() + " " for line in self.screen.display]

    def type(self, keys):
        os.write(self.descriptor, keys.encode())

    def wait(self, condition, problem):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                fail(f"{problem}; the screen is\n" + "\n".join(self.lines))
            if select.select([self.descriptor], [], [], 0.05)[0]:
                data = os.read(self.descriptor, 1 << 16)
                # Fish asks what kind of terminal it is.
                if b"\x1b[c" in data:
                    self.type("\x1b[?62c")
                self.stream.feed(data)

    def complete(self, typed, tabs=1):
        """The line and the screen after tab. A mark that is typed next shows up once the shell is done with the tab."""
        def marked():
            return [line for line in self.lines if line.startswith(PROMPT) and MARK in line]

        self.type("\x0c" + typed + "\t" * tabs + MARK)
        self.wait(marked, f"nothing comes after {typed!r}")
        line, lines = marked()[-1], self.lines
        self.type("\x15")
        self.wait(lambda: not marked(), f"{typed!r} stays")
        return line[len(PROMPT):line.index(MARK)], lines

    def close(self):
        os.close(self.descriptor)
        os.waitpid(self.process, 0)


def check_typed(name, shell):
    for typed, expected in TYPED:
        shown = shell.complete(typed)[0]
        check(shown == expected, f"{name}: {typed!r} becomes {shown!r}, expected {expected!r}")


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=600, **options)


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def make_folder(home):
    """Where things are typed: two runs, texts, a page, a folder."""
    work = home / "work"
    (work / "folder").mkdir(parents=True)
    for name in ["first-run", "my notes"]:
        run_folder = work / "runs" / name
        run_folder.mkdir(parents=True)
        (run_folder / "config.json").write_text("{}")
    for name in ["poems.txt", "some letters.txt", "page.html"]:
        (work / name).write_text("a text\n")
    return work


def install(home, environment):
    """Installs with a compiler that hands out what is built already; a copy of another program is in the way at first."""
    prefix = home / ".local"
    compilers = home / "compilers"
    compilers.mkdir()
    swift = compilers / "swift"
    swift.write_text(f"#!/bin/sh\necho built >> '{home}/built'\ncase $* in *--show-bin-path*) echo '{BUILT}' ;; esac\n")
    swift.chmod(0o755)
    environment = environment | {"PATH": f"{compilers}:{os.environ['PATH']}"}

    def script(name, *arguments, expected=0):
        done = run(ROOT / f"scripts/{name}.sh", *arguments, env=environment, cwd=home)
        check(done.returncode == expected, f"{name}.sh {arguments}: exit code {done.returncode}, expected {expected}: {done.stderr}")
        return done.stdout + done.stderr

    script("install", "--help", expected=64)
    script("install", "a", "b", expected=64)
    script("uninstall", expected=66)
    check("is not a folder" in script("install", "/dev/null/x", expected=73), "a prefix below a device is no error")
    check("cannot be written to" in script("install", "/proc/self/x", expected=73), "a prefix in /proc is no error")
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin/tinygpt").write_text("another program")
    check("is not from here" in script("install", expected=73), "another program is overwritten")
    check(tree(prefix) == ["bin", "bin/tinygpt"] and not (home / "built").exists(), "it begins before it knows that it can end")
    (prefix / "bin/tinygpt").unlink()
    (prefix / "share/man").mkdir(parents=True)
    # Without it fish makes completions of all manual pages when it starts.
    (prefix / "share/fish/generated_completions").mkdir(parents=True)
    before = tree(prefix)
    said = script("install")
    for line in ["bin/tinygpt", "share/man/man1/tinygpt.1", f"scripts/uninstall.sh {prefix}"]:
        check(line in said, f"install.sh does not say {line!r}: {said}")
    once = tree(prefix)
    check(script("install") == said and tree(prefix) == once, "a second installation differs from the first")
    # Another user's file in a folder that was made.
    kept = prefix / "share/bash-completion/completions/other"

    def uninstall():
        kept.write_text("of another program")
        script("uninstall", str(prefix))
        folders = ["share/bash-completion", "share/bash-completion/completions"]
        check(tree(prefix) == sorted(before + folders + [str(kept.relative_to(prefix))]), f"it leaves {tree(prefix)}")
        script("uninstall", str(prefix), expected=66)

    return uninstall


def check_manual(home, environment):
    for program in ["tinygpt", "lessons"]:
        page = home / f"{program}.1"
        page.write_text(run(BUILT / program, "--generate-manual").stdout)
        for command in [["mandoc", "-T", "lint", page], ["man", "--warnings", "-l", page]]:
            done = run(*command, env=environment | {"MANWIDTH": "80"})
            problems = done.stdout if command[0] == "mandoc" else done.stderr
            check(done.returncode == 0 and not problems, f"{' '.join(map(str, command))}: {problems}")
    shown = run("man", "tinygpt", env=environment | {"MANWIDTH": "80"}).stdout
    for line in ["TINYGPT(1)", "tinygpt train [TEXT ...] [options]", "--preset cpu|baby|fast|best", "--resume [RUN]",
                 "tinygpt export [RUN] PATH --to huggingface|gguf|pytorch|nanogpt", "-p, --prompt TEXT", "NO_COLOR"]:
        check(line in shown, f"the manual does not show {line!r}:\n{shown}")
    commands = [line.split()[0] for line in shown.split("COMMANDS")[1].split("ENVIRONMENT")[0].split("\n")
                if re.match(r" {3}\w", line)]
    check(commands == COMMANDS, f"the manual has the commands {commands}")


def check_speed(program, work):
    """The best of twenty; the others were disturbed."""
    def measure(*arguments):
        times = []
        for _ in range(20):
            start = time.perf_counter()
            check(run(program, *arguments, cwd=work).returncode == 0, f"{arguments} fails")
            times.append(1000 * (time.perf_counter() - start))
        return min(times)

    start, completion = measure("--version"), measure("--complete", "sample", "")
    check(completion < 50, f"a completion takes {completion:.0f} ms, expected less than 50")
    print(f"speed: the program starts in {start:.0f} ms, a completion takes {completion:.0f} ms")


with tempfile.TemporaryDirectory() as name:
    home = pathlib.Path(name)
    work = make_folder(home)
    environment = {"HOME": name, "PATH": f"{home}/.local/bin:{os.environ['PATH']}", "TERM": "xterm", "LANG": "C.UTF-8"}
    uninstall = install(home, environment)
    print("install: right")
    check_manual(home, environment)
    print("manual: right")
    shells = {
        "bash": (["bash", "--norc", "--noprofile", "-i"], f"PS1='{PROMPT}'; . /usr/share/bash-completion/bash_completion"),
        # The second without bash-completion, from a file that is read.
        "bash alone": (["bash", "--norc", "--noprofile", "-i"],
                       f"PS1='{PROMPT}'; . <(tinygpt --generate-completion-script bash)"),
        "zsh": (["zsh", "-f", "-i"], f"PS1='{PROMPT}'; fpath+=(~/.local/share/zsh/site-functions); "
                "autoload -U compinit; compinit -u -D"),
        "zsh alone": (["zsh", "-f", "-i"], f"PS1='{PROMPT}'; autoload -U compinit; compinit -u -D; "
                      "source <(tinygpt --generate-completion-script zsh)"),
        "fish": (["fish", "--private"], f"function fish_prompt; printf '{PROMPT}'; end; set fish_greeting"),
    }
    for shell_name, (command, setup) in shells.items():
        start = time.monotonic()
        shell = InteractiveShell(command, setup, work, environment)
        check_typed(shell_name, shell)
        for typed, words in LISTED.items():
            if shell_name == "fish":
                # The list is gone once anything is typed; this is the list itself.
                shown = run("fish", "-c", f"complete -C {typed!r}", env=environment, cwd=work).stdout
            else:
                shown = "\n".join(shell.complete(typed, tabs=2)[1])
            for word in words:
                found = re.search(rf"(?<![-\w]){re.escape(word)}(?![-\w])", shown)
                check(found, f"{shell_name}: {word} is not shown for {typed!r}:\n{shown}")
        shell.close()
        print(f"{shell_name}: right, {time.monotonic() - start:.0f} s")
    # What fish itself would show, with meanings.
    shown = run("fish", "-c", "complete -C 'tinygpt train --tables='", env=environment, cwd=work).stdout
    check(shown.split() == ["--tables=none", "--tables=bigram", "--tables=trigram"], f"fish shows {shown!r}")
    shown = run("fish", "-c", "complete -C 'tinygpt ru'", env=environment, cwd=work).stdout
    check(shown == "runs\tList the runs and their validation losses\n", f"fish shows {shown!r}")
    # The same for the other program.
    script = run(BUILT / "lessons", "--generate-completion-script", "fish").stdout
    shown = run("fish", "-c", script + "complete -C 'lessons do'", cwd=work,
                env=environment | {"PATH": f"{BUILT}:{os.environ['PATH']}"}).stdout
    check(shown.startswith("double\t"), f"fish shows {shown!r} for lessons")
    check_speed(home / ".local/bin/tinygpt", work)
    uninstall()
    print("uninstall: right")
