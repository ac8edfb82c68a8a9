"""``make pictures``: runs a fresh demo, opens it in Debian's chromium, and takes the pictures of the documentation."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "grapevine.cli", "demo", "--data", f"{folder}/demo-data"]
        demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 (our own command)
        try:
            _take(_address(demo))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def _address(demo: "subprocess.Popen[str]") -> str:
    for line in demo.stdout or ():
        if found := re.search(r"Open  (http://\S+)", line):
            return found[1]
    raise SystemExit("The demo did not come up; `make demo` shows why.")


def _take(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800}, device_scale_factor=2)
        page.goto(address)
        page.wait_for_timeout(5000)  # Home is drawn in steps: the skeleton first
        page.screenshot(path=PICTURES / "home.png")
        browser.close()


if __name__ == "__main__":
    main()
