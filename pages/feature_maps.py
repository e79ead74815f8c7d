"""The page Feature maps."""

from alexcore.dashboard.feature_maps.page import show_page

show_page()
