"""The session that a panel joins: that of its notebook, which the cells use too."""

from __future__ import annotations

from g4f_magic.asker import loaded_magics
from g4f_magic.host.base import Host
from g4f_magic.session import Session


def session_here(host: Host) -> Session:
    """Return the notebook's session; one for itself where the extension is not loaded."""
    magics = loaded_magics()
    session: Session = Session() if magics is None else magics.session
    enter(session, host)
    return session


def enter(session: Session, host: Host) -> None:
    """Take up the notebook that the kernel serves, as its cells do."""
    magics = loaded_magics()
    if magics is not None and magics.session is session:
        magics.enter()
    else:
        session.notebook.enter(host.notebook)


def identify(session: Session) -> None:
    """Have the notebook's page keep its own id in it: something was asked."""
    magics = loaded_magics()
    if magics is not None and magics.session is session:
        magics.identify()
