"""Uses the explorer in headless Chromium: types, switches parts off, follows every click, and holds what it shows against what the
program prints."""
import base64
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import browser
from browser import Page, check, check_close
from explorer_readers import check_readers
from explorer_looks import check_contrast, check_accessibility, check_forced_colors, check_paper

TINYGPT = str(pathlib.Path(".build/release/tinygpt").resolve())
TEXT = str(pathlib.Path("data/shakespeare.txt").resolve())
PROMPT = "Shall I compare\nthee to a day?"
BOX = "#text"


def tinygpt(*arguments):
    return subprocess.run([TINYGPT, *arguments], check=True, capture_output=True, text=True, timeout=600).stdout


def exported(run, text, *options):
    return json.loads(tinygpt("attention", run, "--prompt", text, "--json", "-", *options))


def state(page, name):
    return page.run(f"return explorer.state.{name}")


def sentence(page):
    return page.find("#sentence").text


def show(page, **changes):
    page.run("explorer.change(arguments[0]); document.activeElement.blur()", {"pair": None, "hovered": None, **changes})


def check_in_window(page, selector, what):
    """What a click has changed is where one can see it."""
    box = page.run("""
        const box = document.querySelector(arguments[0]).getBoundingClientRect();
        return [box.left, box.top, box.right, box.bottom, innerWidth, innerHeight, box.width * box.height]""", selector)
    inside = box[0] >= -1 and box[1] >= -1 and box[2] <= box[4] + 1 and box[3] <= box[5] + 1
    check(inside and box[6] > 0, f"{what} is out of the window: {box}")


def click_cell(page, query, key):
    """Clicks a cell of the big map, and leaves the mouse there."""
    place = page.run("""
        const [query, key] = arguments, box = document.getElementById('map').getBoundingClientRect();
        for (let x = 0; x < box.width; x += 1) for (let y = 0; y < box.height; y += 1) {
            const cell = explorer.cellAt({ clientX: box.left + x, clientY: box.top + y });
            if (cell && cell[0] === query && cell[1] === key) return [x + 1 - box.width / 2, y + 1 - box.height / 2];
        }""", query, key)
    ActionChains(page.driver).move_to_element_with_offset(page.find("#map"), *map(round, place)).click().perform()


def shown_weights(page):
    return page.run("return [...Array(explorer.reading.count).keys()].map(q => [...Array(q + 1).keys()].map(k => explorer.weight(q, k)))")


def check_weights(page, wanted, allowed):
    """Every weight of every head is the program's; averages are those of the heads; rollouts sum to 1."""
    for layer, heads in enumerate(wanted["weights"]):
        for head, rows in enumerate(heads):
            show(page, view="head", layer=layer, head=head)
            for query, (row, whole) in enumerate(zip(shown_weights(page), rows, strict=True)):
                check_close(row, whole[:query + 1], allowed, f"layer {layer} head {head}, row {query}")
        show(page, view="average", layer=layer)
        for query, (row, *each) in enumerate(zip(shown_weights(page), *heads, strict=True)):
            means = [sum(values) / len(values) for values in zip(*each, strict=True)]
            check_close(row, means[:query + 1], allowed, f"average of layer {layer}, row {query}")
    show(page, view="rollout", layer=1)
    for query, row in enumerate(shown_weights(page)):
        check(abs(sum(row) - 1) < 0.05, f"row {query} of the rollout does not sum to 1")


def check_typing(page, run):
    """The caret is the query, and what is typed is what the program reads."""
    box = page.find(BOX)
    box.click()
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys("To be, or not")
    check(state(page, "text") == "To be, or not" and state(page, "caret") == 13, "the page has not the text that was typed")
    check_weights(page, exported(run, "To be, or not"), lambda _: 1e-5)
    show(page, view="head", layer=1, head=0)
    box.click()
    box.send_keys(Keys.END)
    for key, caret in ((Keys.ARROW_LEFT, 12), (Keys.ARROW_LEFT, 11), (Keys.ARROW_RIGHT, 12), (Keys.HOME, 0), (Keys.END, 13)):
        box.send_keys(key)
        check(state(page, "caret") == caret, f"a key leads elsewhere than to {caret}")
    box.send_keys(Keys.SHIFT, Keys.ARROW_LEFT)
    check(state(page, "caret") == 12, "the moving end of a selection is not the query")
    box.send_keys(Keys.END, Keys.ENTER, "be")
    wanted = exported(run, "To be, or not\nbe")
    shown = page.run("return Array.from(document.querySelectorAll('#bars .bar')).map(b => b.querySelector('.name').textContent)")
    likeliest = [next["character"] for next in wanted["next"][:len(shown)]]
    check(shown == [{" ": "␣", "\n": "⏎"}.get(c, c) for c in likeliest], "other characters come next than the program says")
    values = page.run("return explorer.reading.next(explorer.reading.count - 1).map(g => g[1])")
    check_close(values, [next["probability"] for next in wanted["next"][:len(values)]], lambda _: 1e-5, "what comes next")
    # What is copied is the text: no blanks where the page shows line breaks.
    copied = page.run("const t = document.getElementById('text'); t.select(); return getSelection().toString() || t.value")
    check(copied == "To be, or not\nbe", f"copied text is {copied!r}")
    # Letters of the copy that is tinted stand where those of the box stand.
    sizes = page.run("""
        return ['text', 'overlay'].map(id => document.getElementById(id).getBoundingClientRect()).map(box => [box.width, box.height])""")
    check(sizes[0] == sizes[1], f"the tinted letters and the box differ in size: {sizes}")


def check_map(page, wanted):
    """A pair by mouse and by keyboard, with its own arithmetic; both directions; scales; without the first character."""
    page.run("explorer.change({ text: arguments[0], caret: 5 })", PROMPT)
    rows = wanted["weights"][1][0]
    show(page, view="head", layer=1, head=0, direction="to", scale="root")
    for query, key in ((20, 3), (12, 12), (28, 1)):
        click_cell(page, query, key)
        check(state(page, "pair") == [query, key], f"a click on the cell ({query}, {key}) chooses another")
        text = page.find("#pair").text
        weight = float(text.split("weight")[1].split()[0])
        check(abs(weight - rows[query][key]) < 6e-5, f"({query}, {key}): the arithmetic ends in {weight}, not {rows[query][key]}")
        check(f"at {query} takes" in sentence(page) and f"at {key}." in sentence(page), "the sentence is of another pair")
        check_in_window(page, "#pair", "the arithmetic")
        check(state(page, "caret") == query + 1, "the caret is not at the character that looks")
    page.shot("pair")
    canvas = page.find("#map")
    canvas.send_keys(Keys.ESCAPE)
    check(state(page, "pair") is None and not page.find("#pair").is_displayed(), "escape does not close the arithmetic")
    ActionChains(page.driver).move_to_element(page.find("h1")).perform()
    page.run("explorer.change({ caret: 10 })")
    canvas.send_keys(Keys.HOME, Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.ENTER)
    check(state(page, "pair") == [10, 2], "the keyboard cannot choose a pair")
    show(page, caret=29)
    pictures = set()
    for option in page.driver.find_elements(By.CSS_SELECTOR, "#scale option"):
        option.click()
        pictures.add(page.run("return document.getElementById('map').toDataURL()"))
    check(len(pictures) == 4, "two scales look the same")
    page.find("#scale option[value=root]").click()
    ticks = page.run("return Array.from(document.querySelectorAll('#ticks span')).map(t => [t.textContent, t.style.left])")
    check(["25 %", "50%"] in ticks, f"the middle of the square root is not a quarter: {ticks}")
    page.find("#skip").click()
    for query in range(1, len(PROMPT)):
        row = page.run("return [...Array(arguments[0] + 1).keys()].map(k => explorer.weight(arguments[0], k))", query)
        check(row[0] == 0 and abs(sum(row) - 1) < 1e-5, f"without the first character row {query} sums to {sum(row)}")
    page.find("#skip").click()
    page.find("[data-direction=from]").click()
    check("is looked at most by" in sentence(page), "the direction does not change")
    page.find("[data-direction=to]").click()
    for panel in ("lines", "table", "patch", "compare", "neurons", "map"):
        page.find(f"[data-panel={panel}]").click()
        check_in_window(page, f"#panel-{panel} > :first-child", panel)
        page.shot(panel)
    for option in page.driver.find_elements(By.CSS_SELECTOR, "#view option")[2:4]:
        option.click()
        check_in_window(page, "#meaning", "what an average or a rollout is")


def measured(page, part):
    """What a part is worth, once the page has measured all of them."""
    for _ in range(100):
        if page.run("return explorer.effects.size") == 6: break
        time.sleep(0.1)
    return page.run("return explorer.effects.get(arguments[0])", part)


def check_causes(page):
    """What switching off shows is beside the switch and in the bars; everything off; the parts of a logit sum to it."""
    show(page, text="To be, or not to be", caret=12, view="head", layer=0, head=0, off=[])
    loss = page.run("return explorer.reading.loss()")
    page.find(".head .switch").click()
    check(state(page, "off") == ["0.0"], "the switch does not switch off")
    check("Without head 0.0" in sentence(page), "the sentence does not say what is off")
    check("→" in page.find("#bars").text and "→" in page.find("#loss").text, "nothing says what changed")
    for part, what in (("#sentence", "the sentence"), ("#bars", "before and after"), ("#loss", "the loss")):
        check_in_window(page, part, what)
    without = page.run("return explorer.reading.loss()")
    check(without != loss and all(f"{value / math.log(2):.3f}" in page.find("#loss").text for value in (loss, without)), "the losses are others")
    page.shot("off")
    # Measured of itself, it is the same.
    check(abs(measured(page, "0.0") - (without - loss)) < 1e-6, "the number below a head is not what its switch shows")
    kept = page.run("""
        const before = explorer.effects;
        document.querySelectorAll('.head .switch')[1].click();
        return before === explorer.effects && before.size === 6""")
    check(kept and state(page, "off") == ["0.0", "0.1"], "a switch throws away what was measured of each part")
    show(page, off=["0.0"])
    page.run("document.getElementById('ablation').value = 'mean'; document.getElementById('ablation').dispatchEvent(new Event('change'))")
    mean = page.run("return explorer.reading.loss()")
    check(mean not in (loss, without), "a mean is the same as nothing")
    check(abs(measured(page, "0.0") - (mean - loss)) < 1e-6, "below a head stands what nothing in its place costs, not its mean")
    show(page, ablation="zero", off=["0.0", "0.1", "1.0", "1.1", "m0", "m1"])
    everything = page.run("return explorer.reading.next(3)[0][1]")
    check(0 < everything < 1 and page.find("#loss").text, "with everything off there is nothing to see")
    page.find("#all-on").click()
    check(state(page, "off") == [], "not everything is on again")
    parts = page.run("""
        const bar = document.querySelectorAll('#bars .bar')[2];
        bar.click();
        const run = explorer.reading.run, token = explorer.state.explained, parts = explorer.attribution(run, 11, token);
        return [parts.total, run.logits(11)[token], token === explorer.reading.next(11)[2][0],
          document.querySelector('#bars [aria-pressed=true] .name').textContent, document.querySelector('#adds-token').textContent]""")
    check(abs(parts[0] - parts[1]) < 1e-3, f"the parts of a logit sum to {parts[0]}, not {parts[1]}")
    check(parts[2] and parts[3] == parts[4], f"the parts are not those of the chosen character: {parts}")
    for button in page.driver.find_elements(By.CSS_SELECTOR, ".try"):
        button.click()
        check_in_window(page, "#exercise", "an exercise")
        check_in_window(page, "#sentence", "the state of an exercise")
        page.shot("try-" + button.text.replace(" ", "-"))
        page.find(".done").click()
    # Before anything is measured, too, it is the head without which the loss is highest.
    show(page, text="", caret=0)
    page.find(".try").click()
    off = state(page, "off")[0]
    measured(page, off)
    effects = page.run("return Object.fromEntries(explorer.effects)")
    check(off == max((name for name in effects if "." in name), key=effects.get), f"head {off} is not the most valuable: {effects}")
    check(off in page.find("#exercise").text, "the exercise names another head")
    page.find("#all-on").click()
    check(not page.find("#exercise").is_displayed(), "with everything on, the exercise still says what is off")


def sampled(run, length, temperature, prompt="To be"):
    options = {"--prompt": prompt, "--length": length, "--temperature": temperature, "--seed": 7}
    return tinygpt("sample", run, *(str(word) for option in options.items() for word in option)).removesuffix("\n")


def check_writing(page, run):
    """Writing on gives what the program samples."""
    show(page, text="To be", caret=5, off=[])
    page.run("document.getElementById('temperature').value = 0; document.getElementById('seed').value = 7")
    for _ in range(12): page.find("#write-one").click()
    check(state(page, "text") == sampled(run, 12, temperature=0), "the page writes another text than the program")
    check(state(page, "caret") == 17, "the caret is not behind what was written")
    page.run("document.getElementById('temperature').value = 1")
    show(page, text="To be", caret=5)
    page.find("#write").click()
    time.sleep(0.5)
    page.find("#write").click()
    written = state(page, "text")
    wanted = sampled(run, len(written) - 5, temperature=1)
    # Behind a text that ends in a line break the program prints no other.
    check(len(written) > 6 and written.removesuffix("\n") == wanted, f"at temperature 1 the page writes {written!r}, the program {wanted!r}")


def check_bad_input(page):
    """Too much, nothing, and what the model cannot read."""
    page.run("""
        const box = document.getElementById('text');
        box.value = 'To be or not '.repeat(8000).slice(0, 100000);
        box.dispatchEvent(new Event('input'))""")
    check(state(page, "text.length") == 100000, "not all of 100,000 characters are kept")
    check(page.run("return explorer.reading.count") <= 32, "100,000 characters are not read by their last window")
    check("sees 32 characters at once" in page.find("#notice").text, "nothing says that most of the text is out of sight")
    show(page, text="äöü", caret=3)
    check("U+00E4" in page.find("#notice").text and "never seen" in sentence(page), "characters without a token are not named")
    page.shot("unknown")
    show(page, text="To bä", caret=5)
    check("U+00E4" in page.find("#notice").text, "a character without a token is not named")
    check(page.run("return explorer.reading.count") == 4, "a character without a token is not left out")
    show(page, text="", caret=0)
    check("empty" in sentence(page), "an empty box says nothing")
    page.find("#write-one").click()
    check(len(state(page, "text")) == 1, "from an empty box nothing is written")
    show(page, text="T", caret=1)
    check("not predicted" in sentence(page), "one character is not enough")
    show(page, text=PROMPT, caret=20)
    check(not page.find("#notice").is_displayed(), "a notice stays")


def check_taking_away(page, folder, wanted):
    """The state is in the address; picture and numbers are those that are seen."""
    show(page, text="To be", caret=4, view="head", layer=1, head=1, direction="from", scale="log", off=["0.1", "m1"])
    time.sleep(0.4)
    address = page.run("return location.href")
    check("off=0.1%2Cm1" in address and "caret=4" in address, f"the address does not hold the state: {address}")
    page.driver.get("about:blank")
    page.driver.get(address)
    got = page.run("const s = explorer.state; return [s.text, s.caret, s.layer, s.head, s.direction, s.scale, s.off]")
    check(got == ["To be", 4, 1, 1, "from", "log", ["0.1", "m1"]], f"an address leads elsewhere: {got}")
    page.driver.get("about:blank")
    page.driver.get(address.split("#")[0] + "#layer=99&head=-1&view=nonsense&off=7.7,x&caret=1e9")
    check(page.run("const s = explorer.state; return s.off.length === 0 && s.view === 'head' && s.layer < 2"), "a wrong address is believed")
    page.driver.get("about:blank")
    page.driver.get(address.split("#")[0] + "#off=m,0.1,0.1,1e0.0,1.,m1.0,m1")
    check(state(page, "off") == ["0.1", "m1"], f"what is no part can be switched off: {state(page, 'off')}")
    page.driver.get("about:blank")
    page.driver.get(address.split("#")[0])
    opened = page.run("return explorer.state")
    everything = "text=To+be&caret=2&layer=1&head=1&view=average&direction=from&scale=log&panel=compare&skip=1&off=0.1,m1&ablation=mean&other=x"
    for fragment, changed in ((everything, 12), ("", 0)):
        page.run("location.hash = arguments[0]", fragment)
        # The page writes its address 0.2 seconds after a change.
        time.sleep(0.4)
        now = page.run("return explorer.state")
        others = [name for name in now if now[name] != opened[name]]
        check(len(others) == changed, f"after the address {fragment!r} there are others: {others}")
    show(page, text=PROMPT, caret=5, view="head", layer=1, head=1, direction="to", scale="root", off=[])
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    files = {}
    page.find(".menu summary").click()
    for button, ending in (("save-picture", "svg"), ("save-csv", "csv"), ("save-npy", "npy")):
        page.find("#" + button).click()
        path = folder / f"attention-layer-1-head-1.{ending}"
        for _ in range(50):
            if path.exists() and path.stat().st_size: break
            time.sleep(0.1)
        files[ending] = path.read_bytes()
    page.find(".menu summary").click()
    rows = wanted["weights"][1][1]
    cells = [line.rsplit(",", 1) for line in files["csv"].decode().split("\r\n")[1:-1]]
    triangle = [weight for query, row in enumerate(rows) for weight in row[:query + 1]]
    check_close([float(cell[1]) for cell in cells], triangle, lambda _: 1e-5, "the numbers of the CSV")
    length = 10 + struct.unpack("<H", files["npy"][8:10])[0]
    check(files["npy"][:8] == b"\x93NUMPY\x01\x00" and length % 64 == 0, "the header of the npy file is another")
    numbers = struct.unpack(f"<{len(PROMPT) ** 2}f", files["npy"][length:])
    check_close(numbers, [weight for row in rows for weight in row], lambda _: 1e-5, "the numbers of the npy file")
    import xml.etree.ElementTree
    picture = xml.etree.ElementTree.fromstring(files["svg"])
    check("layer 1, head 1" in picture[0].text and len(picture) > 30, "the picture is not of this head")


def check_layouts(page):
    """One screen on a laptop, no scrolling sideways anywhere, a layer a row on a phone, and what a switch changes in the window there."""
    show(page, text=PROMPT, caret=20, panel="map")
    for width, height in ((1440, 900), (1366, 768), (1024, 768), (390, 844)):
        page.size(width, height)
        check(page.run("return document.documentElement.scrollWidth") <= width, f"at {width} the page is wider than the window")
        if width >= 1366:
            check(page.run("return document.documentElement.scrollHeight") <= height, f"at {width} x {height} one has to scroll")
        tops = page.run("return Array.from(document.querySelectorAll('.layer:first-child .head'), h => h.getBoundingClientRect().top)")
        check(len(set(tops)) == 1, f"at {width} the heads of a layer are in several rows")
        page.shot(f"light-{width}")
        page.media("prefers-color-scheme", "dark")
        page.shot(f"dark-{width}")
        page.media("prefers-color-scheme", "light")
    page.run("document.querySelector('.mlp .switch').scrollIntoView()")
    page.find(".mlp .switch").click()
    check_in_window(page, "#echo", "what a switch changes, on a phone,")
    check("→" in page.find("#echo").text, "on a phone a switch changes nothing in the window")
    page.shot("phone-off")
    show(page, off=[])
    page.size(1366, 768)


def check_many_layers(page, folder):
    """Six layers of six heads fit on a laptop's screen, too."""
    run = str(folder / "many")
    tinygpt("train", TEXT, "--layers", "6", "--heads", "6", "--width", "48", "--context", "32", "--steps", "0", "--run", run, "--quiet")
    tinygpt("attention", run, "--prompt", PROMPT, "--html", str(folder / "many.html"))
    page.open(folder / "many.html")
    check(page.run("return document.documentElement.scrollHeight") <= 768, "with six layers one has to scroll")


def check_opening(page, run, folder):
    """The page opens at the head that was asked for, and is the same every time."""
    for name in ("opened", "again"):
        tinygpt("attention", run, "--prompt", PROMPT, "--layer", "1", "--head", "1", "--html", str(folder / f"{name}.html"))
    check((folder / "opened.html").read_bytes() == (folder / "again.html").read_bytes(), "the same checkpoint makes another page")
    page.open(folder / "opened.html")
    check([state(page, name) for name in ("layer", "head")] == [1, 1], "the page opens at another head than layer 1, head 1")
    surprises = page.run("return [...Array(explorer.reading.count).keys()].map(q => explorer.reading.surprise(q) ?? 0)")
    check(surprises[state(page, "caret") - 1] == max(surprises[4:-1]), "the page does not open where the text is most surprising")


def check_comparison(page, run, folder):
    """Two models on one text: the weights of both are the program's, and the heads are in the order of their differences."""
    other = str(folder / "other")
    tinygpt("train", TEXT, "--layers", "2", "--heads", "2", "--width", "32", "--context", "32", "--steps", "0", "--run", other, "--quiet")
    tinygpt("attention", run, "--prompt", PROMPT, "--compare", other, "--html", str(folder / "two.html"))
    page.open(folder / "two.html")
    page.find("[data-panel=compare]").click()
    check(page.find("[data-panel=compare]").text == "two models" and "other" in page.find("#compare-what").text, "the other model is not named")
    here, there = (exported(name, PROMPT)["weights"] for name in (run, other))
    moved = {}
    for layer in (0, 1):
        for head in (0, 1):
            shown = page.run("return Array.from(explorer.other.weights(arguments[0], arguments[1]))", layer, head)
            rows = [[row[:query + 1] for query, row in enumerate(weights[layer][head])] for weights in (here, there)]
            check_close(shown, sum(rows[1], []), lambda _: 1e-5, f"layer {layer} head {head} of the other model")
            moved[f"{layer}.{head}"] = sum(abs(a - b) for pair in zip(*rows) for a, b in zip(*pair))
    order = [button.text.split()[0] for button in page.driver.find_elements(By.CSS_SELECTOR, "#compare-heads button")]
    check(order == sorted(moved, key=moved.get, reverse=True), f"the heads are not in the order of their differences: {order}")
    page.shot("two-models")


def check_history(page, run, folder):
    """The slider shows what the run has kept, and at the end what the model looks at now."""
    tinygpt("attention", run, "--probe", "--heads", "--html", str(folder / "probe.html"))
    page.open(folder / "probe.html")
    snapshots = [json.loads(line) for line in pathlib.Path(run, "probe.jsonl").read_text().splitlines()[1:]]
    show(page, layer=1, head=1)
    check(len(snapshots) == 4, f"{len(snapshots)} snapshots, expected those of the steps 0, 30, 60 and 90")
    for moment, snapshot in enumerate(snapshots):
        page.run("const s = document.getElementById('step'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))", moment)
        check(f"Step {snapshot['step']}:" in page.find("#moment").text, "the slider shows another step")
        kept = base64.b64decode(snapshot["maps"])
        size = len(kept) // 4
        shown = [weight for row in shown_weights(page) for weight in row]
        check_close(shown, [(byte / 255) ** 2 for byte in kept[3 * size:]], lambda _: 1e-6, f"step {snapshot['step']}")
    check_weights(page, exported(run, PROMPT, "--checkpoint", "last"), lambda weight: math.sqrt(weight) / 255 + 0.005)
    page.find("#skip").click()
    for query, row in enumerate(shown_weights(page)):
        check(row[0] == 0 and (query == 0 or abs(sum(row) - 1) < 1e-5), f"without the first character row {query} sums to {sum(row)}")
    page.run("explorer.change({ caret: 2 })")
    check("100 %" in sentence(page), "the only character that is left does not have all")
    page.find("#skip").click()
    box = page.find(BOX)
    box.click()
    box.send_keys(Keys.HOME, Keys.ARROW_RIGHT, "x", Keys.BACKSPACE)
    check(state(page, "text") == PROMPT and box.get_attribute("value") == PROMPT, "the text of a recording can be changed")
    slider, grid = page.run("return ['step', 'grid'].map(id => document.getElementById(id).getBoundingClientRect()).map(box => box.top)")
    check(slider < grid < slider + 120, "the slider is not directly above the heads")
    page.shot("history")


def check_training(page, folder):
    """With the weights of a training, the slider runs the model of the step on what is typed, and all else on the page is its."""
    run = str(folder / "watched")
    tinygpt("train", TEXT, "--layers", "2", "--heads", "2", "--width", "32", "--context", "32", "--batch", "8", "--steps", "90",
            "--eval-every", "30", "--warmup", "10", "--probe", PROMPT, "--probe-weights", "--run", run, "--quiet")
    tinygpt("attention", run, "--probe", "--neurons", "--html", str(folder / "watched.html"))
    page.open(folder / "watched.html")
    losses = [json.loads(line)["loss"] for line in pathlib.Path(run, "probe.jsonl").read_text().splitlines()[1:]]
    check(state(page, "text") == PROMPT and state(page, "moment") == 3, "the page does not begin with the probe and the last step")
    show(page, text="To be, or not", caret=8, view="head", layer=1, head=1, panel="map")
    seen = {}
    for moment in (3, 0, 1, 2):
        page.run("const s = document.getElementById('step'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))", moment)
        label = page.find("#moment").text
        check(f"Step {30 * moment}:" in label and f"{losses[moment]:.4f}" in label, f"the slider says {label!r}")
        check(("the best" in label) == (losses[moment] == min(losses)), f"another step is the best: {label!r}")
        check(state(page, "text") == "To be, or not" and state(page, "caret") == 8, "the slider changes the text")
        seen[moment] = page.run("""
            const run = explorer.reading.run, bars = document.querySelector('#bars').textContent;
            return [run.model === explorer.model, explorer.reading.loss(), Array.from(run.probabilities(7)), bars,
                    document.querySelector('#forms').textContent, document.querySelectorAll('.head canvas')[3].toDataURL()]""")
        check(seen[moment][0], "another model runs than that of the step")
    check(abs(seen[0][1] - math.log(60)) < 0.2, f"at step 0 the loss is {seen[0][1]}, not that of chance")
    for place, what in ((3, "what comes next"), (4, "how the guess forms"), (5, "the picture of a head")):
        check(len({values[place] for values in seen.values()}) == 4, f"{what} is the same at two steps")
    # What is measured of the parts, and what is written, is of the step that is chosen.
    show(page, moment=0)
    first = measured(page, "1.1")
    show(page, moment=3)
    check(first != measured(page, "1.1"), "what the parts are worth is that of another step")
    page.run("document.getElementById('temperature').value = 0")
    texts = []
    for moment in (0, 3):
        show(page, moment=moment, text="To be", caret=5)
        for _ in range(6): page.find("#write-one").click()
        texts.append(state(page, "text"))
    check(texts[0] != texts[1] and texts[1] == tinygpt("sample", run, "--checkpoint", "last", "--prompt", "To be", "--length", "6",
                                                       "--temperature", "0").removesuffix("\n"), f"another model writes: {texts}")
    slider, grid = page.run("return ['step', 'grid'].map(id => document.getElementById(id).getBoundingClientRect()).map(box => box.top)")
    check(slider < grid < slider + 120, "the slider is not directly above the heads")
    page.find("#step").send_keys(Keys.ARROW_LEFT)
    check(state(page, "moment") == 2, "the slider cannot be moved by keyboard")
    check_in_window(page, "#bars", "what comes next at another step")
    page.shot("training")
    check_neurons(page, run)


def check_neurons(page, run):
    """The list of what neurons follow is that of 'tinygpt neurons', and a click tints the text by one of them."""
    wanted = [json.loads(line) for line in tinygpt("neurons", run, "--checkpoint", "last", "--json").splitlines()]
    show(page, text=PROMPT, caret=12, moment=3, panel="neurons")
    rows = page.run("""
        return Array.from(document.querySelectorAll('#neuron-survey tr')).slice(1).map(row => Array.from(row.cells, cell => cell.textContent))""")
    check([row[0] for row in rows] == [f"{line['layer']}.{line['neuron']}" for line in wanted], "the list is in another order")
    for row, line in zip(rows, wanted, strict=True):
        follows, character = line["follows"], line["follows"]["character"]
        name = {None: follows["feature"], " ": "space", "\n": "newline"}.get(character, f"'{character}'")
        check(row[1] == ("next " if follows["feature"] == "next character" else "") + name, f"a neuron follows {row[1]}, not {name}")
        numbers = [float(cell.replace("−", "-")) for cell in row[2:5]]
        check_close(numbers[:2], [follows["correlation"], follows["chance"]], lambda _: 0.0051, "correlation and chance")
        check_close(numbers[2:], [line["cost"]["change"]], lambda _: 0.00011, "the cost of a neuron")
        check(abs(follows["correlation"]) > follows["chance"], "the page lists chance")
    for place in (0, len(rows) - 1):
        button = page.driver.find_elements(By.CSS_SELECTOR, "#neuron-survey button")[place]
        button.click()
        check(button.get_attribute("aria-pressed") == "true" and f"neuron {wanted[place]['neuron']}" in sentence(page),
              "a click chooses another neuron")
        tints, values = page.run("""
            const [layer, index] = arguments, run = explorer.reading.run;
            return [Array.from(document.querySelectorAll('#overlay [data-i]'), span => getComputedStyle(span.querySelector('i') ?? span).backgroundColor),
                    Array.from({ length: explorer.reading.count }, (_, q) => run.hidden(layer, q)[index])]""",
            wanted[place]["layer"], wanted[place]["neuron"])
        most = max(range(len(values)), key=lambda q: abs(values[q]))
        least = min(range(len(values)), key=lambda q: abs(values[q]))
        check(tints[most] != tints[least] and len(set(tints)) > 2, "the text is not tinted by the neuron")
        check_in_window(page, "#overlay", "the text that a neuron tints")
        check_in_window(page, "#sentence", "the name of the neuron")
    page.shot("neurons-list")


def check_carriage_returns(page, folder):
    """A text with carriage returns is typed, read and left as it is."""
    run, text = str(folder / "returns"), "To be,\r\nor not\r\n"
    (folder / "returns.txt").write_text(text * 400, newline="")
    tinygpt("train", str(folder / "returns.txt"), "--layers", "1", "--heads", "2", "--width", "16", "--context", "32", "--steps", "0",
            "--run", run, "--quiet")
    tinygpt("attention", run, "--prompt", text, "--html", str(folder / "returns.html"))
    page.open(folder / "returns.html")
    show(page, view="head", layer=0, head=0)
    check(state(page, "text") == text and page.run("return explorer.reading.count") == len(text), "the page has another text")
    wanted = exported(run, text)["weights"][0][0]
    for query, row in enumerate(shown_weights(page)):
        check_close(row, wanted[query][:query + 1], lambda _: 1e-5, f"row {query} of a text with carriage returns")
    box = page.find(BOX)
    box.click()
    box.send_keys(Keys.CONTROL, Keys.END)
    for caret in range(len(text) - 1, len(text) - 4, -1):
        box.send_keys(Keys.ARROW_LEFT)
        check(state(page, "caret") == caret, f"a key leads elsewhere than to {caret}: {state(page, 'caret')}")
    box.send_keys("o")
    check(state(page, "text") == text[:-3] + "o" + text[-3:], f"typing changes the rest of the text: {state(page, 'text')!r}")
    sizes = page.run("return ['text', 'overlay'].map(id => document.getElementById(id).getBoundingClientRect().height)")
    check(sizes[0] == sizes[1], f"the tinted letters and the box differ in height: {sizes}")
    page.shot("carriage-returns")


def check_lines(page, folder):
    """Where every line is a text of its own, writing on ends with the line."""
    run, text = str(folder / "lines"), folder / "lines.txt"
    text.write_text("one two\nthree\nfour five\nsix\n" * 200)
    tinygpt("train", str(text), "--lines", "--layers", "1", "--heads", "2", "--width", "16", "--context", "16", "--steps", "60",
            "--run", run, "--quiet")
    tinygpt("attention", run, "--html", str(folder / "lines.html"))
    page.open(folder / "lines.html")
    check(state(page, "text").startswith("\n"), f"its own text does not begin a line: {state(page, 'text')!r}")
    page.run("document.getElementById('temperature').value = 0; document.getElementById('seed').value = 7")
    show(page, text="\nt", caret=2)
    page.find("#write").click()
    for _ in range(100):
        if page.find("#write").text == "write on": break
        time.sleep(0.1)
    wanted = "\n" + sampled(run, 16, temperature=0, prompt="t") + "\n"
    check(state(page, "text") == wanted, f"the page writes {state(page, 'text')!r}, the program {wanted!r}")


def check_long_context(page, folder):
    """A page reserves room for the text it reads, not for all that a model could read: for 65,536 characters a head has 8.6 GB."""
    run = str(folder / "long")
    tinygpt("train", TEXT, "--layers", "1", "--heads", "1", "--width", "16", "--context", "65536", "--steps", "0", "--run", run, "--quiet")
    tinygpt("attention", run, "--prompt", PROMPT, "--html", str(folder / "long.html"))
    page.open(folder / "long.html")
    show(page, text=PROMPT + " or", caret=5)
    rows = exported(run, PROMPT + " or")["weights"][0][0]
    for query, row in enumerate(shown_weights(page)):
        check_close(row, rows[query][:query + 1], lambda _: 1e-5, f"row {query} in a context of 65,536")
    room = page.run("return explorer.reading.run.states[0].weights[0].length")
    check(room < 10_000, f"for {len(PROMPT) + 3} characters there is room for {room} weights")


def check_replay(page, run, folder):
    """The replay moves through the whole text, the last character too, in the windows that sampling had."""
    written = tinygpt("sample", run, "--prompt", "Shall I", "--length", "60", "--html", str(folder / "replay.html")).removesuffix("\n")
    page.open(folder / "replay.html")
    check(state(page, "text") == written and state(page, "caret") == len(written), "the replay is not of this text, or not at its end")
    check("was drawn with" in sentence(page), "nothing says with what probability a character was drawn")
    show(page, view="head", layer=1, head=0)
    page.run("const s = document.getElementById('written'); s.value = 50; s.dispatchEvent(new Event('input'))")
    start, count = page.run("return [explorer.reading.start, explorer.reading.count]")
    check(state(page, "caret") == 50 and 0 < start < 50, "the slider does not move through the text")
    row = page.run("const q = 49 - explorer.reading.start; return [...Array(q + 1).keys()].map(k => explorer.weight(q, k))")
    check_close(row, exported(run, written[start:50])["weights"][1][0][-1], lambda _: 1e-5, "what the last character written looks at")
    marked = page.run("return document.querySelectorAll('#overlay .written').length")
    check(marked == count - max(0, 7 - start), "what the model wrote is not marked")


def check_large(page, folder):
    """A model that no page holds is a recording, small enough and quick."""
    run, path = str(folder / "large"), folder / "large.html"
    tinygpt("train", TEXT, "--layers", "6", "--heads", "6", "--width", "480", "--context", "256", "--steps", "0", "--run", run, "--quiet")
    tinygpt("attention", run, "--prompt", pathlib.Path(TEXT).read_text()[:256], "--html", str(path))
    page.open(path)
    recorded = page.run("return document.getElementById('data').textContent.length")
    check(recorded < 3_000_000, f"what is recorded has {recorded} bytes")
    check(page.run("return explorer.model") is None and not page.find("#write").is_displayed(), "a recording offers to write on")
    hover = page.run("""
        const start = performance.now();
        for (let i = 0; i < 20; i++) explorer.change({ caret: 10 * i + 1 });
        return (performance.now() - start) / 20;""")
    check(hover < 300, f"a caret takes {hover:.0f} ms")
    print(f"context 256, 6 x 6 heads, a recording: {path.stat().st_size / 1e6:.2f} MB, {hover:.1f} ms when the caret moves")


def check_old_browser(page, folder):
    """A browser that lacks something says which ones do not, and what it said itself, instead of an empty page."""
    page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "window.Float32Array = undefined"})
    page.open(folder / "page.html")
    words = page.run("return document.getElementById('missing')?.textContent ?? ''")
    check("needs a browser from 2023" in words and "TypeError" in words, f"a browser without typed arrays says {words!r}")
    check(not page.find("#page").is_displayed(), "what does not work is shown")


def main():
    screenshots = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if screenshots:
        screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run = str(folder / "run")
        tinygpt("train", TEXT, "--layers", "2", "--heads", "2", "--width", "32", "--context", "32", "--batch", "8",
                "--steps", "90", "--eval-every", "30", "--warmup", "10", "--probe", PROMPT, "--run", run, "--quiet")
        wanted = exported(run, PROMPT)
        tinygpt("attention", run, "--prompt", PROMPT, "--html", str(folder / "page.html"))
        page = Page(screenshots)
        try:
            page.size(1366, 768)
            page.open(folder / "page.html")
            check_weights(page, wanted, lambda _: 1e-5)
            check_typing(page, run)
            check_map(page, wanted)
            check_causes(page)
            check_writing(page, run)
            check_bad_input(page)
            check_taking_away(page, folder, wanted)
            check_layouts(page)
            check_contrast(page)
            check_accessibility(page)
            check_forced_colors(page)
            check_paper(page)
            check_readers(page, lambda prompt, length: sampled(run, length, temperature=0, prompt=prompt))
            check_many_layers(page, folder)
            check_opening(page, run, folder)
            check_comparison(page, run, folder)
            check_history(page, run, folder)
            check_training(page, folder)
            check_replay(page, run, folder)
            check_large(page, folder)
            check_carriage_returns(page, folder)
            check_lines(page, folder)
            check_long_context(page, folder)
            page.check_quiet()
            check_old_browser(page, folder)
        finally:
            page.driver.quit()
    print(f"{browser.checks} passed, 0 failed")


if __name__ == "__main__":
    main()
