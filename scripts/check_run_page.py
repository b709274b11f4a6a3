"""Uses the page of a run and the comparison of runs in headless Chromium and holds what they show against the run's files."""
import csv
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import time

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import browser
from browser import Page, check, check_close

TINYGPT = str(pathlib.Path(".build/release/tinygpt").resolve())
TEXT = str(pathlib.Path("data/shakespeare.txt").resolve())
SIZES = ["--layers", "1", "--heads", "2", "--context", "32", "--batch", "8", "--warmup", "10", "--eval-every", "30"]
PROBE = "Shall I compare\nthee"
HOSTILE = "</script><script>window.hacked = 1</script><b>\0\u202e<!--"


def train(folder, name, *options):
    subprocess.run([TINYGPT, "train", TEXT, *SIZES, "--run", f"runs/{name}", "--quiet", *options], check=True, cwd=folder, timeout=600)
    return folder / "runs" / name


def rows_of(run, split):
    with open(run / "metrics.csv") as file:
        return [row for row in csv.DictReader(file) if row["split"] == split]


def with_data(source, path, change):
    """The same page with other data, as another run would have written it."""
    head, rest = source.read_text().split('id="data">', 1)
    text, tail = rest.split("</script>", 1)
    data = json.loads(text)
    change(data)
    path.write_text(f'{head}id="data">{json.dumps(data).replace("<", chr(92) + "u003c")}</script>{tail}')
    return path


def path_of(page, figure):
    return page.run("return document.querySelector(arguments[0]).getAttribute('d')", f"#{figure} path.line")


def check_charts(page, run):
    rows, validations = rows_of(run, "train"), rows_of(run, "val")
    for column, name in (("loss", "loss"), ("rate", "learning_rate"), ("norm", "gradient_norm"), ("speed", "tokens_per_second")):
        check_close(page.run(f"return run.training.{column}"), [float(row[name]) for row in rows], lambda x: 6e-5 * abs(x), name)
    check_close(page.run("return run.validations.loss"), [float(row["loss"]) for row in validations], lambda x: 6e-5 * x, "validations")
    for figure in ("loss", "rate", "norm", "speed"):
        check(path_of(page, figure).count("L") == len(rows) - 1, f"the chart of {figure} has not a point for each step")
    check(len(page.driver.find_elements(By.CSS_SELECTOR, "#loss .levels text")) == 6, "there are not six yardsticks")
    check(len(page.driver.find_elements(By.CSS_SELECTOR, "#loss .dot")) == len(validations), "a validation has no dot")

    chart = page.find("#loss svg")
    ActionChains(page.driver).move_to_element(chart).perform()
    tip = page.find("#loss .tip").text
    step = int(tip.split("step ")[1].split()[0])
    check(f"({float(rows[step - 1]['loss']):.4f} unsmoothed)" in tip, f"hovering shows another loss than that of step {step}: {tip}")
    check(f"step {step}" in page.find("#rate .tip").text, "the charts do not point at the same step")
    page.shot("hover")
    chart.send_keys(Keys.HOME)
    check("step 0" in page.find("#loss .tip").text and f"{float(validations[0]['loss']):.4f}" in page.find("#loss .tip").text, "Home shows no step 0")
    chart.send_keys(Keys.ARROW_RIGHT)
    check("step 1 " in page.find("#loss [role=status]").get_attribute("textContent"), "an arrow key is not told")
    chart.send_keys(Keys.ESCAPE)
    check(not page.find("#loss .tip").is_displayed(), "escape leaves the values")

    seen = {path_of(page, "loss")}
    for press in ("[data-axis=time]", "[data-view=logY]", "[data-view=logX]"):
        page.find(press).click()
        seen.add(path_of(page, "loss"))
    page.run("const s = document.getElementById('smooth'); s.value = 0; s.dispatchEvent(new Event('input'))")
    seen.add(path_of(page, "loss"))
    check(len(seen) == 5, "two views of the chart look the same")
    page.find("[data-view=yardsticks]").click()
    check(not page.driver.find_elements(By.CSS_SELECTOR, "#loss .levels text"), "the yardsticks stay")
    page.driver.refresh()
    check(page.run("return run.view.axis === 'time' && run.view.logX && run.view.logY && run.view.smooth === 0 && !run.view.yardsticks"),
          "the view is lost when the page loads itself again")
    page.run("run.change({ axis: 'step', logX: false, logY: false, smooth: 0.9, yardsticks: true })")
    ActionChains(page.driver).move_to_element_with_offset(page.find("#loss svg"), -200, 0).click_and_hold().move_by_offset(250, 0).release().perform()
    check(page.run("const { from, to } = run.view, all = run.data.steps; return from > all / 20 && from < to && to < all * 0.95"),
          "a drag does not enlarge")
    page.find("#whole").click()
    check(page.run("return run.view.from === null") and not page.find("#whole").is_displayed(), "the whole does not come back")


def check_words(page, run):
    check(page.find("#state").text == "finished", "the run has not finished")
    check("90 of 90" in page.find("#progress-text").text, "the steps are not told")
    best = min(float(row["loss"]) for row in rows_of(run, "val"))
    check(f"{best:.4f}" in page.find("#figures").text, "the best loss is missing")
    check([row.text.split()[0] for row in page.driver.find_elements(By.CSS_SELECTOR, "#settings .changed")] ==
          ["layers", "heads", "width", "context", "dropout", "steps", "batch", "warmup", "eval-every"], "other settings are said to differ")
    check("preset: 2000" in page.find("#settings").text, "the preset's steps are missing")
    check("tinygpt train --resume runs/first" in page.find("#commands").text, "the command to go on is missing")
    page.find("#table summary").click()
    WebDriverWait(page.driver, 5).until(lambda _: page.driver.find_elements(By.CSS_SELECTOR, "#table tbody tr"))
    cells = [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in page.driver.find_elements(By.CSS_SELECTOR, "#table tbody tr")]
    check([(row[0], row[3]) for row in cells] == [(row["step"], f"{float(row['loss']):.4f}") for row in rows_of(run, "val")],
          "the table has other validations")
    page.find("#table summary").click()


def check_samples(page, run):
    texts = [entry.split("---\n", 1)[1][:200] for entry in (run / "samples.txt").read_text().split("--- step ")[1:]]
    shown = "return document.getElementById('sample').textContent"
    check(page.run(shown) == texts[-1], "the newest sample is not shown")
    slider = page.find("#slider")
    slider.send_keys(Keys.HOME)
    check(page.run(shown) == texts[0] and page.find("#sample-step").text.startswith("step 0,"), "the slider shows another sample")
    slider.send_keys(Keys.ARROW_RIGHT)
    check(page.run(shown) == texts[1], "an arrow key shows another sample")
    slider.send_keys(Keys.END)
    chart = page.find("#loss svg")
    ActionChains(page.driver).move_to_element_with_offset(chart, -chart.size["width"] // 2 + 50, 0).click().perform()
    check(page.find("#sample-step").text.startswith("step 0,"), "a click on the chart does not show what was written there")
    page.run("run.change({ sample: null })")


def bare(text):
    """Without the signs that isolate a character from its neighbors."""
    return text.replace("\u2068", "").replace("\u2069", "")


def check_attention(page, run):
    """The maps of the probe are those of the last checkpoint."""
    command = [TINYGPT, "attention", str(run), "--checkpoint", "last", "--prompt", PROBE, "--json", "-"]
    wanted = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["weights"][0]
    maps = page.run("""
        return Array.from(document.querySelectorAll('#maps canvas'), canvas => {
          const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          return Array.from({ length: canvas.height }, (_, query) => Array.from({ length: canvas.width },
            (_, key) => (pixels[4 * (query * canvas.width + key) + 3] / 255) ** 2));
        })""")
    check(len(maps) == len(wanted), f"there are {len(maps)} maps of {len(wanted)} heads")
    for shown, rows in zip(maps, wanted):
        for got, row in zip(shown, rows):
            check_close(got, row, lambda weight: math.sqrt(weight) / 120 + 0.005, "a row of a map")
    canvas = page.find("#maps canvas")
    described = canvas.get_attribute("aria-label")
    check(bare(described).startswith(f"head 0.0: {PROBE[-1]}, character {len(PROBE)}, looks at "), "a map is not described")
    canvas.send_keys(Keys.ARROW_UP)
    check(page.find("#attention-cell").text != described and "head 0.0: " in page.find("#attention-cell").text, "an arrow key says nothing")
    page.run("document.getElementById('attention').scrollIntoView()")
    ActionChains(page.driver).move_to_element_with_offset(canvas, -canvas.size["width"] // 2 + 2, canvas.size["height"] // 2 - 2).perform()
    said = bare(page.find("#attention-cell").text)
    check(said.startswith(f"head 0.0: {PROBE[-1]}, character {len(PROBE)}, looks at {PROBE[0]}, character 1: "), f"a cell is {said!r}")


def check_looks(page):
    background = "return getComputedStyle(document.body).backgroundColor"
    light = page.run(background)
    page.shot("wide-light")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    check(page.run(background) != light, "dark is as light as light")
    page.shot("wide-dark")
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True})
    page.driver.refresh()
    check(page.run("return document.documentElement.scrollWidth") <= 390, "the page is wider than a phone")
    page.shot("phone-dark")
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def check_running(page, source, folder):
    """While a run goes on the page loads itself again; when nothing comes any more it says so."""
    def running(data):
        data.update(state="running", step=60, steps=90, written=int(time.time()))
    page.open(with_data(source, folder / "running.html", running))
    page.run("run.change({ logY: true }); window.isOld = true")
    check("about" in page.find("#progress-text").text, "the time left is missing")
    WebDriverWait(page.driver, 10).until(lambda _: page.run("return !window.isOld"))
    check(page.run("return run.view.logY"), "the view is lost")
    page.run("run.change({ live: false }); window.isOld = true")
    time.sleep(4)
    check(page.run("return window.isOld"), "it loads itself again although it should not")
    page.open(with_data(source, folder / "silent.html", lambda data: (running(data), data.update(written=int(time.time()) - 7200))))
    WebDriverWait(page.driver, 10).until(lambda _: "no news for 2 h" in page.find("#news").text)
    # Changed pages are looked at above; what the browser logs of them is checked with the rest.


def check_hostile(page, source, folder):
    """What a model writes is text, whatever it is."""
    def hostile(data):
        data["samples"][-1].update(text=HOSTILE, marks=[0, 9])
        data.update(name=HOSTILE, files=[HOSTILE])
        data["commands"][0]["line"] = HOSTILE
    page.open(with_data(source, folder / "hostile.html", hostile))
    check(page.run("return window.hacked === undefined && !document.querySelector('main b b, pre b, code b')"), "a sample became a part of the page")
    check(page.run("return document.querySelector('#sample mark').textContent") == HOSTILE[:9], "another passage is marked")
    check("\u202e" not in page.find("#sample").text and "\u2400" in page.find("#sample").text, "control characters are not made visible")


def check_large(page, source, folder):
    """As much as the page ever holds of 5000 steps: 1250 points, a thousand validations, two hundred samples."""
    def column(values):
        return ",".join(f"{value:.5g}" for value in values)

    def large(data):
        steps = range(4, 5001, 4)
        losses = [1.3 + 3 / math.sqrt(step) + step * 7919 % 1000 / 7000 for step in steps]
        data["training"] = {name: column(losses) for name in data["training"]} | {
            "steps": column(steps), "seconds": column(step / 7 for step in steps), "lowest": column(loss - 0.1 for loss in losses),
            "highest": column(loss + 0.1 for loss in losses)}
        data["validations"] = {"steps": column(range(5, 5001, 5)), "seconds": column(step / 7 for step in range(5, 5001, 5)),
                               "loss": column(1.4 + 3 / math.sqrt(step) for step in range(5, 5001, 5))}
        data["samples"] = [data["samples"][-1] | {"step": step} for step in range(25, 5001, 25)]
        data.update(step=5000, steps=5000)
    path = with_data(source, folder / "large.html", large)
    check(path.stat().st_size < 1_000_000, f"the page has {path.stat().st_size} bytes")
    times = []
    for _ in range(5):
        page.open(path)
        page.driver.get_screenshot_as_png()
        times.append(page.run("return run.drawnIn"))
    hover = page.run("const start = performance.now(); for (let i = 0; i < 100; i++) run.point(40 * i); return (performance.now() - start) / 100")
    check(min(times) < 200, f"it is drawn in {min(times):.0f} ms")
    page.shot("large")
    print(f"5000 steps: {path.stat().st_size / 1e3:.0f} kB, drawn in {min(times):.0f} ms, {hover:.1f} ms for a hover")


def check_comparison(page, folder):
    subprocess.run([TINYGPT, "runs", "--html", "runs/all.html", "--quiet"], check=True, cwd=folder)
    page.open(folder / "runs" / "all.html")
    runs = [json.loads(line) for line in subprocess.run([TINYGPT, "runs", "--json"], check=True, cwd=folder, capture_output=True, text=True).stdout.splitlines()]
    check({run["run"] for run in runs} == {"runs/first", "runs/second"} and all(run["settings"]["steps"] for run in runs), "other runs in --json")
    check(runs[0]["settings"]["dropout"] in (0, 0.1) and runs[0]["train_loss"] > 0 and runs[0]["seconds"] > 0, "--json has no settings or losses")

    def names():
        return [cell.text for cell in page.driver.find_elements(By.CSS_SELECTOR, "#runs tbody th")]
    by_loss = [run["run"].split("/")[1] for run in sorted(runs, key=lambda run: run["val_loss"])]
    check(names() == by_loss, "the table is not sorted by loss")
    heads = [head.text for head in page.driver.find_elements(By.CSS_SELECTOR, "#runs thead th")]
    check(heads[9:] == ["width", "dropout", "seed"], f"other settings differ: {heads[9:]}")
    page.find("#sort-0").click()
    check(names() == ["first", "second"], "the table does not sort by name")
    page.find("#sort-0").click()
    check(names() == ["second", "first"] and page.find("#runs [aria-sort=descending]").text.startswith("run"), "nor the other way")
    check(len(page.driver.find_elements(By.CSS_SELECTOR, "#validation path.line")) == 2, "a run has no line")
    page.shot("comparison")
    page.find("#runs tbody input").click()
    check(len(page.driver.find_elements(By.CSS_SELECTOR, "#validation path.line")) == 1, "a run cannot be hidden")
    page.find("#runs tbody a").click()
    check(page.find("#name").text == "second", "the link leads elsewhere than to the run's page")
    check(not page.find("#attention").is_displayed(), "a run without a probe has an attention")
    page.check_quiet()


def main():
    screenshots = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if screenshots:
        screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run = train(folder, "first", "--steps", "90", "--width", "32", "--dropout", "0.1", "--probe", PROBE)
        train(folder, "second", "--steps", "60", "--width", "16", "--seed", "2")
        page = Page(screenshots)
        try:
            page.open(run / "index.html")
            check_charts(page, run)
            check_words(page, run)
            check_samples(page, run)
            check_attention(page, run)
            check_looks(page)
            check_hostile(page, run / "index.html", folder)
            check_large(page, run / "index.html", folder)
            check_running(page, run / "index.html", folder)
            page.check_quiet()
            check_comparison(page, folder)
        finally:
            page.driver.quit()
    print(f"{browser.checks} passed, 0 failed")


if __name__ == "__main__":
    main()
