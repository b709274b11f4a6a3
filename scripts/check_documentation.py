"""Opens the documentation in a browser. See check-documentation.sh."""
import functools
import http.server
import pathlib
import sys
import threading
import time

from browser import Page, check

site = pathlib.Path(sys.argv[1])
screenshots = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None

# The page, and what it shows.
PAGES = {
    "": ["TinyGPT", "One import TinyGPT gives everything here.", "From text to model", "Reading attention", "Writing an operation"],
    "documentation/tinygpt/fromtexttomodel/": ["From text to model", "LoadedText.builtIn", "validation loss 2.0 nats"],
    "documentation/tinygpt/readingattention/": ["Reading attention", "induction head", "Olsson et al. 2022"],
    "documentation/tinygpt/writinganoperation/": ["Writing an operation", "func softplus() -> Tensor", "GradientTests"],
    "documentation/tinygpt/tensor/gelu()/": ["Hendrycks and Gimpel 2016", "x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2"],
}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
threading.Thread(target=server.serve_forever, daemon=True).start()
page = Page(screenshots)
try:
    for path, texts in PAGES.items():
        page.driver.get(f"http://127.0.0.1:{server.server_port}/{path}")
        end = time.monotonic() + 60
        while (missing := [text for text in texts if text not in page.find("body").text]) and time.monotonic() < end:
            time.sleep(0.1)
        check(not missing, f"{path or 'the first page'} does not show {missing}")
        page.shot(path.strip("/").split("/")[-1] or "first")
        errors = [entry["message"] for entry in page.driver.get_log("browser") if entry["level"] != "INFO"]
        check(not errors, f"{path}: the console says {errors}")
finally:
    page.driver.quit()
print(f"{len(PAGES)} pages of the documentation: right")
