"""The page Training."""

from alexcore.dashboard.training.page import show_page

show_page()
