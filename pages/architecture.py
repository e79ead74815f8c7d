"""The page Architecture."""

from alexcore.dashboard.architecture.page import show_page

show_page()
