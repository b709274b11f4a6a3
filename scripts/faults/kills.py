"""kill -9: at random moments, over and over until the run is done, and before every single call that changes a file."""
import random
import time

from .harness import require


def check(lab):
    duration = min(timed(lab, STEPS) for _ in range(3))
    wanted = 240 if lab.is_long else 40
    runs = -(-wanted // KILLS)
    # A run that ends before it is killed counts for nothing, so there may have to be more runs.
    for first in range(0, 4 * runs, runs):
        kills = lab.table.tried[KIND]
        if kills < wanted:
            needed = min(runs, -(-(wanted - kills) // KILLS))
            lab.each(KIND, range(first, first + needed),
                     lambda folder, case: until_done(lab, folder, case, duration))
    kills = lab.table.tried[KIND]
    print(f"      runs of {duration:.3f} s, {kills} kills", flush=True)
    if kills < wanted // 2:
        lab.table.add("kills enough", f"{kills} kills, expected at least {wanted // 2}")


KILLS = 4
STEPS = 40
KIND = "kill -9 at random moments, in runs that are done in the end"


def timed(lab, steps):
    """The seconds that a training of so many steps takes."""
    start = time.monotonic()
    lab.run(lab.training(lab.folder() / "run", steps=steps)).check([0])
    return time.monotonic() - start


def until_done(lab, folder, case, duration):
    """Several kills in one run, each somewhere in what is left of it. Returns how many."""
    chance = random.Random(lab.seed * 1000 + case)
    run, kills, attempts = folder / "run", 0, 0
    while kills < KILLS and attempts < 60:
        attempts += 1
        has_checkpoint = (run / "checkpoint-last.safetensors").exists()
        resumes = has_checkpoint or ((run / "config.json").exists() and chance.random() < 0.5)
        process = lab.start(lab.resuming(run) if resumes else lab.training(run, steps=STEPS))
        time.sleep(chance.random() * duration * 1.1)
        process.kill()
        error = lab.wait(process)[1]
        require(process.returncode in (0, -9), f"exit code {process.returncode} after {kills} kills: {error}")
        if process.returncode == 0 and chance.random() < 0.5:
            break
        kills += process.returncode == -9
    lab.finish(run, by_run=chance.random() < 0.5, steps=STEPS)
    return kills
