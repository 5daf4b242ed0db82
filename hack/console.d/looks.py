"""What it looks like, in both colours and on a phone; what it is for a keyboard and a screen reader; and with many functions."""

import json

from work import IMAGE, state


def crash(console):
    body = {"service": "crashes", "image": IMAGE, "envProcess": "cat"}
    console.check(console.api("POST", "/system/functions", json.dumps(body))[0] == 202, "crashes is deployed")
    page = state["page"]
    console.go(page, "#/")
    row = page.locator(".row", has_text="crashes")
    row.wait_for()
    for _ in range(4):
        console.ask("crash crashes")
    row.locator(".state", has_text="crash loop").wait_for()
    # The reason is on the list itself: no click away.
    console.check("ended" in row.locator(".below").inner_text(), f"the row says {row.inner_text()}")
    console.check(page.locator(".rows .row").first.get_attribute("data-key").startswith("crashes."), "trouble is not first")
    console.shot(page, "trouble")
    row.locator(".state").click()
    page.locator(".failure").wait_for()
    console.shot(page, "failure")


def shots(console):
    places = {"list": "#/", "deploy": "#/deploy", "secrets": "#/secrets", "calls": "#/calls"}
    for tab in ("invoke", "logs", "charts", "settings"):
        places[tab] = f"#/f/openfaas-fn/echo/{tab}"
    for scheme in ("light", "dark"):
        for size in ("desk", "phone"):
            page = console.page(scheme, size)
            console.log_in(page)
            for name, path in places.items():
                console.go(page, path)
                page.wait_for_function("() => !document.querySelector('main').innerText.includes('Loading…')")
                if name == "charts":
                    page.locator(".chart .line[d]").first.wait_for()
                if name == "list":
                    page.locator(".rows .row").first.wait_for()
                console.accessible(page, f"{name} {scheme} {size}")
                console.shot(page, f"{name}-{size}-{scheme}")
            page.context.close()


def keys(console):
    page = console.page()
    console.log_in(page)
    page.locator(".row", has_text="echo").wait_for()
    page.keyboard.press("/")
    console.check(page.evaluate("document.activeElement.type") == "search", "/ does not go to the search")
    page.keyboard.type("echo")
    console.eventually(lambda: page.locator(".rows .row:visible").count() == 1, "one function is found")
    page.keyboard.press("ArrowDown")
    console.check(page.evaluate("document.activeElement.textContent") == "echo", "the arrow does not go to the function")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    console.check(outline != "none", "the focus is not seen")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="echo", exact=True).wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    page.wait_for_function("() => location.hash.endsWith('/logs')")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator(".rows .row").first.wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="Keys").wait_for(state="detached")
    # Everything that can be pressed is reached, and seen where it is.
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.getAttribute('aria-label') || ''"))
        seen = page.evaluate("document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== 'none'")
        console.check(seen, f"the focus is not seen on {page.evaluate('document.activeElement.outerHTML')}")
    for name in ("Functions", "Secrets", "Log out", "Search functions", "Deploy", "echo"):
        console.check(name in reached, f"the tabulator never comes to {name}")
    page.context.close()


def many(console):
    """Five hundred functions, as the stream would tell of them."""
    functions = [{
        "name": f"function-{number:03}", "namespace": "openfaas-fn", "image": f"registry.example/team/function-{number:03}:1",
        "replicas": 1, "availableReplicas": 1, "state": "running", "reason": "its replica takes calls",
        "createdAt": "2026-01-01T00:00:00Z"} for number in range(500)]
    snapshot = json.dumps({"time": 0, "version": "0", "functions": functions, "samples": {}})
    page = console.page()
    page.route("**/system/events*", lambda route: route.fulfill(
        status=200, content_type="text/event-stream", body=f"event: snapshot\ndata: {snapshot}\n\n"))
    console.log_in(page)
    page.locator(".row", has_text="function-000").wait_for()
    rows = page.evaluate("document.querySelectorAll('.rows .row').length")
    console.check(rows < 60, f"{rows} rows exist for what a window shows")
    times = page.evaluate("""async () => {
        const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const search = document.querySelector("input[type=search]");
        const scroller = document.querySelector(".scroller");
        const times = [];
        for (const text of ["f", "function-49", "function-499", ""]) {
            const begun = performance.now();
            search.value = text;
            search.dispatchEvent(new Event("input"));
            void document.body.offsetHeight;
            times.push(performance.now() - begun);
        }
        for (let step = 1; step <= 40; step += 1) {
            scroller.scrollTop = (scroller.scrollHeight * step) / 40;
            const begun = performance.now();
            await frame();
            times.push(performance.now() - begun);
        }
        return times;
    }""")
    print(f"many: {rows} rows; a filter takes {max(times[:4]):.1f} ms at most, two frames while scrolling {max(times[4:]):.1f} ms")
    page.locator(".row:visible", has_text="function-499").wait_for()
    page.get_by_label("Search functions").fill("function-499")
    console.eventually(lambda: page.locator(".rows .row:visible").count() == 1, "one of five hundred is found")
    page.context.close()
