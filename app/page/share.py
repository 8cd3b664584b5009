"""The links to what is on screen: for everybody, for a class, for a talk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st
from streamlit import net_util

from app.page.copyable import copyable
from app.page.link import LONGEST_QUESTION
from app.page.session import put
from app.page.spec import Spec
from app.page.state import State
from app.views import actions, sharing
from app.views.lines import trouble

HERE_ALONE: Final = ("localhost", "127.0.0.1", "::1", "0.0.0.0")
"""Names by which a machine calls itself: on another machine they mean that one."""
CONTAINER: Final = Path("/.dockerenv")


def address(lab: State, host: str = "") -> str:
    """Returns the whole address that opens this state; the browser adds how its film is looked at.

    `host` replaces the host by which the page was opened, if given.
    """
    url = urlsplit(st.context.url or "")
    place = f"{host}:{url.port}" if host and url.port else host or url.netloc
    return urlunsplit((url.scheme, place, url.path, urlencode(lab.without_look(), safe=",:"), ""))


def elsewhere(url: str, listens: str | None, machine: str, contained: bool) -> tuple[str, str]:
    """Returns the name by which others reach a page that is open at `url`, and a sentence to go with it; both are empty
    where the name in `url` serves.

    `listens` is the address on which the server listens, None for all; `machine` is the machine's own in its network.

    >>> elsewhere("https://lab.example.org/", None, "10.0.0.5", False)
    ('', '')
    >>> elsewhere("http://localhost:8501/", None, "10.0.0.5", False)[0]
    '10.0.0.5'
    """
    if (urlsplit(url).hostname or "") not in HERE_ALONE:
        return "", ""
    if listens in HERE_ALONE[:3]:
        return "", (
            f"The lab listens on {listens} alone, so its links open on this machine only. For others, start it without"
            " --server.address."
        )
    if contained or machine in ("", *HERE_ALONE):
        return "", (
            "localhost means this machine only. For others, open the lab by the machine's name or address in your"
            " network, and share the links from there."
        )
    return machine, (
        f"You opened the lab as localhost, which to others means their own machine. The links below name this machine,"
        f" {machine}: they work in the same network, where no firewall is between."
    )


def panel(spec: Spec, lab: State) -> None:
    """Draws the links to copy. A class never sees what its teacher took away; the usual controls are kept, unless
    others are chosen.
    """
    if lab.controls is not None:
        st.html('<i class="lab-lesson" hidden></i>')
        return
    opened = st.expander(sharing.TITLE, key="share", on_change="rerun")
    if not (opened.open or "question" in st.session_state):
        return  # once it was opened it stays drawn, with what was written into it
    with opened:
        here = st.context.url or "", st.get_option("server.address"), net_util.get_internal_ip() or ""
        host, words = elsewhere(*here, CONTAINER.exists())
        if words:
            st.caption(words)
        st.caption(sharing.RUN)
        copyable(address(lab, host), key="share-run", label=sharing.RUN_LINK, link=True)
        st.caption(sharing.CLASS)
        kept = st.multiselect(
            sharing.CONTROLS,
            spec.turnable,
            default=spec.usual,
            format_func=lambda name: spec.parameters[name].label,
            key="kept",
        )
        question = st.text_input(sharing.QUESTION, key="question", placeholder=spec.asks).strip()
        if (count := len(question)) > LONGEST_QUESTION:
            st.html(trouble(sharing.LONG.format(count=f"{count:,}", most=LONGEST_QUESTION)))
        else:
            lesson = replace(lab, controls=spec.in_order(kept), question=question)
            copyable(address(lesson, host), key="share-class", label=sharing.CLASS_LINK, link=True)
        st.caption(actions.TALK.help)
        st.button(actions.TALK.label, key="talk-on", on_click=put, args=(spec, replace(lab, talk=True)))


def leave_talk(spec: Spec, lab: State) -> None:
    """Draws the button that leads out of a talk."""
    st.button(actions.LEAVE_TALK.label, key="talk-off", on_click=put, args=(spec, replace(lab, talk=False)))
