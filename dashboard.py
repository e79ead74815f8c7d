"""``streamlit run dashboard.py``."""

from alexcore.dashboard.app import create_app

app = create_app()
