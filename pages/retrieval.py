"""The page Retrieval."""

from alexcore.dashboard.retrieval.page import show_page

show_page()
