"""What a rerun sends: pictures and points travel once, messages stay small."""

from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.server import NEEDS_CHROMIUM, Server, settle
from tests.browser.traffic import Traffic

pytestmark = NEEDS_CHROMIUM

SMALL = 25_000
"""Bytes of a rerun's messages. They are 18 to 20 kB; with points and atlas of thirty pictures among
them they were 35, with the pictures of twenty cards 126.
"""


def count_once(files: list[Request]) -> int:
    """Return how many files there are, and see that none was asked for twice."""
    assert len({file.url for file in files}) == len(files)
    return len(files)


def circle(page: Page, canvas: Locator, right: float) -> None:
    """Draw a line around the points left of a share of the map's width."""
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    for x, y in ((right, 0.005), (right, 0.995), (0.005, 0.995), (0.005, 0.01)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
    page.mouse.up()


def wait_for_pictures(page: Page, alt: str, count: int) -> None:
    """Wait until so many pictures of a grid were fetched and decoded."""
    pictures = page.get_by_alt_text(alt)
    expect(pictures).to_have_count(count)
    for picture in pictures.all():
        picture.evaluate("picture => picture.decode()")


def test_a_line_on_the_map_sends_neither_points_nor_pictures_again(
    page: Page, server: Server
) -> None:
    page.set_viewport_size({"width": 1440, "height": 1600})  # so that every card is in view
    traffic = Traffic(page)
    page.goto(f"{server.url}/retrieval?rview=Map")
    canvas = page.get_by_role("img", name="Map of 30 pictures by PCA")
    canvas.wait_for()
    settle(page, "Retrieval")
    assert len(traffic.find_published(".json")) == 1  # the points; no picture is looked at yet
    traffic.clear()
    circle(page, canvas, 0.995)
    expect(page.get_by_text("30 pictures", exact=True)).to_be_visible()
    wait_for_pictures(page, "Picture ", 30)
    settle(page, "Retrieval")
    assert not traffic.find_published(".json", ".jpg")
    assert len(traffic.find_published(".bin")) == 1  # thirty pictures in one file
    assert traffic.frames < SMALL
    traffic.clear()
    circle(page, canvas, 0.5)
    expect(page.get_by_text("30 pictures", exact=True)).to_have_count(0)
    settle(page, "Retrieval")
    assert page.get_by_alt_text("Picture ").count() > 4
    assert not traffic.find_published(".bin", ".json", ".jpg")  # they are here already
    assert traffic.frames < SMALL


def test_a_card_that_is_chosen_sends_no_picture_again(page: Page, server: Server) -> None:
    traffic = Traffic(page)
    page.goto(f"{server.url}/retrieval?k=20")
    settle(page, "Retrieval")
    wait_for_pictures(page, "Neighbour ", 20)
    assert len(traffic.find_published(".bin")) == 1
    traffic.clear()
    card = page.get_by_alt_text("Neighbour ").nth(3)
    card.click()
    expect(page.get_by_role("button", name="More like this")).to_be_visible()
    settle(page, "Retrieval")
    expect(page.get_by_role("button", pressed=True).get_by_alt_text("Neighbour ")).to_have_count(1)
    assert not traffic.find_published(".bin")
    assert traffic.frames < SMALL
    traffic.clear()
    page.get_by_role("radio", name="cosine").click()
    settle(page, "Retrieval")
    wait_for_pictures(page, "Neighbour ", 20)
    assert len(traffic.find_published(".bin")) <= 1  # cosine finds mostly the same pictures
    assert traffic.frames < SMALL
