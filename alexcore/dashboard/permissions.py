"""Who may do what: read-only mode for public demos, and an optional login."""

from typing import Literal

import streamlit as st
from streamlit.runtime.secrets import secrets_singleton

from alexcore.errors import AlexcoreError
from alexcore.extras import describe_install, has_extra
from alexcore.settings import is_read_only


def refuse_writing(what: str) -> None:
    """Stop what would write while the dashboard is read-only.

    Raises:
        AlexcoreError: It is.
    """
    if is_read_only():
        raise AlexcoreError(
            f"this dashboard is read-only, so {what} is switched off. Run your own copy to do it."
        )


def ask_to_write(
    label: str, icon: str, purpose: str | None = None, primary: bool = True, key: str | None = None
) -> bool:
    """Show a button for what writes; while the dashboard is read-only it is grey and says why."""
    closed = is_read_only()
    why = "This dashboard is read-only; run your own copy to do this." if closed else purpose
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    return st.button(label, icon=icon, type=kind, disabled=closed, help=why, key=key)


def require_login() -> None:
    """Where an identity provider is configured, show nothing before somebody logged in.

    It is configured by an ``[auth]`` section in ``.streamlit/secrets.toml``, as Streamlit's
    ``st.login`` reads it; without one the dashboard is open to whoever reaches it.
    """
    if not secrets_singleton.load_if_toml_exists() or "auth" not in st.secrets:
        return
    if st.user.get("is_logged_in", False):
        with st.sidebar:
            st.button("Log out", on_click=st.logout, icon=":material/logout:")
        return
    st.title("Inside AlexNet")
    if not has_extra("auth"):
        st.error(f"The login needs packages that are not here: `{describe_install('auth')}`.")
        st.stop()
    st.markdown("Log in to look inside.")
    st.button("Log in", on_click=st.login, type="primary", icon=":material/login:")
    st.stop()
