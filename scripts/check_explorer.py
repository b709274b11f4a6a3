"""Uses the attention explorer in headless Chromium and holds what it shows against the exported weights."""
import base64
import json
import math
import pathlib
import subprocess
import sys
import tempfile

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import browser
from browser import Page, check, check_close

TINYGPT = str(pathlib.Path(".build/release/tinygpt").resolve())
TEXT = str(pathlib.Path("data/shakespeare.txt").resolve())
PROMPT = "Shall I compare\nthee to a day?"
# Whether a pixel of the lines over the text is not transparent.
PAINTED = """
    const canvas = document.querySelector('#text canvas');
    return !!canvas && !!canvas.width && !!canvas.height
        && canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(byte => byte > 0);"""


def tinygpt(*arguments):
    return subprocess.run([TINYGPT, *arguments], check=True, capture_output=True, text=True, timeout=600).stdout


def weights_of(run, text, *options):
    return json.loads(tinygpt("attention", run, "--prompt", text, "--json", "-", *options))


def tolerance(weight):
    """Half a step of 255 in the square root."""
    return math.sqrt(weight) / 255 + 0.25 / 255**2 + 1e-6


def check_weights(page, exported):
    """Every weight of every head is the exported one, to within 8 bits; averages are those of the heads."""
    check([len(heads) for heads in exported["weights"]] == [2, 2], "the export has not two heads in each of two layers")
    for layer, heads in enumerate(exported["weights"]):
        for head, rows in enumerate(heads):
            page.view(view="head", layer=layer, head=head)
            for query, (shown, row) in enumerate(zip(page.triangle(), rows, strict=True)):
                check_close(shown, row, tolerance, f"layer {layer} head {head}, row {query}")
        page.view(view="average", layer=layer)
        for query, (shown, *rows) in enumerate(zip(page.triangle(), *heads, strict=True)):
            means = [sum(weights) / len(weights) for weights in zip(*rows, strict=True)]
            check_close(shown, means, lambda mean: tolerance(mean) + 0.005, f"average of layer {layer}, row {query}")
    page.view(view="rollout", layer=len(exported["weights"]) - 1)
    for query, row in enumerate(page.triangle()):
        check(abs(sum(row) - 1) < 0.05, f"row {query} of the rollout does not sum to 1")


def check_use(page, exported):
    """Hovering, pinning, walking, switching, and the arithmetic of a cell."""
    page.view(view="head", layer=1, head=0, scale="root", direction="to", pinned=None, hovered=None)
    spans = page.driver.find_elements(By.CSS_SELECTOR, "#text span")
    check(len(spans) == len(PROMPT), "a character has no place in the text")
    rows = exported["weights"][1][0]
    ActionChains(page.driver).move_to_element(spans[9]).perform()
    check(" at 9 looks most at" in page.find("#status").text, "hovering shows nothing")
    strongest = max(range(10), key=lambda key: rows[9][key])
    check(f" at {strongest}:" in page.find("#status").text, "the strongest weight is another")
    check(spans[strongest].get_attribute("style") != "", "the text is not tinted")
    spans[12].click()
    check(page.run("return explorer.state.pinned") == 12, "a click does not pin")
    ActionChains(page.driver).move_to_element(spans[3]).perform()
    check(f"at 12 looks at {PROMPT[3]} at 3: {page.run('return explorer.weight(12, 3).toFixed(4)')}" in page.find("#status").text,
          "beside a pinned character the number of the pair is missing")
    box = page.find("#text")
    for key, expected in ((Keys.ARROW_LEFT, 11), (Keys.ARROW_RIGHT, 12), (Keys.HOME, 0), (Keys.END, len(PROMPT) - 1)):
        box.send_keys(key)
        check(page.run("return explorer.state.pinned") == expected, f"a key leads elsewhere than to {expected}")
    box.send_keys("]")
    check(page.run("return [explorer.state.layer, explorer.state.head]") == [1, 1], "] does not go to the next head")
    box.send_keys("[")
    box.send_keys(Keys.ESCAPE)
    check(page.run("return explorer.state.pinned") is None, "escape does not let go")

    pictures = set()
    for option in page.driver.find_elements(By.CSS_SELECTOR, "#scale option"):
        option.click()
        pictures.add(page.run("return document.getElementById('map').toDataURL()"))
    check(len(pictures) == 4, "two scales look the same")
    page.find("#scale option[value=root]").click()
    page.find("[data-direction=from]").click()
    check("is looked at most by" in page.find("#status").text, "the direction does not change")
    page.find("[data-direction=to]").click()
    page.find("#skip").click()
    check(page.run("return explorer.weight(9, 0)") == 0, "position 0 is still there")
    total = page.run("return [...Array(10).keys()].reduce((sum, k) => sum + explorer.weight(9, k), 0)")
    check(abs(total - 1) < 0.05, "without position 0 a row does not sum to 1")
    page.find("#skip").click()
    page.find("#signs").click()
    check("⏎" in page.find("#text").text and "␣" in page.find("#text").text, "line breaks stay invisible")
    page.find("#signs").click()
    page.find("#lines").click()
    check(page.run(PAINTED), "there are no lines")
    page.shot("lines")
    page.find("#lines").click()
    check(not page.run(PAINTED), "the lines stay")

    page.view(pinned=14, paired=6, hovered=None)
    page.run("document.getElementById('arithmetic').open = true; document.getElementById('table').open = true")
    page.view(pinned=14, paired=6, hovered=None)
    text = page.find("#arithmetic").text
    weight = float(text.split("weight = ")[1].split(" = ")[1].split()[0])
    check(abs(weight - rows[14][6]) < 1e-3, f"the arithmetic ends in {weight}, exported is {rows[14][6]}")
    check(page.run("return document.querySelectorAll('#table tbody tr').length") == 15, "the table has not a row for each")
    guesses = page.run("return explorer.data.next.at(-1).map(g => [explorer.data.vocabulary[g[0]], g[1]])")
    wanted = exported["next"][:len(guesses)]
    check([guess[0] for guess in guesses] == [next["character"] for next in wanted], "another next character")
    check_close([guess[1] for guess in guesses], [next["probability"] for next in wanted], lambda _: 1e-4, "next characters")
    page.shot("wide-light")
    page.run("document.getElementById('arithmetic').open = false; document.getElementById('table').open = false")


def check_opening(page, run, exported, folder):
    """The page opens at the head that was asked for, and has all others."""
    tinygpt("attention", run, "--prompt", PROMPT, "--layer", "1", "--head", "1", "--html", str(folder / "opened.html"))
    page.open(folder / "opened.html")
    pressed = page.driver.find_elements(By.CSS_SELECTOR, "#grid [aria-pressed=true]")
    check([(button.get_attribute("data-layer"), button.get_attribute("data-head")) for button in pressed] == [("1", "1")],
          "the page opens at another head than layer 1, head 1")
    check_close(page.triangle()[-1], exported["weights"][1][1][-1], tolerance, "the weights that the page opens with")
    check(page.run("return document.querySelectorAll('#grid button').length") == 4, "the page has not all heads")
    page.check_quiet()


def check_looks(page):
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    check(page.run("return getComputedStyle(document.body).backgroundColor") != "rgb(253, 253, 251)", "dark is as light as light")
    page.shot("wide-dark")
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True})
    check(page.run("return document.documentElement.scrollWidth") <= 390, "the page is wider than a phone")
    page.shot("phone-dark")
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def check_history(page, run, folder):
    """The slider shows what the run has kept, and at the end what the model looks at now."""
    tinygpt("attention", run, "--probe", "--heads", "--html", str(folder / "probe.html"))
    page.open(folder / "probe.html")
    snapshots = [json.loads(line) for line in pathlib.Path(run, "probe.jsonl").read_text().splitlines()[1:]]
    page.view(layer=1, head=1)
    check(len(snapshots) == 4, f"{len(snapshots)} snapshots, expected those of the steps 0, 30, 60 and 90")
    for moment, snapshot in enumerate(snapshots):
        page.run("const s = document.getElementById('step'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))", moment)
        check(f"step {snapshot['step']}," in page.find("#moment").text, "the slider shows another step")
        kept = base64.b64decode(snapshot["maps"])
        size = len(kept) // 4
        shown = [w for q, row in enumerate(page.triangle()) for w in row[:q + 1]]
        check_close(shown, [(byte / 255) ** 2 for byte in kept[3 * size:]], lambda _: 1e-6, f"step {snapshot['step']}")
    check_weights(page, weights_of(run, PROMPT, "--checkpoint", "last"))
    notes = page.driver.find_elements(By.CSS_SELECTOR, "#grid small")
    check(len(notes) == 4, "the heads have no importance")
    page.find("#sort").click()
    importances = [float(note.text.split("importance ")[1].split()[0]) for note in page.driver.find_elements(By.CSS_SELECTOR, "#grid small")]
    check(importances == sorted(importances, reverse=True), "the heads are not sorted")
    page.shot("history")
    page.check_quiet()


def check_replay(page, run, folder):
    """The replay's weights, which come from the cache, are those of reading each window afresh."""
    tinygpt("sample", run, "--prompt", "Shall I", "--length", "60", "--html", str(folder / "replay.html"))
    page.open(folder / "replay.html")
    text = page.run("return explorer.data.tokens.map(t => explorer.data.vocabulary[t]).join('')")
    starts = page.run("return explorer.data.starts")
    check(len(text) == 66 and max(starts) > 0, "the replay is not of this text")
    page.view(view="head", layer=1, head=0)
    shown = page.triangle()
    for query in range(0, len(text), 5):
        fresh = weights_of(run, text[starts[query]:query + 1])["weights"][1][0][-1]
        check_close(shown[query][starts[query]:query + 1], fresh, tolerance, f"what the cache looked at from {query}")
    page.run("const s = document.getElementById('written'); s.value = 20; s.dispatchEvent(new Event('input'))")
    check(page.run("return explorer.state.written") == 20, "the scrubber does not move")
    check(" at 19 " in page.find("#status").text, "the last character written is not shown")
    page.shot("replay")
    page.check_quiet()


def check_large(page, folder):
    """Context 256 with 6 x 6 heads: small enough and quick."""
    run = str(folder / "large")
    tinygpt("train", TEXT, "--preset", "baby", "--steps", "0", "--run", run, "--quiet")
    prompt = pathlib.Path(TEXT).read_text()[:256]
    path = folder / "large.html"
    tinygpt("attention", run, "--prompt", prompt, "--html", str(path))
    check(path.stat().st_size < 3_000_000, f"the page has {path.stat().st_size} bytes")
    page.open(path)
    # The browser may paint after it has loaded, and has to for a picture.
    page.driver.get_screenshot_as_png()
    WebDriverWait(page.driver, 20).until(lambda _: page.run("return performance.getEntriesByName('first-contentful-paint').length"))
    paint = page.run("return performance.getEntriesByName('first-contentful-paint')[0].startTime")
    hover = page.run("""
        const start = performance.now();
        for (let i = 0; i < 100; i++) explorer.change({ hovered: 2 * i });
        return (performance.now() - start) / 100;""")
    check(hover < 100, f"a hover takes {hover:.0f} ms")
    page.check_quiet()
    print(f"context 256, 6 x 6 heads: {path.stat().st_size / 1e6:.2f} MB, first paint after {paint:.0f} ms, "
          f"{hover:.1f} ms for a hover")


def main():
    screenshots = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if screenshots:
        screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run = str(folder / "run")
        tinygpt("train", TEXT, "--layers", "2", "--heads", "2", "--width", "32", "--context", "32", "--batch", "8",
                "--steps", "90", "--eval-every", "30", "--warmup", "10", "--probe", PROMPT, "--run", run, "--quiet")
        exported = weights_of(run, PROMPT)
        tinygpt("attention", run, "--prompt", PROMPT, "--html", str(folder / "page.html"))
        page = Page(screenshots)
        try:
            page.open(folder / "page.html")
            check_weights(page, exported)
            check_use(page, exported)
            check_looks(page)
            page.check_quiet()
            check_opening(page, run, exported, folder)
            check_history(page, run, folder)
            check_replay(page, run, folder)
            check_large(page, folder)
        finally:
            page.driver.quit()
    print(f"{browser.checks} passed, 0 failed")


if __name__ == "__main__":
    main()
