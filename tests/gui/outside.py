"""What a program outside sees of the workbench through the accessibility bus, and what it does to it:
actions of the bus, and real keys and clicks through the X server where xdotool is there."""
import re
import shutil
import subprocess
import time

import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 (after the version)

PATIENCE = 40  # seconds that anything may take
ROLE = Atspi.Role
STATE = Atspi.StateType
# Each question takes a message over the bus. Nothing is inside of these; and nothing that is looked
# for is inside of those.
EMPTY = (ROLE.LABEL, ROLE.IMAGE, ROLE.SEPARATOR, ROLE.PROGRESS_BAR)
LEAVES = EMPTY + (ROLE.PAGE_TAB, ROLE.SPIN_BUTTON, ROLE.SLIDER, ROLE.LIST_ITEM)


def children(thing):
    try:
        found = [thing.get_child_at_index(i) for i in range(thing.get_child_count())]
    except GLib.Error:
        return []  # it went away meanwhile
    return [child for child in found if child is not None]


def everything(root, parents=(), roles=()):
    """All that is in the root, with what it is in and the roles of that, the outermost first."""
    for thing in children(root):
        try:
            role = thing.get_role()
        except GLib.Error:
            continue  # it went away meanwhile
        yield thing, role, parents, roles
        if role not in EMPTY:
            yield from everything(thing, parents + (thing,), roles + (role,))


def has(thing, *states):
    try:
        held = thing.get_state_set()
    except GLib.Error:
        return False
    return all(held.contains(state) for state in states)


def name_of(thing):
    try:
        return thing.get_name() or ""
    except GLib.Error:
        return ""


def find(root, role, name, *states):
    """The first with this role and these states whose whole name matches the expression."""
    for thing in children(root):
        try:
            its = thing.get_role()
            if its == role and re.fullmatch(name, name_of(thing)) and has(thing, *states):
                return thing
        except GLib.Error:
            continue  # it went away meanwhile
        found = find(thing, role, name, *states) if its not in LEAVES else None
        if found is not None:
            return found
    return None


def soon(look, what, patience=PATIENCE):
    """Asks until the answer is not empty, and returns it."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise LookupError(f"there is no {what}")


def press(root, role, name):
    thing = soon(lambda: find(root, role, name, STATE.SENSITIVE, STATE.FOCUSABLE), name)
    thing.do_action(0)
    return thing


def choose(root, name):
    """A row of a list, as the arrow keys do."""
    row = soon(lambda: find(root, ROLE.LIST_ITEM, name), f"row {name}")
    row.get_parent().select_child(row.get_index_in_parent())
    soon(lambda: has(row, STATE.SELECTED), f"selection of {name}")
    return row


def type_number(root, name, value):
    spin = soon(lambda: find(root, ROLE.SPIN_BUTTON, name, STATE.SENSITIVE), name)
    Atspi.Value.set_current_value(spin, value)
    soon(lambda: abs(Atspi.Value.get_current_value(spin) - value) < 1e-9, f"{value} in {name}")


def application(process):
    desktop = Atspi.get_desktop(0)

    def look():
        if process.poll() is not None:
            raise LookupError(f"the program: it ended with {process.returncode}")
        for app in children(desktop):
            if app.get_process_id() == process.pid:
                app.set_cache_mask(Atspi.Cache.NONE)
                return app
        return None
    return soon(look, "program on the accessibility bus")


class Hands:
    """Keys and clicks as a person's, through the X server."""

    @staticmethod
    def there():
        return shutil.which("xdotool") is not None

    def __init__(self, process, frame):
        self.process = process
        self.frame = frame
        self.focused = []  # (role, name), as they took the focus
        self.listener = Atspi.EventListener.new(self._focus_changed)
        self.listener.register("object:state-changed:focused")
        self.take_focus()

    @staticmethod
    def _do(*words):
        done = subprocess.run(["xdotool", *map(str, words)], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        return done.stdout.split()

    def _focus_changed(self, event):
        if event.detail1:
            try:
                self.focused.append((event.source.get_role(), event.source.get_name()))
            except GLib.Error:
                pass

    def listen(self, until, patience):
        """Takes events of the bus until something is so; returns whether it is."""
        end = time.monotonic() + patience
        while not until() and time.monotonic() < end:
            if not GLib.MainContext.default().iteration(False):
                time.sleep(0.005)
        return until()

    def windows(self):
        return self._do("search", "--onlyvisible", "--pid", self.process.pid)

    def take_focus(self):
        """There is no window manager: the keys go to the window that came last."""
        windows = soon(self.windows, "window on the screen")
        self._do("windowfocus", "--sync", windows[-1])

    def keys(self, *keys):
        self._do("key", "--clearmodifiers", *keys)

    def tab(self):
        """Returns what has the focus then; None when nothing took it."""
        before = len(self.focused)
        self.keys("Tab")
        if not self.listen(lambda: len(self.focused) > before, 5):
            return None
        return self.focused[-1]

    def click(self, thing, x, y):
        """At a point of the thing, in pixels from its corner. The bus counts from the corner of the
        window without the border that GTK draws around it."""
        place = thing.get_extents(Atspi.CoordType.WINDOW)
        inner = self.frame.get_extents(Atspi.CoordType.WINDOW)
        geometry = dict(line.split("=") for line in
                        self._do("getwindowgeometry", "--shell", self.windows()[0]))
        border_x = (int(geometry["WIDTH"]) - inner.width) // 2
        border_y = (int(geometry["HEIGHT"]) - inner.height) // 2
        self._do("mousemove", "--sync", int(geometry["X"]) + border_x + place.x + x,
                 int(geometry["Y"]) + border_y + place.y + y)
        self._do("click", 1)
