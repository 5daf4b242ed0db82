"""A browser before the console, and what every step needs: expectations that go on, screenshots, and favours that only
the test beside it can do."""

import os
import pathlib
import time
import urllib.parse
import urllib.request

from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).parent
SIZES = {"desk": (1280, 800), "phone": (390, 844)}


class Console:
    def __init__(self, url, password, out, asks):
        self.url, self.password, self.out, self.asks = url, password, pathlib.Path(out), asks
        self.problems, self.elsewhere, self.complaints = [], set(), []
        self.playwright = sync_playwright().start()
        # Tests are root, and have their own namespaces around them instead of the browser's.
        self.browser = self.playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"])

    def close(self):
        self.browser.close()
        self.playwright.stop()

    def check(self, holds, sentence):
        if not holds:
            self.problems.append(sentence)
            print(f"FAILED: {sentence}", flush=True)

    def page(self, scheme="light", size="desk", **more):
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB", **more)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("request", self._saw)
        page.on("console", lambda message: message.type in ("error", "warning") and self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.check(False, f"a script failed: {error}"))
        return page

    def _saw(self, request):
        if not request.url.startswith((self.url + "/", "blob:" + self.url, "data:")):
            self.elsewhere.add(request.url)

    def open(self, page, url):
        """Goes somewhere. A new replica brings a new network, at which Chromium breaks off what it loads."""
        try:
            return page.goto(url)
        except Exception as error:
            if "ERR_NETWORK_CHANGED" not in str(error):
                raise
            return page.goto(url)

    def log_in(self, page, path="#/"):
        self.open(page, f"{self.url}/ui/{path}")
        page.get_by_label("Password").fill(self.password)
        page.get_by_role("button", name="Log in").click()
        page.locator("dialog.login").wait_for(state="detached")

    def go(self, page, path):
        page.evaluate("(path) => { location.hash = path; }", path)

    def shot(self, page, name):
        page.screenshot(path=self.out / f"{name}.png")

    def shoot_all(self, name):
        """What there was to see when a step stopped."""
        for context in self.browser.contexts:
            for page in context.pages:
                self.shot(page, f"stopped-{name}-{len(list(self.out.glob('stopped-*')))}")

    def accessible(self, page, where):
        for problem in page.evaluate((HERE / "checks.js").read_text()):
            self.check(False, f"{where}: {problem}")

    def api(self, method, path, body=None, headers=None):
        """Asks as a program does: (status, text)."""
        handler = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        handler.add_password(None, self.url, "admin", self.password)
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(handler))
        request = urllib.request.Request(
            self.url + path, data=body.encode() if body is not None else None, method=method, headers=headers or {})
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def ask(self, favour):
        """Has the test beside this do what a page cannot, such as a restart; waits until it is done."""
        path = pathlib.Path(self.asks)
        path.with_suffix(".new").write_text(favour)
        path.with_suffix(".new").rename(path)
        self.eventually(lambda: not path.exists(), f"the test does: {favour}", 90)

    def eventually(self, holds, fact, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if holds():
                return True
            time.sleep(0.05)
        self.check(False, f"did not happen: {fact}")
        return False


def quoted(text):
    return urllib.parse.quote(text, safe="")
