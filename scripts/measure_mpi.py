"""Measures training with two processes, with and without a network between them, and computes the efficiency of more machines."""
import json
import os
import statistics
import subprocess
import sys
import tempfile

TINYGPT, ROUNDS, TEXT = os.path.abspath(sys.argv[1]), int(sys.argv[2]), os.path.abspath("data/shakespeare.txt")
MPIRUN = ["mpirun.openmpi", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none"]
# Preset: parameters, layers, width, context; the windows of its batch, those that are measured, steps, links in Mbit/s.
PRESETS = {"cpu": (0.80e6, 4, 128, 64, 12, 12, 100, (200, 1000, 10000)),
           "baby": (10.7e6, 6, 384, 256, 64, 16, 6, (200, 1000, 10000))}
LARGE = (100e6, 14, 768, 512, 64)
MACHINES, SPEEDS = (2, 4, 8, 16, 32, 64), (1, 10, 25)
SIDES = ("tinygpt-a", "tinygpt-b")


def shell(command):
    subprocess.run(command, shell=True, check=True)


class Link:
    """Two network namespaces and a link between them, in each of which processes can be started."""

    def __enter__(self):
        for side in SIDES:
            shell(f"ip netns add {side}")
        shell(f"ip link add {SIDES[0]} netns {SIDES[0]} type veth peer name {SIDES[1]} netns {SIDES[1]}")
        for number, side in enumerate(SIDES, 1):
            shell(f"ip -n {side} addr add 10.77.0.{number}/24 dev {side}; ip -n {side} link set {side} up; ip -n {side} link set lo up")
        with open("agent", "w") as agent:
            agent.write("#!/bin/sh\nshift\nexec ip netns exec tinygpt-b unshare --uts sh -c 'hostname tinygpt-b; exec sh -c \"$0\"' \"$*\"\n")
        os.chmod("agent", 0o755)
        return self

    def __exit__(self, *_):
        for side in SIDES:
            shell(f"ip netns delete {side}")

    def limit(self, megabits):
        for side in SIDES:
            shell(f"ip netns exec {side} tc qdisc replace dev {side} root tbf rate {megabits}mbit burst 1mb latency 50ms")

    def mpirun(self):
        own = ["-H", "10.77.0.1,10.77.0.2", "--mca", "plm_rsh_agent", os.path.abspath("agent"), "--mca", "pml", "ob1", "--mca", "btl",
               "self,tcp", "--mca", "btl_tcp_if_include", "10.77.0.0/24", "--mca", "oob_tcp_if_include", "10.77.0.0/24"]
        return ["ip", "netns", "exec", SIDES[0], "unshare", "--uts", "sh", "-c", 'hostname tinygpt-a; exec "$0" "$@"', *MPIRUN, *own]


def milliseconds(preset, launcher, threads, batch, steps, context=None):
    """The time of a step, as the fastest tenth of the steps had it: the machine is shared."""
    context = context or PRESETS[preset][3]
    with tempfile.TemporaryDirectory(dir=".") as run:
        lines = subprocess.run(
            ["chrt", "-f", "20", *launcher, TINYGPT, "train", TEXT, "--preset", preset, "--batch", str(batch), "--context", str(context),
             "--steps", str(steps),
             "--eval-every", "1000000", "--val-fraction", "0.01", "--json", "--threads", str(threads), "--run", os.path.abspath(f"{run}/run")],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout.splitlines()
    speeds = [event["tokens_per_s"] for event in map(json.loads, lines) if event["event"] == "step"]
    return 1000 * batch * context / sorted(speeds[2:])[-1 - len(speeds) // 10]


def table(name, size, windows, perWindow, update, hidden):
    """Rows of the efficiency of machines of two cores: a step on one machine over that on all, times their number."""
    parameters = size[0]
    for speed in SPEEDS:
        def step(machines):
            compute = perWindow * windows / machines
            travel = 2 * (machines - 1) / machines * 4 * parameters / (speed * 1e9 / 8) * 1000
            return compute + update + max(0, travel - hidden * compute)
        cells = [f"{step(1) / step(machines) / machines:.0%}" if machines <= windows else "" for machines in MACHINES]
        pays = [machines for machines in MACHINES if machines <= windows and step(machines // 2) / step(machines) >= 1.3]
        print(f"| {name}, {windows} windows | {speed} | {' | '.join(cells)} | {max(pays, default=1)} |")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    fits = {}
    for preset, (parameters, layers, width, context, windows, batch, steps, links) in PRESETS.items():
        rounds = []
        for _ in range(ROUNDS):
            one = milliseconds(preset, [], 2, batch, steps)
            two = milliseconds(preset, [*MPIRUN, "-n", "2"], 1, batch, steps)
            mpich = milliseconds(preset, ["mpirun.mpich", "-n", "2"], 1, batch, steps)
            # With next to nothing to learn from, a step is what every process does whatever its share: mostly the update.
            update = milliseconds(preset, [], 2, 1, 4 * steps, context=8)
            rounds.append((one, two, mpich, update))
            print(f"{preset}: 1 x 2 {one:.1f} ms, 2 x 1 Open MPI {two:.1f} ({one / two:.2f}), MPICH {mpich:.1f} ({one / mpich:.2f}), "
                  f"update {update:.1f}", flush=True)
        one, _, _, update = (min(column) for column in zip(*rounds))
        ratios = [statistics.median(row[0] / row[number] for row in rounds) for number in (1, 2)]
        print(f"{preset}: two processes have {ratios[0]:.2f} of the speed of one with Open MPI, {ratios[1]:.2f} with MPICH", flush=True)
        perWindow = (one - update) / batch
        travels = {}
        with Link() as link:
            for megabits in reversed(links):
                link.limit(megabits)
                times = [milliseconds(preset, link.mpirun(), 1, batch, steps) for _ in range(max(1, ROUNDS // 2))]
                travels[megabits] = min(times)
                print(f"{preset}: a link of {megabits} Mbit/s {travels[megabits]:.1f} ms, gradients alone "
                      f"{4 * parameters / (megabits * 1e6 / 8) * 1000:.1f} ms each way", flush=True)
        slow, fast = links[0], links[-1]
        travel = 4 * parameters / (slow * 1e6 / 8) * 1000
        hidden = min(0.6, max(0, (travel - (travels[slow] - travels[fast])) / travels[fast]))
        fits[preset] = (perWindow, update, hidden)
        print(f"{preset}: {fits[preset][0]:.2f} ms a window, {update:.1f} ms for every process, {hidden:.0%} of it hides what travels",
              flush=True)
    print(f"\n| model | Gbit/s | {' | '.join(map(str, MACHINES))} | pays up to |\n|---|---|{'---|' * len(MACHINES)}---|")
    for preset, (parameters, layers, width, context, windows, *_) in PRESETS.items():
        table(preset, (parameters,), windows, *fits[preset])
    parameters, layers, width, context, windows = LARGE
    # By multiply-adds, at the speed of the larger preset.
    (perWindow, update, hidden), (small, smallLayers, smallWidth, smallContext, *_) = fits["baby"], PRESETS["baby"]
    work = (6 * parameters + 12 * layers * width * context) * context
    factor = work / ((6 * small + 12 * smallLayers * smallWidth * smallContext) * smallContext)
    table("100 M parameters", LARGE, windows, perWindow * factor, update * parameters / small, hidden)
