import xml.etree.ElementTree as ET

from alexcore.figures.size_strip import draw_size_strip

SVG = "{http://www.w3.org/2000/svg}"


def test_strip_has_a_bar_for_every_unbroken_run() -> None:
    root = ET.fromstring(draw_size_strip({"full": [40, 41, 42, 60], "half": []}, 32, 95, 41))
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert titles == ["40 to 42", "60 to 60"]
    bars = [bar for bar in root.iter(f"{SVG}rect") if bar.find(f"{SVG}title") is not None]
    # 640 units for 64 sizes, from 138: size 40 begins at 138 + 8 x 10.
    assert [(bar.get("x"), bar.get("width")) for bar in bars] == [
        ("218.0", "30.0"),
        ("418.0", "10.0"),
    ]


def test_strip_marks_the_middle_of_the_current_size() -> None:
    root = ET.fromstring(draw_size_strip({"full": [40]}, 32, 95, 33))
    (line,) = root.iter(f"{SVG}line")
    assert line.get("x1") == line.get("x2") == "153.0"
