"""Links of version 0.1 open what they opened then."""

import pytest
from streamlit.testing.v1 import AppTest

from alexcore.dashboard import urls
from tests.dashboard.conftest import MAIN, OpenPage

_BESIDE = {"fview": "Side by side"}
_COMPARE = {"view": "Compare"}
OLD_LINKS = {
    ("scale", "unit"): ("feature_maps", {}, "per channel"),
    ("scale", "layer"): ("feature_maps", {}, "per layer"),
    ("scale", "fixed"): ("feature_maps", {}, "fixed range"),
    ("bscale", "unit"): ("feature_maps", _BESIDE, "per channel"),
    ("bscale", "both"): ("feature_maps", _BESIDE, "both by one range"),
    ("charts", "one a kind"): ("training", {}, "one chart a configuration"),
    ("left", "torchvision resnet18"): ("architecture", _COMPARE, "resnet18"),
    ("left", "torchvision"): ("architecture", _COMPARE, "untrained-torchvision"),
    ("right", "run full-b8"): ("architecture", _COMPARE, "full-b8"),
    ("right", "run that is gone"): ("architecture", _COMPARE, "untrained-half"),
    ("right", "zfnet"): ("architecture", _COMPARE, "untrained-zfnet"),
}


def open_directly(open_page: OpenPage, page: str, query: dict[str, str]) -> AppTest:
    """Begin a session on a page, as a link does; ``open_page`` begins on the Overview."""
    at = AppTest.from_file(str(MAIN), default_timeout=60)
    at._page_hash = open_page(page)._page_hash
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def test_a_parameter_that_no_page_reads_is_found_out(open_page: OpenPage) -> None:
    """Or a test of a link could pass with a misspelt one."""
    with pytest.raises(AssertionError, match="nothing on the page reads"):
        open_page("training", experimnt="pokemon")


def test_every_alias_has_a_link() -> None:
    assert urls._OLD_VALUES.keys() <= OLD_LINKS.keys()


@pytest.mark.parametrize(("name", "old"), OLD_LINKS)
def test_an_old_link_opens_what_it_opened(open_page: OpenPage, name: str, old: str) -> None:
    page, view, now = OLD_LINKS[name, old]
    at = open_directly(open_page, page, {**view, name: old})
    assert at.session_state[name] == now
    assert at.query_params.get(name) != old
    assert not at.exception and not at.error and not at.warning
