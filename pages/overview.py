"""The page Overview."""

from alexcore.dashboard.overview.page import show_page

show_page()
