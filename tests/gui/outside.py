"""What a program outside sees of the workbench through the accessibility bus, and what it does to it:
actions of the bus, and real keys and clicks through the X server where xdotool is there."""
import re
import shutil
import subprocess
import time

import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402 (after the version)

PATIENCE = 40  # seconds that anything may take
ROLE = Atspi.Role
STATE = Atspi.StateType
# Nothing that is looked for is inside of these.
LEAVES = (ROLE.PAGE_TAB, ROLE.SPIN_BUTTON, ROLE.SLIDER, ROLE.LIST_ITEM)
LOOKS = 5
INTERFACE = "org.a11y.atspi."
ROOT = "/org/a11y/atspi/accessible/root"


class Program:
    """What the bus tells about one program. Each question is a message, and there are thousands of
    things; so all that have been met are asked for in one message, and only new ones are gone for."""

    def __init__(self, process):
        self.process = process
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress",
                                    None, None, 0, -1).unpack()[0]
        flags = Gio.DBusConnectionFlags
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION)
        self.owner = soon(self._owner, "program on the accessibility bus")

    def _owner(self):
        if self.process.poll() is not None:
            raise LookupError(f"the program: it ended with {self.process.returncode}")
        for owner, _ in self.ask(INTERFACE + "Registry", ROOT, "Accessible", "GetChildren")[0]:
            number = self.bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                        "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                                        GLib.Variant("(s)", (owner,)), None, 0, -1).unpack()[0]
            if number == self.process.pid:
                return owner
        return None

    def ask(self, owner, path, interface, method, arguments=None):
        return self.bus.call_sync(owner, path, INTERFACE + interface, method, arguments, None, 0,
                                  PATIENCE * 1000).unpack()

    def property(self, path, interface, name):
        return self.bus.call_sync(
            self.owner, path, "org.freedesktop.DBus.Properties", "Get",
            GLib.Variant("(ss)", (INTERFACE + interface, name)), None, 0, -1).unpack()[0]

    def children(self, path):
        try:
            return [child[1] for child in self.ask(self.owner, path, "Accessible", "GetChildren")[0]]
        except GLib.Error:
            return []  # it went away meanwhile

    def ask_for_children(self, paths, answered):
        """Of all these, and of what is given to the function that `answered` gets; it does not wait for
        an answer before it asks on."""
        context = GLib.MainContext()
        context.push_thread_default()
        waiting = 0

        def ask_on(path):
            nonlocal waiting
            waiting += 1
            self.bus.call(self.owner, path, INTERFACE + "Accessible", "GetChildren", None, None, 0,
                          PATIENCE * 1000, None, answer, path)

        def answer(bus, reply, path):
            nonlocal waiting
            waiting -= 1
            try:
                children = [child for _, child in bus.call_finish(reply).unpack()[0]]
            except GLib.Error:
                children = []  # it went away meanwhile
            answered(path, children, ask_on)
        try:
            for path in paths:
                ask_on(path)
            while waiting > 0:
                context.iteration(True)
        finally:
            context.pop_thread_default()

    def meet(self, *paths):
        """The program tells about a thing from when it was first asked about it."""
        def go_on(_path, children, ask_on):
            for child in children:
                ask_on(child)
        self.ask_for_children(paths, go_on)

    def look(self):
        """All things by their paths."""
        for _ in range(LOOKS):  # what is new is met meanwhile, and there may be more
            items = self.bus.call_sync(self.owner, "/org/a11y/atspi/cache", INTERFACE + "Cache",
                                       "GetItems", None, None, 0, PATIENCE * 1000).get_child_value(0)
            things, places = {}, {}
            for i in range(items.n_children()):
                thing = Thing(self, items.get_child_value(i))
                things[thing.path] = thing
                known = places.setdefault(thing.parent, {})
                # What is hidden has the place of another.
                known[thing.index] = thing.path if thing.index not in known else None
            unclear, new = [ROOT], []
            for path, thing in things.items():
                known = places.get(path, {})
                thing.inside = [known.get(i) for i in range(thing.count)]
                if path != ROOT and None in thing.inside:
                    unclear.append(path)

            def answered(path, children, _ask_on, things=things, new=new):
                things[path].inside = children
                new += [child for child in children if child not in things]
            self.ask_for_children(unclear, answered)
            for thing in things.values():
                thing.inside = [things[child] for child in thing.inside if child in things]
            if not new:
                break
            self.meet(*new)
        return things


class Thing:
    """Something in the program: what it was when it was looked at, and what it is now."""

    def __init__(self, program, item):
        # (itself, the program, what it is in, its place there, number of children, interfaces, name,
        # role, description, states); each as (bus name, path). What is not asked for is not unpacked,
        # which takes most of the time.
        self.path = item.get_child_value(0).get_child_value(1).get_string()
        self.parent = item.get_child_value(2).get_child_value(1).get_string()
        self.index = item.get_child_value(3).get_int32()
        self.count = item.get_child_value(4).get_int32()
        self.name = item.get_child_value(6).get_string()
        self.states = item.get_child_value(9).unpack()
        self.program = program
        self.role = ROLE(item.get_child_value(7).get_uint32())
        self.inside = []

    def ask(self, interface, method, signature="()", *words):
        return self.program.ask(self.program.owner, self.path, interface, method,
                                GLib.Variant(signature, words))

    def _property(self, interface, name):
        return self.program.property(self.path, interface, name)

    def was(self, *states):
        return all(self.states[state // 32] >> state % 32 & 1 for state in map(int, states))

    def is_now(self, *states):
        try:
            self.states = self.ask("Accessible", "GetState")[0]
        except GLib.Error:
            return False
        return self.was(*states)

    def name_now(self):
        try:
            return self._property("Accessible", "Name")
        except GLib.Error:
            return ""

    def description(self):
        return self._property("Accessible", "Description")

    def value(self):
        return self._property("Value", "CurrentValue")

    def set_value(self, value):
        self.program.bus.call_sync(
            self.program.owner, self.path, "org.freedesktop.DBus.Properties", "Set",
            GLib.Variant("(ssv)", (INTERFACE + "Value", "CurrentValue", GLib.Variant("d", value))),
            None, 0, -1)

    def act(self):
        self.ask("Action", "DoAction", "(i)", 0)

    def area(self):
        """x, y, width and height in its window, in pixels."""
        return self.ask("Component", "GetExtents", "(u)", int(Atspi.CoordType.WINDOW))[0]

    def is_shown(self):
        """Whether it is on the screen now or can be scrolled to. GTK says of everything that it is
        visible, and of the hidden pages of a stack where they were when they were shown last; but
        nothing that is not shown contains a point."""
        try:
            x, y, width, height = self.area()
            return width > 0 and height > 0 and self.ask(
                "Component", "Contains", "(iiu)", x + width // 2, y + height // 2,
                int(Atspi.CoordType.WINDOW))[0]
        except GLib.Error:
            return False  # it went away meanwhile


def inside_of(thing, parents=()):
    for child in thing.inside:
        yield child, parents
        yield from inside_of(child, parents + (child,))


def everything(root):
    """All that is in the root, with what it is in, the outermost first."""
    now = root.program.look().get(root.path)
    return inside_of(now) if now is not None else ()


def meet_everything(app):
    """Otherwise something new may be missed that came where another thing was, which is
    there still and hidden."""
    app.program.meet(app.path)


def find(root, roles, name, *states):
    """The first with this role, or one of these, and these states whose whole name matches the
    expression."""
    roles = roles if isinstance(roles, tuple) else (roles,)
    for thing, parents in everything(root):
        if thing.role in roles and re.fullmatch(name, thing.name) and thing.was(*states) and \
                not any(parent.role in LEAVES for parent in parents):
            return thing
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


def press(root, roles, name):
    thing = soon(lambda: find(root, roles, name, STATE.SENSITIVE, STATE.FOCUSABLE), name)
    thing.act()
    return thing


def choose(root, name):
    """A row of a list, as the arrow keys do."""
    def look():
        for thing, parents in everything(root):
            if thing.role == ROLE.LIST_ITEM and re.fullmatch(name, thing.name):
                return thing, parents[-1]
        return None
    row, its_list = soon(look, f"row {name}")
    select(row, its_list)
    return row


def select(row, its_list):
    its_list.ask("Selection", "SelectChild", "(i)", its_list.inside.index(row))
    soon(lambda: row.is_now(STATE.SELECTED), f"selection of {row.name}")


def type_number(root, name, value):
    spin = soon(lambda: find(root, ROLE.SPIN_BUTTON, name, STATE.SENSITIVE), name)
    spin.set_value(value)
    soon(lambda: abs(spin.value() - value) < 1e-9, f"{value} in {name}")


def application(process):
    program = Program(process)

    def look():
        try:
            return program.look().get(ROOT)
        except GLib.Error:
            return None  # its name is there before its things are
    return soon(look, "things of the program")


class Hands:
    """Keys and clicks as a person's, through the X server."""

    @staticmethod
    def there():
        return shutil.which("xdotool") is not None

    def __init__(self, process, frame):
        self.process = process
        self.frame = frame
        self.focused = []  # (role, name), as they took the focus
        self.paths = []  # theirs
        program = frame.program
        program.bus.signal_subscribe(program.owner, INTERFACE + "Event.Object", "StateChanged", None,
                                     "focused", 0, self._focus_changed)
        self.take_focus()

    @staticmethod
    def _do(*words):
        done = subprocess.run(["xdotool", *map(str, words)], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        return done.stdout.split()

    def _focus_changed(self, _bus, owner, path, _interface, _signal, words):
        if not words.unpack()[1]:
            return
        program = self.frame.program
        try:
            role = program.ask(owner, path, "Accessible", "GetRole")[0]
            self.focused.append((ROLE(role), program.property(path, "Accessible", "Name")))
            self.paths.append(path)
        except GLib.Error:
            pass  # it went away meanwhile

    def listen(self, until, patience):
        """Takes events of the bus until something is so; returns whether it is."""
        end = time.monotonic() + patience
        while not until() and time.monotonic() < end:
            if not GLib.MainContext.default().iteration(False):
                time.sleep(0.005)
        return until()

    def windows(self):
        return self._do("search", "--onlyvisible", "--pid", self.process.pid)

    def take_focus(self, others=()):
        """There is no window manager: the keys go to the window that came last, and is none of the
        others."""
        soon(lambda: set(self.windows()) - set(others), "window on the screen")
        if others:
            self.listen(lambda: False, 0.2)  # a menu that led to it goes meanwhile
        self._do("windowfocus", "--sync", self.windows()[-1])

    def keep_focus(self):
        """Without a window manager nobody has the keys when the window that had them goes. Returns
        whether they had to be given to another."""
        lost = not set(self._do("getwindowfocus")) & set(self.windows())
        if lost:
            self.take_focus()
        return lost

    def keys(self, *keys):
        self._do("key", "--clearmodifiers", *keys)

    def tab(self, patience=5):
        """Returns what has the focus then; None when nothing took it, or did not say so."""
        before = len(self.focused)
        self.keys("Tab")
        if not self.listen(lambda: len(self.focused) > before, patience):
            return None
        return self.focused[-1]

    def click(self, thing, x, y, button=1):
        """At a point of the thing, in pixels from its corner; button 4 is the wheel up, 5 down. The bus
        counts from the corner of the window without the border that GTK draws around it."""
        left, top, _, _ = thing.area()
        _, _, width, height = self.frame.area()
        geometry = dict(line.split("=") for line in
                        self._do("getwindowgeometry", "--shell", self.windows()[0]))
        border_x = (int(geometry["WIDTH"]) - width) // 2
        border_y = (int(geometry["HEIGHT"]) - height) // 2
        self._do("mousemove", "--sync", int(geometry["X"]) + border_x + left + x,
                 int(geometry["Y"]) + border_y + top + y)
        self._do("click", button)
