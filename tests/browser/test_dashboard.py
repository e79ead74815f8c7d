"""What only a browser shows: the console, foreign requests, the narrow screen, real uploads."""

import io
import re
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from alexcore.runs.disagreement import load_disagreement
from alexcore.runs.run import load_run
from alexcore.settings import DEMO_RUN, SHIPPED_RUNS
from tests.browser.server import NEEDS_CHROMIUM, PAGES, Server, go_to, open_page, serve, settle
from tests.waiting import wait_for

pytestmark = NEEDS_CHROMIUM


def test_every_page_is_free_of_errors(page: Page) -> None:
    for name in PAGES:
        go_to(page, name)
        for kind in ("stException", "stAlertContentError"):
            assert page.get_by_test_id(kind).count() == 0, name
        assert page.locator("img[alt='']").count() == 0, name


@pytest.mark.parametrize("name", list(PAGES))
def test_nothing_scrolls_sideways_on_a_phone(page: Page, name: str) -> None:
    go_to(page, name)
    page.set_viewport_size({"width": 390, "height": 844})
    fits = (
        "() => { const m = document.querySelector('[data-testid=stMain]');"
        " return m.scrollWidth <= m.clientWidth }"
    )
    page.wait_for_function(fits)
    settle(page, PAGES[name])
    assert page.evaluate(fits)


def test_a_phone_picture_works_on_both_pages(page: Page) -> None:
    """Twelve megapixels, stored sideways as phones do."""
    rows, columns = np.mgrid[0:3000, 0:4000]
    pixels = np.stack([rows % 256, columns % 256, (rows + columns) % 256], -1).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", exif=exif.tobytes())
    go_to(page, "Feature maps")
    photo = {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(photo)  # type: ignore[arg-type]
    grid = page.get_by_alt_text("All 48 channels of relu1 for IMG_2041")
    expect(grid).to_be_visible()
    settle(page, "Feature maps")
    go_to(page, "Retrieval")
    expect(page.get_by_alt_text("The query IMG_2041")).to_be_visible()
    expect(page.get_by_alt_text("Neighbour ")).to_have_count(10)


def test_a_text_file_named_jpg_gives_one_message(page: Page) -> None:
    note = {"name": "note.jpg", "mimeType": "image/jpeg", "buffer": b"dear diary"}
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(note)  # type: ignore[arg-type]
    message = page.get_by_test_id("stAlertContentError")
    expect(message).to_contain_text("note.jpg: this file is not a picture")
    assert message.count() == 1


def test_a_box_of_the_picture_opens_its_layer(page: Page) -> None:
    go_to(page, "Architecture")
    page.locator("g[data-layer=conv3]").click()
    expect(page.get_by_text("one cell sees 99 × 99 pixels")).to_be_visible()
    page.locator("g[data-layer=pool2]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("one cell sees 67 × 67 pixels")).to_be_visible()
    assert "detail=pool2" in page.url


def test_tiles_are_chosen_by_mouse_and_keyboard(page: Page) -> None:
    go_to(page, "Feature maps")
    tiles = page.get_by_alt_text("All 48 channels of relu1")
    box = tiles.bounding_box()
    assert box is not None
    tiles.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.1})
    expect(page.get_by_role("heading", name="relu1, channel 2", exact=True)).to_be_visible()
    settle(page, "Feature maps")  # a picture replaced before it was fetched is a 404
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="relu1, channel 3", exact=True)).to_be_visible()
    settle(page, "Feature maps")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("heading", name="relu1, channel 13", exact=True)).to_be_visible()
    settle(page, "Feature maps")
    assert "channel=13" in page.url
    cells = page.get_by_alt_text("Channel 13 of relu1, enlarged")
    cells.click(position={"x": 3, "y": 3})
    expect(page.get_by_text("Cell (0, 0) is")).to_be_visible()
    settle(page, "Feature maps")


def test_a_link_marks_the_channel_it_opens(browser: Browser, server: Server) -> None:
    with open_page(browser, server, "feature_maps?channel=12") as page:
        heading = page.get_by_role("heading", name="relu1, channel 12", exact=True)
        expect(heading).to_be_visible()
        settle(page, "Feature maps")
        board = page.get_by_alt_text("All 48 channels of relu1").bounding_box()
        mark = page.locator(".mark").first.bounding_box()
        assert board is not None and mark is not None
        column = (mark["x"] + mark["width"] / 2 - board["x"]) / board["width"] * 10
        row = (mark["y"] + mark["height"] / 2 - board["y"]) / board["height"] * 5
        assert (int(row), int(column)) == (1, 2)  # ten in a row


def test_a_part_is_covered_and_the_bars_follow(browser: Browser, server: Server) -> None:
    link = "feature_maps?model=look-half&image=volt&fview=What if&what=the picture"
    with open_page(browser, server, link) as page:
        bars = page.get_by_label("The likeliest classes and their probabilities, before and after")
        surface = page.get_by_role("application", name="What the net receives of volt")
        expect(bars).to_have_text(re.compile(r"^99\."))
        first = bars.text_content() or ""
        surface.scroll_into_view_if_needed()
        box = surface.bounding_box()
        assert box is not None
        surface.hover(position={"x": box["width"] * 0.2, "y": box["height"] * 0.5})
        page.mouse.down()
        for share in (0.4, 0.6, 0.8):
            page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * 0.5)
        page.mouse.up()
        page.wait_for_url(re.compile("cover=120[.]2"))
        expect(bars).not_to_have_text(first)
        settle(page, "Feature maps")
        surface.focus()
        for key in ("ArrowUp", "ArrowUp", "Shift+ArrowRight", "Enter"):
            page.keyboard.press(key)
        page.wait_for_url(re.compile("_0[.]350[.]330[.]670[.]630"))
        settle(page, "Feature maps")
        page.keyboard.press("Escape")
        page.wait_for_url(lambda url: "cover" not in url)
        settle(page, "Feature maps")
        expect(bars).to_have_text(first)


def test_a_row_of_the_table_opens_its_layer(page: Page) -> None:
    go_to(page, "Architecture")
    table = page.get_by_test_id("stDataFrame")
    table.click(position={"x": 15, "y": 35 * 4 + 17})
    expect(page.get_by_text("153,600 weights of half-b16-s1")).to_be_visible()


def test_a_link_reopens_the_view(browser: Browser, server: Server) -> None:
    link = "feature_maps?model=untrained-full&image=volt&layer=conv3"
    with open_page(browser, server, link) as page:
        expect(page.get_by_alt_text("All 384 channels of conv3 for volt")).to_be_visible()


def test_a_link_of_version_0_1_is_told_in_today_s_words(browser: Browser, server: Server) -> None:
    with open_page(browser, server, "feature_maps?layer=conv2&scale=layer") as page:
        expect(page.get_by_role("combobox", name="Scale", exact=True)).to_have_value("per layer")
        assert "scale=per+layer" in page.url and "layer=conv2" in page.url


def test_a_comparison_of_version_0_1_opens_on_the_same_nets(
    browser: Browser, server: Server
) -> None:
    link = "architecture?view=Compare&left=run+full-b8&right=torchvision+resnet18"
    with open_page(browser, server, link) as page:
        for name, net in (("Left", "full-b8"), ("Right", "resnet18")):
            expect(page.get_by_role("combobox", name=name, exact=True)).to_have_value(net)
        assert "left=full-b8&right=resnet18" in page.url


def test_the_choice_of_model_follows_from_page_to_page(browser: Browser, server: Server) -> None:
    with open_page(browser, server, "?model=untrained-half") as page:
        go_to(page, "Feature maps")
        expect(page.get_by_text("random weights, seed 0")).to_be_visible()
        assert "model=untrained-half" in page.url


@pytest.mark.parametrize(
    ("link", "sight"),
    [
        ("?model=untrained-half", "Loaded: untrained-half"),
        ("architecture?variant=zfnet&detail=conv2", "features.4"),
        ("training?experiment=pokemon&target=95", "runs that reached 95%"),
        ("feature_maps?image=volt&layer=conv2", "128 channels of 27 × 27"),
        ("retrieval?image=muse&k=5", "The 5 nearest of 30"),
    ],
)
def test_the_first_link_after_a_start_has_its_frame_and_its_query(
    browser: Browser, tmp_path: Path, data_folder: Path, link: str, sight: str
) -> None:
    """Streamlit's older multipage form, which a folder ``pages`` brings, would show neither."""
    with serve(tmp_path, data_folder) as fresh, open_page(browser, fresh, link) as page:
        expect(page.get_by_test_id("stSidebarNav").get_by_role("link")).to_have_count(5)
        expect(page.get_by_role("combobox", name="Model", exact=True)).to_be_visible()
        expect(page.get_by_test_id("stMain").get_by_text(sight).first).to_be_visible()
        assert all(part in page.url for part in link.split("?")[1].split("&"))


@pytest.mark.slow
def test_two_sessions_see_only_their_own_maps(browser: Browser, server: Server) -> None:
    """200 interleaved requests on one model: every sprite is the one of its own picture."""
    sessions = []
    for image in ("brook", "volt"):
        page = browser.new_context(viewport={"width": 1000, "height": 800}).new_page()
        page.goto(f"{server.url}/feature_maps?image={image}")
        settle(page, "Feature maps")
        sessions.append((page, image))

    def ask(page: Page, image: str, stage: int) -> str:
        count, label = {1: (48, "pool1"), 2: (128, "pool2")}[stage]
        page.get_by_role("radio", name=f"stage {stage}").click()
        tiles = page.get_by_alt_text(f"All {count} channels of {label} for {image}.")
        tiles.wait_for()
        return str(tiles.get_attribute("src"))

    alone = {(image, n): ask(page, image, n) for page, image in sessions for n in (1, 2)}
    assert len(set(alone.values())) == 4
    for turn in range(100):
        stage = 1 + turn % 2
        for page, image in sessions:
            assert ask(page, image, stage) == alone[image, stage]


def test_a_neighbour_is_chosen_and_asked_with(page: Page) -> None:
    go_to(page, "Retrieval")
    page.get_by_alt_text("Neighbour ").nth(1).click()
    more = page.get_by_role("button", name="More like this")
    expect(more).to_be_visible()
    settle(page, "Retrieval")
    assert "neighbour=" in page.url
    more.click()
    expect(page.get_by_role("button", name="Back", exact=True)).to_be_visible()
    settle(page, "Retrieval")
    assert "like=" in page.url
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.get_by_text("brook; predicted: brook")).to_be_visible()
    settle(page, "Retrieval")


def test_a_neighbour_is_opened_on_feature_maps(browser: Browser, server: Server) -> None:
    """From an address that names what pickers hold; a callback in a fragment cannot lead away."""
    link = "retrieval?image=brook&k=20&neighbour=brook/brook-001.png"
    with open_page(browser, server, link) as page:
        page.get_by_role("button", name="Open on Feature maps").click()
        expect(page.get_by_role("heading", name="Feature maps", exact=True)).to_be_visible()
        expect(page.get_by_text("receives of brook-001-")).to_be_visible()
        settle(page, "Feature maps")


def test_a_line_on_the_map_gathers_pictures(page: Page) -> None:
    go_to(page, "Retrieval")
    page.get_by_role("radio", name="Map").click()
    canvas = page.get_by_role("img", name="Map of 30 pictures by PCA")
    expect(canvas).to_be_visible()
    settle(page, "Retrieval")
    box = canvas.bounding_box()
    assert box is not None
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99), (0.01, 0.02)]
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()
    expect(page.get_by_text("30 pictures", exact=True)).to_be_visible()
    expect(page.get_by_alt_text("Picture ")).to_have_count(30)
    settle(page, "Retrieval")
    page.get_by_alt_text("Picture ").first.click()
    expect(page.get_by_role("button", name="Back", exact=True)).to_be_visible()
    settle(page, "Retrieval")
    assert "like=" in page.url


def test_a_run_names_its_mistakes(page: Page) -> None:
    go_to(page, "Training")
    page.get_by_role("radio", name="One run").click()
    expect(page.get_by_text("the most confident first")).to_be_visible()
    settle(page, "Training")
    assert page.get_by_test_id("stAlertContentError").count() == 0


def test_a_picture_only_one_run_gets_right_is_opened(
    browser: Browser, creatures: Path, tmp_path: Path
) -> None:
    """A button within a fragment would select the picture and stay where it is."""
    left, right = (load_run(SHIPPED_RUNS / name) for name in ("full-b16-s1", "half-b16-s1"))
    picture = tmp_path / "data" / "creatures-1" / "creatures"
    picture /= load_disagreement(left, right).only_left[0].path
    picture.parent.mkdir(parents=True)
    shutil.copyfile(next(creatures.glob("*/*.png")), picture)
    link = f"training?finding=Two+runs&arun={left.name}&brun={right.name}"
    with (
        serve(tmp_path, tmp_path / "data") as server,
        open_page(browser, server, link) as page,
    ):
        page.get_by_role("button", name="Feature maps").click()
        settle(page, "Feature maps")
        expect(page.get_by_role("combobox", name=re.compile("Image"))).to_have_value(
            re.compile(picture.stem)
        )


def test_the_tour_leads_over_the_pages(page: Page) -> None:
    sights = {
        1: ("Architecture", "18,876,416 parameters"),
        2: ("Architecture", "Zeros at conv1's border"),
        3: ("Training", "Finding."),
        4: ("Feature maps", "relu1, channel 12"),
        5: ("Feature maps", "hard-two-creatures"),
        6: ("Retrieval", f"no gallery of creatures-train for {DEMO_RUN}"),
    }
    for number, (title, sight) in sights.items():
        go_to(page, "Overview")
        step = page.get_by_role("button", name=f"{number}. ")
        if not step.is_visible():
            page.get_by_text("A tour in three minutes").click()
        step.click()
        settle(page, title)
        main = page.get_by_test_id("stMain")
        expect(main.get_by_text(sight).first).to_be_visible()
    for name, chosen in (("Model", DEMO_RUN), ("Image", "cinder-surprised")):
        picker = page.get_by_role("combobox", name=re.compile(name))
        expect(picker).to_have_value(re.compile(chosen))


def find_workers(server: Server) -> set[int]:
    """Return the processes that decode or draw for a server."""
    found = set()
    for child in psutil.Process(server.process_id).children():
        with suppress(psutil.NoSuchProcess):  # one that ended has no command line any more
            if "popen_loky" in " ".join(child.cmdline()):
                found.add(child.pid)
    return found


def test_long_work_is_stopped_by_one_click(browser: Browser, tmp_path: Path) -> None:
    """Drawing the demo set takes a quarter of a minute; what was drawn before the click stays."""
    data = tmp_path / "data"
    with serve(tmp_path, data) as server, open_page(browser, server) as page:
        go_to(page, "Retrieval")
        before = find_workers(server)
        page.get_by_role("button", name="Build the gallery").click()
        page.get_by_text(re.compile(r"Drawing creatures: [1-9]")).wait_for()
        page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
        expect(page.get_by_test_id("stProgress")).to_have_count(0)
        expect(page.get_by_role("button", name="Build the gallery")).to_be_enabled()
        wait_for(lambda: find_workers(server) <= before)  # the picture in hand is still written
        drawn = len(list(data.rglob("*.png")))
        assert 0 < drawn < 1000
        page.wait_for_timeout(1500)
        assert len(list(data.rglob("*.png"))) == drawn
        go_to(page, "Feature maps")
        page.get_by_role("button", name="Find them").click()
        page.get_by_text("Drawing creatures: ").wait_for()
        page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
        expect(page.get_by_test_id("stProgress")).to_have_count(0)
        expect(page.get_by_role("button", name="Find them")).to_be_enabled()
