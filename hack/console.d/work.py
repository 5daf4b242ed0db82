"""What people do: log in, deploy, call, read logs, scale, edit, keep secrets, remove; and go on after a restart."""

import json
import re

IMAGE = "docker.io/faasd/busybox:latest"
state = {}


def login(console):
    page = console.page()
    answer = page.goto(f"{console.url}/ui/")
    policy = answer.headers["content-security-policy"]
    console.check("'unsafe" not in policy and "default-src 'none'" in policy, f"the policy is {policy}")
    console.shot(page, "login")
    console.accessible(page, "login")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("The name or the password is wrong.").wait_for()
    page.get_by_label("Password").fill(console.password)
    page.keyboard.press("Enter")
    page.get_by_text("No function is deployed yet").wait_for()
    console.check("faas-cli deploy" in page.locator("pre.command").inner_text(), "the first steps name no command")
    console.shot(page, "empty")
    console.check(page.context.cookies() == [], "there is a cookie")
    console.check(page.evaluate("sessionStorage.length") == 0, "the session storage is used")
    # A reload is no logout.
    page.reload()
    page.get_by_text("No function is deployed yet").wait_for()
    state["page"] = page


def deploy(console):
    page = state["page"]
    page.get_by_role("link", name="Deploy a function").click()
    page.get_by_label("Image").fill("no image at all")
    page.get_by_label("Name", exact=True).fill("echo")
    page.get_by_role("button", name="Deploy").click()
    page.locator(".problem").wait_for()
    console.check("image" in page.locator(".problem").inner_text().lower(), "a bad image is refused without a reason")
    page.get_by_label("Image").fill(IMAGE)
    page.get_by_label("Command").fill("tee /dev/stderr")
    page.get_by_text("More settings").click()
    page.get_by_label("Environment").fill("GREETING=a=b")
    page.get_by_role("button", name="Deploy").click()
    page.get_by_role("heading", name="echo", exact=True).wait_for()
    page.locator(".headline .pill", has_text="running").wait_for()


def invoke(console):
    page = state["page"]
    page.get_by_label("Body", exact=True).fill("hello <b>you</b>")
    page.keyboard.press("Control+Enter")
    page.locator(".answer .pill", has_text="200").wait_for()
    console.check(page.locator(".answer pre.body").inner_text() == "hello <b>you</b>", "the answer is not what was sent")
    console.check(re.search(r"[\d.]+ m?s in all", page.locator(".answer").inner_text()) is not None, "no time is told")
    console.shot(page, "invoked")
    page.get_by_role("button", name="JSON").click()
    page.get_by_label("Body", exact=True).fill("{")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("The body is not JSON").wait_for()
    page.get_by_label("Body", exact=True).fill('{"a":[1]}')
    page.get_by_text("Headers", exact=True).click()
    page.get_by_label("One a line").fill("X-Mine: yes")
    with page.expect_request("**/function/echo**") as sent:
        page.get_by_role("button", name="Send").click()
    headers = sent.value.headers
    console.check(headers.get("x-mine") == "yes" and headers.get("content-type") == "application/json", f"headers {headers}")
    console.check("authorization" not in headers and "cookie" not in headers, "a function is told of the session")
    page.locator(".answer pre.body", has_text='"a": [').wait_for()
    page.get_by_role("button", name="File").click()
    page.locator("input[type=file]").set_input_files({"name": "f.bin", "mimeType": "", "buffer": bytes([0, 1, 255]) * 9})
    page.get_by_role("button", name="Send").click()
    page.locator(".answer pre.body", has_text="000000  00 01 ff").wait_for()
    page.get_by_role("button", name="Text").click()


def logs(console):
    page = state["page"]
    page.get_by_role("link", name="Logs", exact=True).click()
    page.locator(".log", has_text="hello <b>you</b>").first.wait_for()
    console.check(page.locator(".log b").count() == 0, "a log line became markup")
    page.get_by_label("Search the logs").fill("YOU</b>")
    page.locator("mark", has_text="you</b>").first.wait_for()
    console.eventually(lambda: page.locator(".log").count() == 1, "one line is like that")
    page.get_by_label("Search the logs").fill("")
    console.api("POST", "/function/echo", "while it is open\n")
    page.locator(".log", has_text="while it is open").wait_for()


def scale(console):
    page = state["page"]
    page.get_by_role("button", name="Scale").click()
    page.get_by_label("One more").click()
    page.locator("dialog").get_by_role("button", name="Scale").click()
    console.eventually(lambda: page.locator(".figures dd").first.inner_text() == "2", "two replicas are shown")
    page.get_by_role("link", name="Settings").click()
    console.eventually(lambda: page.locator(".settings tbody tr").count() == 2, "two replicas are listed")


def charts(console):
    page = state["page"]
    page.get_by_role("link", name="Charts").click()

    def is_drawn():
        console.api("POST", "/function/echo", "x")
        return "L" in (page.locator(".chart .line.a").first.get_attribute("d") or "")

    console.eventually(is_drawn, "the chart of calls has a line")
    text = page.locator("figure", has_text="Memory").inner_text()
    console.check("MiB" in text or "KiB" in text, f"the memory is not measured: {text}")
    page.get_by_role("button", name="1 hour").click()
    page.get_by_text("−60 min").first.wait_for()


def later(console):
    page = state["page"]
    page.get_by_role("link", name="Invoke").click()
    page.get_by_label("later (asynchronous)").check()
    page.get_by_label("Body", exact=True).fill("later")
    page.get_by_role("button", name="Send").click()
    page.locator(".answer .pill", has_text="202").wait_for()
    page.get_by_role("link", name="Calls").last.click()
    page.locator("td .pill", has_text="succeeded").first.wait_for()
    body = {"service": "fails", "image": IMAGE, "envProcess": "false", "annotations": {"com.openfaas.retry.attempts": "1"}}
    console.check(console.api("POST", "/system/functions", json.dumps(body))[0] == 202, "fails is deployed")
    console.check(console.api("POST", "/async-function/fails", "x")[0] == 202, "a call is taken")
    console.go(page, "#/calls")
    page.locator("tr", has_text="fails").locator(".pill", has_text="dead").wait_for()
    console.shot(page, "calls")
    page.get_by_role("button", name="Dead", exact=True).click()
    with page.expect_response("**/redrive") as sent:
        page.get_by_role("button", name=re.compile("^Send [0-9a-f-]+ again$")).first.click()
    console.check(sent.value.status == 202, f"redrive answered {sent.value.status}")
    page.locator("tr", has_text="fails").locator(".pill", has_text="dead").wait_for()


def edit(console):
    page = state["page"]
    console.go(page, "#/edit/openfaas-fn/echo")
    console.eventually(lambda: page.get_by_label("Environment").input_value() == "GREETING=a=b", "the form is filled")
    page.get_by_label("Environment").fill("GREETING=hi\nLESS=<less>")
    page.get_by_role("button", name="Update").click()
    page.get_by_role("heading", name="echo", exact=True).wait_for()
    page.get_by_role("link", name="Settings").click()
    page.get_by_text("<less>", exact=True).wait_for()


def secrets(console):
    page = state["page"]
    page.get_by_role("link", name="Secrets").click()
    seen = []
    page.on("response", lambda answer: "/system/secrets" in answer.url and answer.request.method == "GET" and seen.append(answer))
    page.get_by_role("button", name="New secret").click()
    page.get_by_label("Name", exact=True).fill("api-key")
    page.get_by_label("Value").fill("s3cr3t-value")
    page.get_by_role("button", name="Keep").click()
    page.locator("td", has_text="api-key").wait_for()
    page.get_by_role("button", name="Replace api-key").click()
    page.get_by_label("Value").fill("an0ther-value")
    page.locator("dialog").get_by_role("button", name="Replace", exact=True).click()
    page.locator("dialog").wait_for(state="detached")
    page.get_by_role("button", name="Remove api-key").click()
    page.locator("dialog").get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("There is no secret in this namespace.").wait_for()
    console.check(seen and not any("value" in answer.text() for answer in seen), "a value was sent back")


def restart(console):
    page = state["page"]
    console.go(page, "#/")
    page.locator(".row", has_text="echo").wait_for()
    console.ask("stop")
    page.get_by_text("The daemon does not answer.").wait_for()
    console.shot(page, "lost")
    console.ask("start")
    page.locator("#notice:empty").wait_for(state="attached", timeout=20_000)
    console.check(page.locator("dialog.login").count() == 0, "the restart asks for a login")
    console.go(page, "#/f/openfaas-fn/echo")
    page.get_by_label("Body", exact=True).fill("after")
    page.get_by_role("button", name="Send").click()
    page.locator(".answer pre.body", has_text="after").wait_for()


def remove(console):
    page = state["page"]
    console.go(page, "#/f/openfaas-fn/echo")
    page.get_by_role("button", name="Remove").click()
    page.locator("dialog").get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("table", name="Functions").wait_for()
    console.eventually(lambda: page.get_by_role("link", name="echo", exact=True).count() == 0, "echo is off the list")
    console.check(console.api("GET", "/system/function/echo")[0] == 404, "echo is still there")
    page.get_by_role("button", name="Log out").click()
    page.locator("dialog.login").wait_for()
    page.go_back()
    console.check(page.locator("dialog.login").count() == 1, "going back undoes the logout")
