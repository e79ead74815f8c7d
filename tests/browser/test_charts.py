"""Charts in Chromium: drawn in place by the library our own server sends, clicked, zoomed."""

import re

from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests.browser.server import NEEDS_CHROMIUM, Server, open_page

pytestmark = NEEDS_CHROMIUM

CURVES = "Training and validation loss and accuracy of 12 runs"


def find_chart(page: Page, alt: str) -> Locator:
    """Return a chart once it is drawn."""
    chart = page.get_by_role("img", name=alt)
    expect(chart).to_have_attribute("data-drawn", re.compile(r"\d"))
    return chart


def test_the_library_is_fetched_once_and_kept(browser: Browser, server: Server) -> None:
    context = browser.new_context()
    page = context.new_page()
    answers: list[Response] = []
    page.on("response", lambda r: answers.append(r) if "plotly-" in r.url else None)
    page.goto(f"{server.url}/training")
    find_chart(page, CURVES)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Feature maps").click()
    find_chart(page, "The likeliest classes")
    assert len(answers) == 1 and answers[0].url.startswith(server.url)
    assert "immutable" in answers[0].headers["cache-control"]
    page.reload()
    find_chart(page, "The likeliest classes")
    assert len(answers) == 2 and answers[1].from_service_worker is False
    sent = page.evaluate(
        "() => performance.getEntriesByType('resource').find((r) => r.name.includes('plotly-'))"
        ".transferSize"
    )
    assert sent == 0  # from the browser's own cache
    context.close()


def test_a_slider_changes_the_chart_in_its_place(browser: Browser, server: Server) -> None:
    tall = {"width": 1440, "height": 1200}
    with open_page(browser, server, "training", viewport=tall) as page:
        chart = find_chart(page, CURVES)
        node = chart.element_handle()
        read = "n => [n.data.length, n.data.find(t => t.name).y.bdata, n.layout.xaxis.range]"
        traces, before, whole = chart.evaluate(read)
        assert traces == 32  # two sides, loss and accuracy, four configurations, each with its band
        box = chart.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 150, box["y"] + 100)  # a zoom, as the hand does it
        page.mouse.down()
        page.mouse.move(box["x"] + 260, box["y"] + 100, steps=6)
        page.mouse.up()
        zoom = chart.evaluate(read)[2]
        assert zoom[0] > whole[0] and zoom[1] < whole[1]
        page.wait_for_timeout(500)  # a click soon after a drag is Plotly's double click
        chart.locator(".legendtoggle").first.click(delay=50)
        page.wait_for_function("n => n.data.some(t => t.visible === 'legendonly')", arg=node)
        page.get_by_role("slider", name="Smoothing: half-life in images").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "([node, before]) => node.data.find(t => t.name).y.bdata !== before", arg=[node, before]
        )
        zoomed = chart.evaluate(read)[2]
        assert zoomed == zoom  # which survives
        hidden = chart.evaluate("n => n.data.filter(t => t.visible === 'legendonly').length")
        assert hidden > 0  # and so does what the legend switched off
        assert page.evaluate("node => node.isConnected", node)


def test_a_cell_of_the_matrix_opens_its_pictures(browser: Browser, server: Server) -> None:
    tall = {"width": 1440, "height": 1000}
    with open_page(browser, server, "training?tview=One+run&run=full-b16", viewport=tall) as page:
        chart = find_chart(page, "Confusion matrix of full-b16")
        box = chart.evaluate(
            "n => { const { xaxis: x, yaxis: y } = n._fullLayout, r = n.getBoundingClientRect();"
            " return [r.x + x._offset + x.l2p(3), r.y + y._offset + y.l2p(2)] }"
        )  # the middle of (true muse, predicted sprig)
        page.mouse.move(*box)
        page.wait_for_function("n => n._hoverdata?.length", arg=chart.element_handle())
        page.mouse.click(*box)
        expect(page.get_by_text("6 of 6, the most confident first.")).to_be_visible()
        assert "cell=muse%2C+predicted+sprig" in page.url


def test_the_theme_and_the_width_are_followed(browser: Browser, server: Server) -> None:
    with open_page(browser, server, "training", color_scheme="dark") as page:
        chart = find_chart(page, CURVES)
        ink = "n => getComputedStyle(n.querySelector('.xtick text')).fill"
        assert chart.evaluate(ink) == "rgb(230, 231, 234)"  # the dark theme's text
        page.emulate_media(color_scheme="light")
        page.wait_for_function(
            "() => getComputedStyle(document.querySelector('.alexcore-chart .xtick text')).fill"
            " === 'rgb(34, 37, 43)'"
        )
        wide = chart.evaluate("n => n.layout.height")
        line = "n => n.data.find(t => t.name).y.bdata"
        before = chart.evaluate(line)
        page.get_by_role("slider", name="Smoothing: half-life in images").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "before => document.querySelector('.alexcore-chart').data.find(t => t.name).y.bdata"
            " !== before", arg=before,
        )  # fmt: skip
        latest = chart.evaluate(line)
        page.set_viewport_size({"width": 390, "height": 900})
        page.wait_for_function("() => document.querySelector('.alexcore-chart').layout.width < 400")
        assert chart.evaluate("n => n.layout.height") > 1.6 * wide  # four panels below each other
        page.wait_for_timeout(300)
        assert chart.evaluate(line) == latest  # another width brings back no older curve


def test_the_difference_to_see_is_in_the_link_and_marked(browser: Browser, server: Server) -> None:
    link = "training?finding=How+many+seeds&difference=2.0"
    with open_page(browser, server, link) as page:
        chart = find_chart(page, "Seeds needed to see a difference, over the difference")
        mark = "n => n.data[2].x[0]"
        assert chart.evaluate(mark) == 2
        page.get_by_role("slider", name="True difference, points").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => location.search.includes('difference=2.1')")
        page.wait_for_function(f"n => ({mark})(n) === 2.1", arg=chart.element_handle())
        expect(page.get_by_text("would see a true difference of 2.1 points")).to_be_visible()
        page.get_by_role("tab", name="Equivalent?").click()
        page.wait_for_function("() => location.search.includes('finding=Equivalent')")
