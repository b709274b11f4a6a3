"""Runs the model of the explorer's page in headless Chromium and holds its numbers against the program's."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import browser
from browser import Page, check, check_close
from firefox import FirefoxPage

TINYGPT = str(pathlib.Path(".build/release/tinygpt").resolve())
TEXT = str(pathlib.Path("data/shakespeare.txt").resolve())
SIZES = ["--layers", "2", "--heads", "2", "--width", "32", "--context", "24", "--batch", "16", "--steps", "120", "--warmup", "10",
         "--learning-rate", "0.003"]
# Every part that a model may have or lack.
KINDS = {
    "classic": ["--bias"],
    "modern": ["--architecture", "modern"],
    "tables": ["--architecture", "modern", "--tables", "trigram", "--tied"],
    "pairs": ["--tables", "bigram", "--tied"],
}
TYPED = ["Shall I compare", "O", "\n\nthe the the\n", "What's in a name? That which", " ", "'tis!"]
SAMPLERS = [["--temperature", "0"], ["--temperature", "1", "--seed", "7"], ["--temperature", "1.2", "--top-p", "0.9", "--seed", "8"],
            ["--temperature", "0.9", "--top-k", "5", "--repetition-penalty", "1.3", "--seed", "9"], ["--temperature", "1", "--min-p", "0.05"]]
# What the page computes of a text, as 'tinygpt attention --json' has it.
NUMBERS = """
    const { model } = explorer, [text] = arguments, { tokens } = model.tokensOf(text);
    const run = model.run(tokens.slice(-model.context)), last = run.count - 1;
    const row = (l, h, q) => Array.from({ length: run.count }, (_, k) => k <= q ? run.weights(l, h)[q * (q + 1) / 2 + k] : 0);
    const each = (count, what) => Array.from({ length: count }, (_, i) => what(i));
    return {
      weights: each(model.layers, l => each(model.heads, h => each(run.count, q => row(l, h, q)))),
      next: Object.fromEntries(Array.from(run.probabilities(last), (p, token) => [model.vocabulary[token], p])),
      layers: each(model.layers, l => Array.from(run.lens(l, last))),
      loss: run.count > 1 ? run.loss() : null,
    };"""


def tinygpt(*arguments, **more):
    return subprocess.run([TINYGPT, *arguments], check=True, capture_output=True, text=True, timeout=600, **more).stdout


def check_numbers(page, run, text, tolerance, checkpoint="best"):
    """Every weight of every head and every next character."""
    wanted = json.loads(tinygpt("attention", run, "--prompt", text, "--json", "-", "--checkpoint", checkpoint))
    shown = page.run(NUMBERS, text)
    for layer, (heads, own) in enumerate(zip(wanted["weights"], shown["weights"], strict=True)):
        for head, (rows, mine) in enumerate(zip(heads, own, strict=True)):
            for query, (row, got) in enumerate(zip(rows, mine, strict=True)):
                check_close(got, row, lambda _: tolerance, f"{text!r}: layer {layer} head {head}, row {query}")
    names = [next["character"] for next in wanted["next"]]
    check(sorted(names) == sorted(shown["next"]), "the page has another vocabulary")
    check_close([shown["next"][name] for name in names], [next["probability"] for next in wanted["next"]],
                lambda _: tolerance, f"{text!r}: next characters")
    check_close(shown["layers"][-1], list(shown["next"].values()), lambda _: 1e-7, "the last guess is not the prediction")
    return shown


def check_loss(page, run, folder, text):
    """The loss of a text is what 'tinygpt eval' measures."""
    path = folder / "text.txt"
    path.write_text(text)
    wanted = json.loads(tinygpt("eval", run, str(path), "--json"))["loss"]
    check_close([page.run(NUMBERS, text)["loss"]], [wanted], lambda _: 1e-5, f"the loss of {text!r}")


def check_typing(page):
    """Going on from what is known gives the same bits as reading afresh, whatever is typed, changed or deleted."""
    texts = ["To be", "To be ", "To be o", "To e o", "Xo e o", "Xo", "Xo e o", "", "a", "Xo e or not to be that is"]
    different = page.run("""
        const fresh = () => new explorer.Model(explorer.data.model, explorer.data.weights), kept = fresh(), held = [], wrong = [];
        const off = { heads: new Map([["1.0", "zero"], ["0.1", "mean"]]), mlps: new Map([[1, "mean"]]) };
        for (const switches of [explorer.none, off]) for (const text of arguments[0]) {
          const { tokens } = kept.tokensOf(text), window = tokens.slice(kept.windowStart(tokens.length));
          if (window.length) held.push([text, kept.run(window, switches), fresh().run(window, switches)]);
        }
        // Looked at after all have run: none has changed another.
        for (const [text, run, other] of held) for (let q = 0; q < run.count; q++) {
          const same = (a, b) => a.every((value, i) => value === b[i]);
          if (!same(run.logits(q), other.logits(q)) || !same(run.hidden(1, q), other.hidden(1, q))
              || !same(run.weights(1, 1), other.weights(1, 1))) wrong.push([text, q]);
        }
        return wrong;""", texts)
    check(not different, f"another result after other texts: {different}")


def check_sampling(page, run):
    """The same text from the same seed, past the context too."""
    for options in SAMPLERS:
        prompt = "My mistress' eyes are nothing"
        wanted = tinygpt("sample", run, "--prompt", prompt, "--length", "80", *options)
        names = {"temperature": "temperature", "top-k": "topK", "top-p": "topP", "min-p": "minP", "repetition-penalty": "repetitionPenalty"}
        values = dict(zip([option[2:] for option in options[::2]], map(float, options[1::2])))
        sampler = {names[option]: value for option, value in values.items() if option != "seed"}
        shown = page.run("""
            const [prompt, sampler, seed] = arguments, { model } = explorer;
            const generator = new explorer.Generator(model, model.tokensOf(prompt).tokens, sampler, seed);
            return prompt + Array.from({ length: 80 }, () => model.vocabulary[generator.next()]).join("");""",
            prompt, sampler, int(values.get("seed", 1337)))
        check(shown == wanted, f"sampled with {options}: {shown!r}, the program {wanted!r}")


def check_ablation(page, run, folder):
    """Without each head, zero and mean, the loss of a window is what 'tinygpt heads' measures."""
    text = "Shall I compare thee to a"
    path = folder / "window.txt"
    path.write_text(text)
    lines = [json.loads(line) for line in tinygpt("heads", run, str(path), "--json").splitlines()]
    wanted = {(line["layer"], line["head"], kind): line[key]["change"]
              for line in lines for kind, key in (("zero", "zeroed"), ("mean", "averaged"))}
    shown = page.run("""
        const { model } = explorer, { tokens } = model.tokensOf(arguments[0]), window = tokens.slice(0, -1);
        const loss = off => {
          const run = model.run(window, off);
          let sum = 0;
          for (let q = 0; q < window.length; q++) sum -= Math.log(run.probabilities(q)[tokens[q + 1]]) / window.length;
          return sum;
        };
        const before = loss(explorer.none);
        return arguments[1].map(([l, h, kind]) => loss({ heads: new Map([[`${l}.${h}`, kind]]), mlps: new Map() }) - before);""",
        text, list(wanted))
    check_close(shown, list(wanted.values()), lambda _: 1e-5, "the rise of the loss without a head")


def check_causes(page, isolated):
    """What parts add sums to the logit, what a head moves to what it adds, and what is patched carries all or nothing."""
    result = page.run("""
        const { model, attribution, moves, patching } = explorer, { tokens } = model.tokensOf("Thy glass will show"), run = model.run(tokens);
        const off = { heads: new Map([["0.1", "zero"]]), mlps: new Map([[0, "zero"]]) }, without = model.run(tokens, off);
        let [sum, moved, gone] = [0, 0, 0];
        for (let q = 0; q < run.count; q += 3) for (let token = 0; token < model.vocabulary.length; token += 5) {
          const parts = attribution(run, q, token), others = attribution(without, q, token);
          sum = Math.max(sum, Math.abs(parts.total - run.logits(q)[token]), Math.abs(others.total - without.logits(q)[token]));
          gone = Math.max(gone, Math.abs(others.heads[0][1]), Math.abs(others.mlps[0]));
          for (let l = 0; l < model.layers; l++) for (let h = 0; h < model.heads; h++) {
            let all = 0;
            for (let k = 0; k <= q; k++) all += run.weights(l, h)[q * (q + 1) / 2 + k] * moves(model, l, h, run, k, q)[token];
            moved = Math.max(moved, Math.abs(all - parts.heads[l][h]));
          }
        }
        const other = model.tokensOf("Thy glass sill show").tokens, patch = patching(model, tokens, other);
        return { sum, moved, gone, patch, same: patching(model, tokens, tokens).heads.flat() };""")
    check(result["sum"] < 1e-5, f"what the parts add misses the logit by {result['sum']}")
    check(result["moved"] < 1e-5, f"what a head moves misses what it adds by {result['moved']}")
    check(result["gone"] == 0, "what is switched off adds something")
    positions = result["patch"]["positions"]
    check(all(share == 0 for row in positions for share in row[:10]), "places before the difference carry something")
    # An n-gram table has the character in the vectors of the next two as well.
    check(not isolated or abs(positions[0][10] - 1) < 1e-5 and all(abs(share) < 1e-5 for share in positions[0][11:]),
          "the character that differs does not carry the whole difference into layer 0")
    check(all(share == 0 for share in result["same"]), "a text differs from itself")


def check_half(page, run, folder):
    """In 16 bits: probabilities within 0.001, attention weights within 0.002."""
    tinygpt("attention", run, "--html", str(folder / "half.html"), "--precision", "f16")
    page.open(folder / "half.html")
    for text in TYPED[:3]:
        wanted, shown = json.loads(tinygpt("attention", run, "--prompt", text, "--json", "-")), page.run(NUMBERS, text)
        check_close([shown["next"][next["character"]] for next in wanted["next"]], [next["probability"] for next in wanted["next"]],
                    lambda _: 1e-3, f"next characters of {text!r} in 16 bits")
        check_close([w for heads in shown["weights"] for rows in heads for row in rows for w in row],
                    [w for heads in wanted["weights"] for rows in heads for row in rows for w in row], lambda _: 2e-3, "weights in 16 bits")


def check_training(page, folder):
    """The model of an earlier step in the page is that of a run that was stopped there, in 16 bits, whatever is typed; the last one is
    exact."""
    def train(steps, *options):
        run = str(folder / f"steps{steps}")
        sizes = [*SIZES[:SIZES.index("--steps")], "--warmup", "10", "--learning-rate", "0.003", "--min-learning-rate", "0.003"]
        tinygpt("train", TEXT, *sizes, "--steps", str(steps), "--run", run, "--quiet", *options)
        return run

    runs = {60: train(60, "--eval-every", "20", "--probe", TYPED[3], "--probe-weights"), 20: train(20), 40: train(40), 0: train(0)}
    for name in ("training", "again"):
        tinygpt("attention", runs[60], "--probe", "--html", str(folder / f"{name}.html"))
    check((folder / "training.html").read_bytes() == (folder / "again.html").read_bytes(), "the same run makes another page")
    page.open(folder / "training.html")
    steps = page.run("return explorer.data.history.map(moment => moment.step)")
    check(steps == [0, 20, 40, 60], f"the page has the steps {steps}")
    # To and fro: a model that was left is the same when one comes back.
    for moment in (3, 0, 1, 2, 1, 3):
        step = steps[moment]
        page.run("explorer.change({ moment: arguments[0] })", moment)
        for text in TYPED[:4]:
            check_numbers(page, runs[step], text, 1e-5 if step == 60 else 2e-3, "last")
    # A snapshot cut short is left out, named, and nothing else is lost.
    path = pathlib.Path(runs[60], "snapshots", "step-20.safetensors")
    path.write_bytes(path.read_bytes()[:5000])
    result = subprocess.run([TINYGPT, "attention", runs[60], "--probe", "--html", str(folder / "cut.html")],
                            capture_output=True, text=True, timeout=60)
    check(result.returncode == 0 and "without step 20" in result.stderr and "step-20.safetensors" in result.stderr,
          f"a snapshot that is cut short is not named: {result.stderr!r}")
    page.open(folder / "cut.html")
    check(page.run("return explorer.data.history.map(moment => moment.step)") == [0, 40, 60], "other snapshots are missing, too")
    check("(3 of 4 validations are in this page)" in page.find("#moment").text, "nothing says that a step is missing")


def check_page_bytes(run, folder):
    """The same checkpoint makes the same page, wherever it lies."""
    elsewhere = folder / "elsewhere" / pathlib.Path(run).name
    shutil.copytree(run, elsewhere)
    pages = []
    for number, path in enumerate([run, run, str(elsewhere)]):
        tinygpt("attention", path, "--html", str(folder / f"same{number}.html"))
        pages.append((folder / f"same{number}.html").read_bytes())
    check(pages[0] == pages[1] == pages[2], "the same checkpoint makes another page")


def check_damage(page):
    """Damaged data and impossible texts are named in words."""
    for script, words in [("new explorer.Model(explorer.data.model, explorer.data.weights.slice(0, -400))", "damaged"),
                          ("new explorer.Model({ ...explorer.data.model, parameters: [] }, '')", "damaged"),
                          ("explorer.model.run(new Int32Array(0))", "1 to 24 characters"),
                          ("explorer.model.run(new Int32Array(25))", "1 to 24 characters")]:
        message = page.run("try { " + script + " } catch (error) { return error.message } return null")
        check(message and words in message, f"{script} says {message!r}")
    places, same = page.run("""
        const { tokens, unknown } = explorer.model.tokensOf('a\\u{1F600}b\\u00e9');
        return [unknown.map(place => place.index), String(tokens) === String(explorer.model.tokensOf('ab').tokens)]""")
    check(places == [1, 3] and same, "unknown characters are not named, or not left out")


def speed(page, folder, preset, limit, rounds):
    """Milliseconds of a typed character with everything on the page drawn again, at a full context."""
    run, path = str(folder / preset), folder / f"{preset}.html"
    tinygpt("train", TEXT, "--preset", preset, "--steps", "0", "--run", run, "--quiet")
    tinygpt("attention", run, "--html", str(path))
    page.open(path)
    page.driver.get_screenshot_as_png()
    paint = page.run("return (performance.getEntriesByName('first-contentful-paint')[0] ?? {}).startTime")
    times = page.run("""
        const { model, change } = explorer, text = arguments[0].slice(0, model.context), times = [];
        for (let i = 0; i < arguments[1]; i++) {
          const end = text.length - 8 + i % 9, start = performance.now();
          change({ text: text.slice(0, end), caret: end });
          document.body.getBoundingClientRect();
          if (i % 9 > 0) times.push(performance.now() - start);
        }
        return times;""", pathlib.Path(TEXT).read_text()[2000:2400], rounds * 9)
    check(min(times) < limit, f"{preset}: a typed character takes {min(times):.0f} ms, expected less than {limit}")
    print(f"{preset}: {path.stat().st_size / 1e6:.1f} MB, first paint after {paint or 0:.0f} ms, "
          f"a typed character {sorted(times)[len(times) // 2]:.0f} ms ({min(times):.0f} to {max(times):.0f})")


def check_in_firefox(folder):
    """Another browser computes the same."""
    if not FirefoxPage.is_installed():
        print("skipped: there is no Firefox and it cannot be installed here, so only Chromium looks at the page")
        return
    page = FirefoxPage()
    try:
        for kind in ("classic", "tables"):
            page.open(folder / f"{kind}.html")
            for text in TYPED[:4]:
                check_numbers(page, str(folder / kind), text, 1e-5)
            check_typing(page)
            check_sampling(page, str(folder / kind))
    finally:
        page.quit()


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        page = Page(None)
        page.driver.set_script_timeout(300)
        try:
            for kind, options in KINDS.items():
                run = str(folder / kind)
                tinygpt("train", TEXT, *SIZES, *options, "--run", run, "--quiet")
                tinygpt("attention", run, "--html", str(folder / f"{kind}.html"))
                page.open(folder / f"{kind}.html")
                for text in TYPED:
                    check_numbers(page, run, text, 1e-5)
                check_loss(page, run, folder, "Shall I compare\nthee to")
                check_typing(page)
                check_sampling(page, run)
                check_ablation(page, run, folder)
                check_causes(page, isolated="--tables" not in options)
                check_damage(page)
                page.check_quiet()
            check_in_firefox(folder)
            check_half(page, str(folder / "modern"), folder)
            check_training(page, folder)
            check_page_bytes(str(folder / "classic"), folder)
            speed(page, folder, "cpu", 30, rounds=6)
            speed(page, folder, "baby", 300, rounds=1)
            page.check_quiet()
        finally:
            page.driver.quit()
    print(f"{browser.checks} passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
