"""Whether the explorer can be read: contrast, forced colors, paper, and what axe finds."""
import pathlib

from browser import check

# The letters and their grounds, as the browser computes them, of every element that holds text and is seen.
CONTRASTS = """
    const luminance = color => {
      const [r, g, b] = color.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const numbers = text => text.match(/[\\d.]+/g).map(Number);
    const groundOf = node => {
      for (let at = node; at; at = at.parentElement) {
        const color = numbers(getComputedStyle(at).backgroundColor);
        if (color.length === 3 || color[3] === 1) return color.slice(0, 3);
      }
      return [255, 255, 255];
    };
    return Array.from(document.querySelectorAll(arguments[0])).filter(node => node.checkVisibility() && node.textContent.trim()
        && Array.from(node.childNodes).some(child => child.nodeType === 3 && child.data.trim())).map(node => {
      const style = getComputedStyle(node), ink = numbers(style.color).slice(0, 3), ground = groundOf(node);
      const [light, dark] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
      return [node.textContent.slice(0, 20), style.color, ground.join(), (light + 0.05) / (dark + 0.05)];
    });"""

LETTERS = "#overlay *, .panel td, aside *, #sentence *, header *, .lead, .switch, .effect, .number"


def check_contrast(page):
    """Letters on every tint, in every scale and both schemes, are at least 4.5 : 1."""
    for scheme in ("light", "dark"):
        page.media("prefers-color-scheme", scheme)
        check(page.run("return explorer.ramp()[0].join()") ==
              page.run("return getComputedStyle(document.getElementById('paper')).backgroundColor.match(/\\d+/g).join()"),
              f"in the {scheme} scheme the tints do not begin at the box's color")
        for scale in ("root", "linear", "log", "row"):
            for head in (0, 1):
                page.run("explorer.change({ scale: arguments[0], layer: 0, head: arguments[1], caret: 12, panel: 'table' })", scale, head)
                worst = min(page.run(CONTRASTS, LETTERS), key=lambda found: found[3])
                check(worst[3] >= 4.5, f"{scheme}, {scale}: contrast {worst[3]:.2f} of {worst[:3]}")
    page.media("prefers-color-scheme", "light")
    page.run("explorer.change({ scale: 'root', panel: 'map' })")


def check_accessibility(page):
    """What axe finds, where its script can be installed."""
    try:
        import axe_selenium_python
    except ImportError:
        print("axe is not there, so it has not looked at the page")
        return
    page.run((pathlib.Path(axe_selenium_python.__file__).parent / "node_modules/axe-core/axe.min.js").read_text())
    found = page.driver.execute_async_script("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] }).then(arguments[0])")
    serious = [(violation["id"], [node["html"][:120] for node in violation["nodes"][:3]]) for violation in found["violations"]]
    check(not serious, f"axe finds {serious}")


def check_forced_colors(page):
    """Under forced colors, what is pressed and what is tinted is still seen."""
    page.media("forced-colors", "active")
    pressed, plain, tinted = page.run("""
        const ground = node => getComputedStyle(node).backgroundColor;
        const button = pressed => document.querySelector(`[data-direction][aria-pressed=${pressed}]`);
        return [ground(button(true)), ground(button(false)),
          Array.from(document.querySelectorAll('#overlay [data-i]'), ground)]""")
    check(pressed != plain, "under forced colors a pressed button looks like the others")
    check(len(set(tinted)) > 3, "under forced colors the tints are gone")
    page.shot("forced-colors")
    page.media("forced-colors", "none")


def check_paper(page):
    """Tints are printed, and in the colors of white paper."""
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [dark]})
    page.run("dispatchEvent(new Event('beforeprint'))")
    adjust, ramp, ground = page.run("""
        return [getComputedStyle(document.querySelector('#overlay [data-i]')).printColorAdjust, explorer.ramp()[0],
          getComputedStyle(document.body).backgroundColor]""")
    check(adjust == "exact" and ramp == [255, 255, 255] and ground == "rgb(255, 255, 255)",
          f"printed tints are {adjust}, {ramp} on {ground}")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    page.run("dispatchEvent(new Event('afterprint'))")
