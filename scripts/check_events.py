"""Checks that TensorBoard reads from a run's event files what is in its tables, also after a resume and a cut."""
import csv
import pathlib
import subprocess
import sys
import tempfile

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

TINYGPT = ".build/release/tinygpt"
OPTIONS = ["--layers", "1", "--heads", "1", "--width", "16", "--batch", "2", "--eval-every", "10"]


def train(*options):
    subprocess.run([TINYGPT, "train", *options, "--quiet"], check=True)


def read(run):
    events = EventAccumulator(str(run), size_guidance={"scalars": 0, "tensors": 0})
    events.Reload()
    return events


def check(condition, what):
    if not condition:
        sys.exit(f"event files: {what}")


def compare(run, steps):
    events = read(run)
    rows = list(csv.DictReader(open(run / "metrics.csv")))
    for tag, split, column in [("loss/train", "train", "loss"), ("loss/validation", "val", "loss"),
                               ("learning rate", "train", "learning_rate"), ("gradient norm", "train", "gradient_norm"),
                               ("characters per second", "train", "tokens_per_second")]:
        expected = {int(row["step"]): float(row[column]) for row in rows if row["split"] == split}
        actual = {event.step: event.value for event in events.Scalars(tag)}
        check(actual.keys() == expected.keys(), f"{tag} has the steps {sorted(actual)}, metrics.csv {sorted(expected)}")
        check(all(abs(actual[step] - expected[step]) <= 1e-6 * abs(expected[step]) for step in expected),
              f"{tag} has other values than metrics.csv")
    check(max(event.step for event in events.Scalars("loss/train")) == steps, f"the last step is not {steps}")
    samples = (run / "samples.txt").read_text()
    shown = events.Tensors("sample")[-1].tensor_proto.string_val[0].decode()
    check("".join(line[4:] + "\n" for line in shown.splitlines()).strip("\n") in samples, "the last sample is another")
    metadata = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    settings = plugin_data_pb2.HParamsPluginData.FromString(metadata).session_start_info.hparams
    check(settings["width"].number_value == 16 and settings["schedule"].string_value == "linear",
          f"the settings are {settings}")


with tempfile.TemporaryDirectory() as folder:
    run = pathlib.Path(folder) / "run"
    train("data/shakespeare.txt", *OPTIONS, "--steps", "20", "--tensorboard", "--run", str(run))
    compare(run, 20)
    # A kill cuts a record off; the resumed run writes a file of its own, without being asked again.
    first, = run.glob("events.*")
    first.write_bytes(first.read_bytes()[:-7])
    train("--resume", str(run), "--steps", "35")
    check(len(list(run.glob("events.*"))) == 2, "a resumed run has not written its own file")
    steps = [event.step for event in read(run).Scalars("loss/train")]
    check(steps == list(range(1, 36)), f"after a cut and a resume the steps are {steps}")
print("event files: all checks passed")
