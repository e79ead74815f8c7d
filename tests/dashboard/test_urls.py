"""Links of version 0.1 open what they opened then."""

import pytest

from alexcore.dashboard import urls
from tests.dashboard.conftest import OpenPage

_BESIDE = {"fview": "Side by side"}
OLD_LINKS = {
    ("scale", "unit"): ("feature_maps", {}, "per channel"),
    ("scale", "layer"): ("feature_maps", {}, "per layer"),
    ("scale", "fixed"): ("feature_maps", {}, "fixed range"),
    ("bscale", "unit"): ("feature_maps", _BESIDE, "per channel"),
    ("bscale", "both"): ("feature_maps", _BESIDE, "both by one range"),
    ("charts", "one a kind"): ("training", {}, "one chart a configuration"),
}


def test_every_alias_has_a_link() -> None:
    assert urls._OLD_VALUES.keys() <= OLD_LINKS.keys()


@pytest.mark.parametrize(("name", "old"), OLD_LINKS)
def test_an_old_link_opens_what_it_opened(open_page: OpenPage, name: str, old: str) -> None:
    page, view, now = OLD_LINKS[name, old]
    at = open_page(page, **view, **{name: old})
    assert at.session_state[name] == now
    assert at.query_params.get(name) != old
    assert not at.exception and not at.error and not at.warning
