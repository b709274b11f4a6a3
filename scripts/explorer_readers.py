"""What readers of the explorer stumbled over: pages that move, texts that are taken away, words that no longer hold, labels that
cannot be read, a phone."""
import math
import time

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import check, check_close

# Where the parts of the page are, and how wide the page is.
PLACES = """
    return ['paper', 'sentence', 'write', 'grid', 'map-section', 'map', 'bars', 'forms', 'adds'].map(id => {
      const box = document.getElementById(id).getBoundingClientRect();
      return [id, Math.round(box.left), Math.round(box.top + scrollY)];
    }).concat([['page', document.body.clientWidth, document.documentElement.scrollHeight <= innerHeight]]);"""

# What is written on a canvas while something is drawn: words, place, font.
WRITTEN = """
    const prototype = CanvasRenderingContext2D.prototype, write = prototype.fillText, written = [];
    prototype.fillText = function (words, x, y) {
      if (this.canvas.id === arguments_[0]) written.push([words, x, y, parseFloat(this.font.match(/[\\d.]+px/)[0])]);
    };
    try { explorer.change(arguments_[1]); } finally { prototype.fillText = write; }
    return written;"""


def state(page, *names):
    return page.run("return arguments[0].map(name => explorer.state[name])", names)


def change(page, **changes):
    page.run("explorer.change(arguments[0]); document.activeElement.blur()", {"pair": None, "hovered": None, **changes})


def written_on(page, canvas, **changes):
    return page.run("const arguments_ = arguments;" + WRITTEN, canvas, changes)


def rest(page):
    """Waits for two frames: what was typed is taken over with the next."""
    page.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")


def type_text(page, words):
    box = page.find("#text")
    box.click()
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(Keys.DELETE)
    if words:
        box.send_keys(words)
    rest(page)


def check_steady(page):
    """Whatever is said, nothing moves and no bar to scroll comes, on a laptop's screen."""
    page.size(1366, 768)
    text = "To be, or not to be\nthat is the"
    change(page, text=text, caret=9, view="head", layer=0, head=0, direction="to", panel="map", off=[])
    places = page.run(PLACES)

    def check_places(what):
        now = page.run(PLACES)
        moved = [(was, at) for was, at in zip(places, now) if was != at]
        check(not moved, f"{what} moves what is on the page (from, to): {moved}")

    check(places[-1][2], "the page is higher than the window")
    change(page, off=["0.0"], pair=[8, 3])
    check_places("a cell of a head that is off")
    change(page, off=["0.0", "0.1", "1.0", "1.1", "m0", "m1"], pair=[8, 3])
    check_places("everything off")
    change(page, off=[], direction="from", view="rollout", layer=1)
    check_places("a rollout")
    change(page, text="word " * 60 + "\n\n\n" + text, caret=320, direction="to", view="head")
    check_places("a text of many rows, more than the model sees")
    change(page, text="äöü€ " + text, caret=9)
    check_places("characters that the model never saw")
    for number, button in enumerate(page.driver.find_elements(By.CSS_SELECTOR, ".try")):
        button.click()
        check_places(f"exercise {number}")
        page.find(".done").click()
        check_places(f"the end of exercise {number}")
    change(page, text="", caret=0)
    gone = [(was, at) for was, at in zip(places[:5], page.run(PLACES)) if was != at]
    check(not gone, f"an empty box moves what is on the page (from, to): {gone}")
    change(page, text=text, caret=9)
    check_places("coming back")
    page.run("document.body.style.minHeight = '2000px'")
    scrolling = page.run(PLACES)
    page.run("document.body.style.minHeight = ''")
    check(scrolling[:-1] == places[:-1], f"a page that has to scroll is elsewhere: {scrolling}, not {places}")


def check_rows(page):
    """The box shows whole rows, wherever it is scrolled to."""
    change(page, text="a row\n" * 30, caret=100)
    height, row = page.run("""
        const paper = document.getElementById('paper');
        return [paper.clientHeight, parseFloat(getComputedStyle(document.getElementById('overlay')).lineHeight)]""")
    check(abs(height / row - round(height / row)) < 0.01, f"the box of {height} pixels cuts rows of {row}")
    page.run("document.getElementById('paper').scrollTop = 77")
    time.sleep(0.4)
    top = page.run("return document.getElementById('paper').scrollTop")
    check(abs(top / row - round(top / row)) < 0.05, f"at {top} pixels a row of {row} is cut")


def check_exercises(page):
    """Exercises say what is true, end when it no longer is, and give everything back."""
    names = ("text", "caret", "layer", "head", "view", "direction", "panel", "off")
    own = "My own text is here."
    for number in range(3):
        type_text(page, own)
        change(page, text=own, caret=4, view="average", layer=0, head=1, direction="to", panel="lines", off=["1.0"])
        before = state(page, *names)
        page.driver.find_elements(By.CSS_SELECTOR, ".try")[number].click()
        check(page.find("#exercise").is_displayed() and state(page, *names) != before, f"exercise {number} does nothing")
        page.find("#write-one").click()
        page.find(".done" if page.find("#exercise").is_displayed() else "#text-back").click()
        after = state(page, *names)
        check(after[:2] == before[:2], f"exercise {number} does not give the text back: {after[:2]}")
        page.driver.find_elements(By.CSS_SELECTOR, ".try")[number].click()
        page.find(".done").click()
        check(state(page, *names)[2:] == after[2:], f"after exercise {number} the page shows {state(page, *names)}, not {after}")

    change(page, text="To be, or not to be", caret=4, view="head", off=[])
    page.find(".try").click()
    (off,) = state(page, "off")[0]
    worth = page.run("return explorer.reading.loss() - explorer.untouched.loss()") / math.log(2)
    said = page.find("#exercise").text
    check(f"{worth:.2f}" in said or f"{worth:+.3f}" in said, f"the head that is off is worth {worth} bits, the exercise says {said!r}")
    box = page.find("#text")
    box.click()
    box.send_keys("x")
    rest(page)
    check(not page.find("#exercise").is_displayed(), "a text of one's own leaves what was said of another")
    change(page, off=[])
    page.find(".try").click()
    page.driver.find_elements(By.CSS_SELECTOR, ".mlp .switch")[1].click()
    check(not page.find("#exercise").is_displayed() and off in state(page, "off")[0], "a switch leaves what was said of others")

    change(page, text="To be, or not\nto be that is", caret=4, off=[])
    page.driver.find_elements(By.CSS_SELECTOR, ".try")[1].click()
    looks = page.run("""
        const { reading } = explorer, at = reading.characters.indexOf('\\n'), sums = {};
        for (const layer of [0, 1]) for (const head of [0, 1]) {
          sums[`${layer}.${head}`] = 0;
          for (let q = at + 1; q < reading.count; q++) sums[`${layer}.${head}`] += reading.weights(layer, head)[q * (q + 1) / 2 + at];
        }
        return sums""")
    layer, head, direction, caret = state(page, "layer", "head", "direction", "caret")
    check(f"{layer}.{head}" == max(looks, key=looks.get), f"of {looks}, head {layer}.{head} is shown")
    check(direction == "from" and caret == 14, "the line break is not what is looked at")
    page.find(".done").click()

    page.driver.find_elements(By.CSS_SELECTOR, ".try")[2].click()
    text, caret = state(page, "text", "caret")
    # What followed the same letters the first time is right, and stands in the text.
    first = text.index(text[caret - 5:caret]) + 5
    bar = page.find("#bars .follows .name").text
    check(first < caret and text[first] == text[caret] == bar, f"in {text!r} at {caret} the bars mark {bar!r}")
    page.find(".done").click()


def check_numbers(page):
    """The most valuable head is marked only when all are counted; where nothing is, nothing is said."""
    change(page, text="To be, or not", caret=5, off=[], panel="map", layer=0, head=0, view="head")
    time.sleep(1)
    effects = page.run("return Object.fromEntries(explorer.effects)")
    marked = page.run("return Array.from(document.querySelectorAll('.valuable .effect'), e => Number(e.textContent.replace('−', '-')))")
    best = max(value for name, value in effects.items() if "." in name) / math.log(2)
    check(len(marked) == (best > 0) and all(abs(value - best) < 0.006 for value in marked), f"marked is {marked}, the best is {best}")
    page.run("explorer.change({ text: 'To be, or note', caret: 5 })")
    check(page.run("return document.querySelectorAll('.valuable').length") == 0, "a head is marked before it is counted")
    colors = page.run("return ['.head', '.mlp'].map(part => getComputedStyle(document.querySelector(part + ' .switch')).color)")
    check(colors[0] == colors[1], f"the switches of heads and MLPs differ: {colors}")
    for panel in ("map", "lines", "table", "patch", "compare", "neurons"):
        change(page, text="", caret=0, panel=panel)
        seen = page.run("""
            return Array.from(document.querySelectorAll('#map-section > :not(.tabs)'))
              .filter(node => node.checkVisibility({ visibilityProperty: true }) && node.innerText.trim()).map(node => node.innerText)""")
        check(not seen, f"with an empty box the view {panel!r} says {seen}")
    for name in ("temperature", "seed", "ablation", "skip"):
        check(page.run("return document.getElementById(arguments[0]).closest('[title]') !== null", name), f"nothing explains {name!r}")


def check_maps(page):
    """Letters beside the maps can be read; a head that is off is hatched; lines fill their place; headings stand apart."""
    long = "The quick brown fox jumps over t"
    change(page, text=long, panel="map", view="head", layer=0, head=0, direction="to", off=[], caret=20)
    for width, height in ((1366, 768), (390, 844)):
        page.size(width, height)
        words = written_on(page, "map", caret=21)
        rows = sorted((y for word, x, y, size in words if x < 24))
        lanes = {round(x) for word, x, y, size in words if x < 24}
        check(len(lanes) == 1 and len(rows) > 5, f"at {width} the letters beside the rows stand in {len(lanes)} columns")
        check(all(size >= 10 for *_, size in words), f"at {width} letters of {min(size for *_, size in words)} pixels cannot be read")
        check(all(b - a >= 10 for a, b in zip(rows, rows[1:])), f"at {width} letters beside the rows run together: {rows}")
    page.size(1366, 768)
    picture = "return document.getElementById('map').toDataURL()"
    change(page, caret=20)
    plain = page.run(picture)
    change(page, off=["0.0"])
    check(page.run(picture) != plain, "the map of a head that is off looks as if it were on")
    change(page, off=["0.1"])
    check(page.run(picture) == plain, "a head that is on looks as if it were off")
    change(page, off=[])
    words = written_on(page, "lines", panel="lines")
    height = page.run("return document.getElementById('lines').clientHeight")
    check(max(y for _, _, y, _ in words) > 0.85 * height, "below the lines the view is empty")
    words = written_on(page, "difference", panel="compare", other="The quick brown fix")
    check({"o", "i"} <= {word for word, _, _, size in words if size > 14}, f"the letter that differs is not marked: {words}")
    check("19" in page.find("#compare-what").text, "nothing says that only as much as both have is compared")
    change(page, panel="table")
    gaps = page.run("""
        const boxes = Array.from(document.querySelectorAll('#table th'), heading => {
          const range = document.createRange();
          range.selectNodeContents(heading);
          return range.getBoundingClientRect();
        });
        return boxes.slice(1).map((box, i) => box.left - boxes[i].right)""")
    check(min(gaps) >= 8, f"the headings of the table are {gaps} pixels apart")
    change(page, panel="map")


def check_patching(page):
    """What is off stays off when one character is changed: at the first layer, the changed place brings all of the difference back."""
    parts = page.run("""
        const { model, patching } = explorer, read = text => model.tokensOf(text).tokens, last = 12;
        const off = { heads: new Map([["0.1", arguments[0]]]), mlps: new Map([[1, arguments[0]]]) };
        const [a, b] = [read("To be, or not"), read("To by, or not")], { pair: [one, other], difference, positions, heads } = patching(model, a, b, undefined, off);
        const differences = [a, b].map(tokens => model.run(tokens, off).logits(last)).map(logits => logits[one] - logits[other]);
        return { difference, differences, share: positions[0][4], off: heads[0][1] }""", "zero")
    check_close(parts["difference"], parts["differences"], lambda _: 1e-5, "the difference that is carried")
    check(abs(parts["share"] - 1) < 1e-4, f"with a head off, the changed place brings back {parts['share']} of the difference")
    check(abs(parts["off"]) < 1e-6, f"a head that is off brings back {parts['off']}")
    change(page, text="To be, or not", caret=13, panel="patch", off=[])

    def result():
        for _ in range(200):
            if page.driver.find_elements(By.CSS_SELECTOR, "#patch-result table"): break
            time.sleep(0.1)
        return [table.text for table in page.driver.find_elements(By.CSS_SELECTOR, "#patch-result table")]

    on = result()
    check(on and "-" not in "".join(on), f"a hyphen stands for a minus: {on!r}")
    change(page, off=["0.0", "m0"])
    time.sleep(0.2)
    check(result() != on, "a changed character does not ask what is off")
    change(page, off=[], panel="map")


def check_script_typing(page):
    """A text that comes line by line is drawn once a frame; the address holds what the model sees of a long one."""
    page.find("#text").click()
    lines = "a line\n" * 60
    drawn, text = page.driver.execute_async_script("""
        const prototype = CanvasRenderingContext2D.prototype, draw = prototype.drawImage, [lines, done] = arguments;
        let drawn = 0;
        prototype.drawImage = function (...all) { drawn++; return draw.apply(this, all); };
        document.getElementById('text').select();
        document.execCommand('insertText', false, lines);
        requestAnimationFrame(() => requestAnimationFrame(() => {
          prototype.drawImage = draw;
          done([drawn, explorer.state.text]);
        }));""", lines)
    kept = page.run("""
        const box = document.getElementById('text');
        box.value = 'typed';
        box.dispatchEvent(new Event('input'));
        dispatchEvent(new Event('resize'));
        return [box.value, explorer.state.text]""")
    check(kept == ["typed", "typed"], f"what is typed while the window changes is lost: {kept}")
    check(text == lines, f"the page has {len(text)} of {len(lines)} characters")
    check(drawn < 10, f"for 60 lines the page is drawn {drawn} times")
    page.run("""
        const box = document.getElementById('text');
        box.value = 'To be\\nor not €'.repeat(8000).slice(0, 100000);
        box.dispatchEvent(new Event('input'));
        box.setSelectionRange(50000, 50000)""")
    rest(page)
    time.sleep(0.4)
    address, text, loss = page.run("return [location.href, explorer.reading.characters.join(''), explorer.reading.loss()]")
    check(len(address.split("#")[1]) < 300, f"the address has {len(address)} characters")
    page.driver.get("about:blank")
    page.driver.get(address)
    check(page.run("return [explorer.reading.characters.join(''), explorer.reading.loss()]") == [text, loss], "the short address shows another text")


def check_writing_at_caret(page, sampled):
    """What is written stands at the caret, where the bars are of; `sampled` is what the program writes after a text."""
    change(page, text="To be or not", caret=5, off=[])
    page.run("document.getElementById('temperature').value = 0; document.getElementById('seed').value = 7")
    for _ in range(3): page.find("#write-one").click()
    text, caret = state(page, "text", "caret")
    wanted = sampled("To be", 3)
    check(text == wanted + " or not" and caret == 8, f"at the caret the page writes {text!r}, the program {wanted!r}")
    marked = page.run("return Array.from(document.querySelectorAll('#overlay .written'), span => span.textContent).join('')")
    check(marked == wanted[5:], f"of what the model wrote {marked!r} is marked")


def check_introduction(page):
    """The example in the introduction has the colors of the text."""
    for scheme in ("light", "dark"):
        page.media("prefers-color-scheme", scheme)
        sample, color = page.run("""
            return [getComputedStyle(document.querySelector('.lead:not([hidden]) .warm')).backgroundImage, explorer.ramp()[96].join(', ')]""")
        check(color in sample, f"in the {scheme} scheme the example is {sample}, the text has {color}")
    page.media("prefers-color-scheme", "light")


def check_phone(page):
    """On a phone: the text in sight of what explains it, room for fingers, and a page that stays where it is."""
    page.size(390, 844)
    change(page, text="To be, or not to be", caret=8, off=[], panel="map", view="head", layer=0, head=0, direction="to")
    page.run("scrollTo(0, 0)")
    tops = page.run("""
        return ['paper', 'sentence', 'bars', 'write', 'grid', 'map', 'forms', 'about'].map(id => document.getElementById(id).getBoundingClientRect().top)""")
    check(tops == sorted(tops), f"the parts of the page come in another order: {tops}")
    small = page.run("""
        return Array.from(document.querySelectorAll('button, select, summary')).filter(node => node.checkVisibility({ visibilityProperty: true }))
          .map(node => [node.id || node.className || node.textContent, node.getBoundingClientRect()])
          .filter(([, box]) => box.height < 24 || box.width < 24).map(([name, box]) => [name, box.width, box.height])""")
    check(not small, f"too small for a finger: {small}")
    menu = page.find(".menu summary")
    menu.click()
    left, right = page.run("const box = document.querySelector('.menu > div').getBoundingClientRect(); return [box.left, box.right]")
    check(left >= 0 and right <= 390, f"the menu reaches from {left} to {right}")
    ActionChains(page.driver).move_to_element(page.find("#next-section h2")).click().perform()
    check(not page.run("return document.querySelector('.menu').open"), "the menu stays open")
    for block, places in (("center", ((-60, 40), (-100, -20), (-20, 120))), ("end", ((-120, 60), (-120, 120)))):
        # With the caret in the text, too.
        page.run("document.getElementById('text').focus(); document.getElementById('map').scrollIntoView({ block: arguments[0] })", block)
        if block == "end": page.run("scrollBy(0, 400)")
        at = page.run("return Math.round(document.getElementById('map').getBoundingClientRect().top)")
        for x, y in places:
            ActionChains(page.driver).move_to_element_with_offset(page.find("#map"), x, y).click().perform()
            box, echo, paper, now = page.run("""
                const boxOf = id => document.getElementById(id).getBoundingClientRect(), card = boxOf('pair');
                return [[card.left, card.top, card.right, card.bottom], boxOf('echo').top, boxOf('paper').bottom, Math.round(boxOf('map').top)]""")
            check(now == at, f"a tap on a cell moves the map from {at} to {now}")
            inside = 0 <= box[0] and box[2] <= 390 and paper <= box[1] and box[3] <= echo
            check(page.find("#pair").is_displayed() and inside, f"the arithmetic is at {box}, there is room from {paper} to {echo}")
            page.find("#pair .close").click()
    page.shot("phone-map")
    top, bottom = page.run("const box = document.getElementById('paper').getBoundingClientRect(); return [box.top, box.bottom]")
    check(0 <= top and bottom <= 844, "the text is out of sight of the map")
    page.size(1366, 768)


def check_readers(page, sampled):
    check_steady(page)
    check_rows(page)
    check_exercises(page)
    check_numbers(page)
    check_maps(page)
    check_patching(page)
    check_writing_at_caret(page, sampled)
    check_introduction(page)
    check_phone(page)
    check_script_typing(page)
