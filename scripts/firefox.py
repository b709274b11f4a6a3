"""A headless Firefox without a network, driven by its own protocol (Marionette): it needs no driver beside it."""
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

PREFERENCES = {
    "marionette.port": 0, "browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False,
    # All that asks for the network is sent to a port where nothing listens.
    "network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9, "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9, "network.dns.disabled": True,
}


class FirefoxPage:
    """As much of ``browser.Page`` as a check of numbers needs."""

    @staticmethod
    def is_installed():
        return shutil.which("firefox-esr") or shutil.which("firefox")

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.profile.name)
        (folder / "user.js").write_text("".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
                                                for name, value in PREFERENCES.items()))
        self.process = subprocess.Popen(
            [self.is_installed(), "--headless", "--no-remote", "--marionette", "--profile", self.profile.name],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = folder / "MarionetteActivePort"
        deadline = time.monotonic() + 60
        while not (port.exists() and port.read_text()):
            assert self.process.poll() is None and time.monotonic() < deadline, "Firefox does not start"
            time.sleep(0.2)
        self.socket = socket.create_connection(("127.0.0.1", int(port.read_text())), timeout=300)
        self.pending, self.number = b"", 0
        self._message()
        self._command("WebDriver:NewSession", {"strictFileInteractability": True})

    def _message(self):
        """What the browser says: a length, a colon, JSON."""
        def more():
            received = self.socket.recv(1 << 16)
            assert received, "Firefox has closed the connection"
            self.pending += received
        while b":" not in self.pending:
            more()
        length, rest = self.pending.split(b":", 1)
        self.pending = rest
        while len(self.pending) < int(length):
            more()
        message, self.pending = self.pending[:int(length)], self.pending[int(length):]
        return json.loads(message)

    def _command(self, name, parameters):
        self.number += 1
        text = json.dumps([0, self.number, name, parameters]).encode()
        self.socket.sendall(str(len(text)).encode() + b":" + text)
        _, _, error, result = self._message()
        assert not error, f"Firefox: {name}: {error}"
        return result

    def open(self, path):
        self._command("WebDriver:Navigate", {"url": path.as_uri()})

    def run(self, script, *arguments):
        # The page's own objects are behind a wrapper otherwise.
        return self._command("WebDriver:ExecuteScript", {"script": script, "args": list(arguments), "sandbox": None})["value"]

    def quit(self):
        try:
            self._command("Marionette:Quit", {"flags": ["eForceQuit"]})
            self.process.wait(30)
        finally:
            self.process.kill()
            self.process.wait()
            self.profile.cleanup()
