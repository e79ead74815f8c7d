"""What Streamlit runs for every page and click."""

from alexcore.dashboard.app import navigate

navigate()
