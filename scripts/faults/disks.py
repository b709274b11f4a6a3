"""A file system that fills up, at every size: by a quota that the preloaded library imposes, and for real where it can be mounted."""
import pathlib
import shutil
import subprocess

from .harness import Loss, State

QUOTA, MOUNTED = "a disk that fills up at N bytes", "a file system in memory of N pages"


def check(lab):
    folder = lab.folder()
    lab.run(lab.training(folder / "run")).check([0])
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    largest = max(path.stat().st_size for path in folder.rglob("*"))
    # Up to everything, and the temporary file beside it.
    most, count = size + largest + 100, 400 if lab.is_long else 20
    lab.each(QUOTA, [most * number // count for number in range(count)], lambda folder, case: fill(
        lab, folder / "run", lab.environment(folder / "run", quota=case)))
    if not can_mount(lab.folder()):
        print("      skipped: no file system may be mounted here", flush=True)
        return
    pages = -(-most // 4096) + 10
    lab.each(MOUNTED, range(2, pages, 1 if lab.is_long else 3), lambda folder, case: mounted(lab, folder, case))


def fill(lab, run, environment):
    result = lab.run(lab.training(run), environment)
    if result.code == 0:
        State(run).compare(lab.reference(), is_whole=False)
    else:
        result.refusal([1, 73, 74], str(run))
    lab.finish(run, is_whole=False)


def mounted(lab, folder, pages):
    """The run on a small file system, then copied to where there is space: nothing else of it may be needed."""
    place = folder / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={pages * 4096}", "tinygpt", place], check=True)
    try:
        result = lab.run(lab.training(place / "run"))
        if result.code == 0:
            State(place / "run").compare(lab.reference(), is_whole=False)
        else:
            result.refusal([1, 73, 74], str(place / "run"))
        # What cannot grow must stay readable: resumed on the full disk it fails again, or ends well.
        if (place / "run" / "checkpoint-last.safetensors").exists():
            lab.run(lab.resuming(place / "run")).check([0, 1, 73, 74])
        if (place / "run").exists():
            shutil.copytree(place / "run", folder / "run")
    finally:
        subprocess.run(["umount", place], check=True)
    lab.finish(folder / "run", is_whole=False)


def can_mount(place: pathlib.Path):
    try:
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4096", "tinygpt", place], capture_output=True)
    except OSError as error:
        raise Loss(f"mount cannot be started: {error}") from error
    if mount.returncode:
        return False
    subprocess.run(["umount", place], check=True)
    return True
