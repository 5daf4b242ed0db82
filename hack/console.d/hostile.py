"""What comes from functions and from other sites is text, and reaches neither the session nor the API."""

import json

from work import IMAGE, state

MARKUP = '<img src=x onerror="document.title=\'owned\'">'

# Words of an echo: whatever is between is one space.
PAGE = """<title>page</title><script>
const seen = [document.cookie, JSON.stringify(history.state), JSON.stringify({ ...sessionStorage }),
JSON.stringify({ ...localStorage }), JSON.stringify(globalThis.navigation?.entries().map((entry) => entry.getState()))].join();
const frame = document.createElement("iframe"); frame.src = "/ui/"; document.documentElement.append(frame);
Promise.all([fetch("/system/functions"), fetch("/system/functions", { method: "DELETE", body: JSON.stringify({
functionName: "echo" }) }), new Promise((done) => { frame.onload = () => { let text = "closed"; try {
text = frame.contentDocument.querySelector("main") ? "open" : "closed"; } catch {} done({ status: text }); }; })])
.then((all) => { document.title = "asked " + all.map((one) => one.status) + " saw " + seen; });
</script>"""

FORM = """<title>form</title><form method=post enctype=text/plain action=%s/system/functions><input name='{"service":"planted",
"image":"docker.io/faasd/busybox:latest","envProcess":"cat","envVars":{"x' value='":"y"}}'></form>
<script>document.forms[0].submit();</script>"""


def page_function(console, name, text):
    body = {"service": name, "image": IMAGE, "envProcess": "echo " + " ".join(text.split()), "envVars": {"content_type": "text/html"}}
    status, words = console.api("POST", "/system/functions", json.dumps(body))
    console.check(status == 202, f"{name} is not deployed: {status} {words}")


def text(console):
    page = state["page"]
    body = {
        "service": "hostile", "image": IMAGE, "envProcess": f"echo {MARKUP}",
        "envVars": {"A": MARKUP}, "labels": {"team": MARKUP}, "annotations": {"note": MARKUP},
    }
    status, words = console.api("POST", "/system/functions", json.dumps(body))
    console.check(status == 202, f"hostile is not deployed: {status} {words}")
    console.go(page, "#/f/openfaas-fn/hostile/settings")
    console.eventually(lambda: page.locator("dd", has_text=MARKUP).count() >= 4, "labels, annotations, environment, command are text")
    console.go(page, "#/f/openfaas-fn/hostile/invoke")
    page.get_by_role("button", name="Send").click()
    page.locator(".answer pre.body", has_text=MARKUP).wait_for()
    console.go(page, f"#/f/{'%3Cb%3E'}/{'%3Cimg src=x%3E'}")
    page.get_by_text("not deployed").wait_for()
    console.check(page.locator("main img, main b, main iframe").count() == 0, "something became markup")
    console.check("owned" not in page.title(), "a script of a function ran in the console")


def function_page(console):
    """A function's page in the tab of the console, at the same address, with its scripts."""
    page_function(console, "page", PAGE)
    page = console.page()
    console.log_in(page)
    token = page.evaluate("history.state.token")
    console.open(page, f"{console.url}/function/page")
    console.eventually(lambda: page.title().startswith("asked"), "the page of the function has run")
    title = page.title()
    console.check(title.startswith("asked 403,403,closed"), f"a function's page got: {title}")
    console.check(token not in title and token.split(".")[1] not in title, "a function's page saw the token")
    page.go_back()
    page.locator(".row", has_text="page").first.wait_for()
    console.check(page.locator("dialog.login").count() == 0, "coming back from a function is a logout")
    console.complaints.clear()
    page.context.close()


def other_sites(console):
    """The browser knows the password, as after an address typed into it, and another site's page posts a form."""
    page_function(console, "form", FORM % console.url)
    page = console.page(http_credentials={"username": "admin", "password": console.password})
    answers = []
    page.on("response", lambda answer: answer.request.method == "POST" and answers.append(answer.status))
    console.open(page, console.url.replace("127.0.0.1", "localhost") + "/function/form")
    console.eventually(lambda: 403 in answers, f"the form is refused: {answers}")
    console.check(console.api("GET", "/system/function/planted")[0] == 404, "another site has deployed a function")
    # The address bar is a person's, and stays open to the password.
    console.check(console.open(page, f"{console.url}/system/functions").status == 200, "the address bar is refused")
    console.open(page, f"{console.url}/function/page")
    console.eventually(lambda: page.title().startswith("asked"), "the page of the function has run")
    console.check(page.title().startswith("asked 403,403,closed"), f"with the password in the browser: {page.title()}")
    status, _ = console.api("GET", "/system/functions", headers={"Authorization": "Bearer nobody.knows"})
    console.check(status == 401, f"a made-up token is answered {status}")
    console.elsewhere = {url for url in console.elsewhere if not url.startswith("http://localhost:")}
    console.complaints.clear()
    page.context.close()
