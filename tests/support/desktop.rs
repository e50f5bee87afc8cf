//! A desktop of the test's own: a screen with a window manager, and a session bus that starts nothing by itself.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, PropMode, Window, WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, NONE};

use crate::screen::{Screen, atom, text};
use crate::support::{DEADLINE, wait_for};

/// What the window of another program is called.
const OTHER: &str = "Otro programa";
/// Names of keys that write nothing.
pub(crate) const SHIFT: u32 = 0xffe1;
pub(crate) const ENTER: u32 = 0xff0d;
pub(crate) const ESCAPE: u32 = 0xff1b;
pub(crate) const TAB: u32 = 0xff09;

/// How a window stands on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// It does not show, and nothing of the window manager's leads to it.
    Nowhere,
    /// It can be had back from the window manager's list.
    Minimised,
    /// It shows, and something else has the keyboard.
    Open,
    /// It shows, and has the keyboard.
    InFront,
}

/// A screen with a window manager, and a session bus. Ends with the test.
pub(crate) struct Desktop {
    /// Ends before what it stands on.
    _manager: Process,
    screen: Screen,
    _bus: Process,
    address: String,
    _folder: TempDir,
}

/// A window of another program. It lives by its connection.
struct Other {
    display: RustConnection,
    window: Window,
}

impl Other {
    fn new(screen: &Screen) -> Self {
        let display = screen.connect();
        let screen = &display.setup().roots[0];
        let window = display.generate_id().unwrap();
        display
            .create_window(
                COPY_DEPTH_FROM_PARENT,
                window,
                screen.root,
                0,
                0,
                screen.width_in_pixels,
                screen.height_in_pixels,
                0,
                WindowClass::INPUT_OUTPUT,
                COPY_FROM_PARENT,
                &CreateWindowAux::new().background_pixel(screen.white_pixel),
            )
            .unwrap();
        let name = atom(&display, "_NET_WM_NAME");
        let kind = atom(&display, "UTF8_STRING");
        display
            .change_property8(PropMode::REPLACE, window, name, kind, OTHER.as_bytes())
            .unwrap();
        Self { display, window }
    }

    fn map(&self) {
        let asked = self.display.map_window(self.window).unwrap();
        asked.check().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.display.destroy_window(self.window);
        let _ = self.display.flush();
    }
}

/// A program of the test's own. It ends with the test, however that ends.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let test = std::thread::current();
            let name = test.name().unwrap_or("failed").replace("::", "-");
            self.screen.keep(&name);
        }
    }
}

impl Desktop {
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let screen = Screen::start().unwrap();
        let (bus, address) = bus(folder.path());
        let manager = manager(&screen, folder.path());
        Self {
            _manager: manager,
            screen,
            _bus: bus,
            address,
            _folder: folder,
        }
    }

    /// The address of the session bus.
    pub(crate) fn bus(&self) -> &str {
        &self.address
    }

    /// Has a program start on this desktop, with nothing of the one that the test runs on.
    pub(crate) fn seat<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("DISPLAY", self.screen.name())
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            // The accessibility bus would only fill the terminal with its own affairs.
            .env("NO_AT_BRIDGE", "1")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XDG_RUNTIME_DIR")
    }

    /// How the window with this title stands.
    pub(crate) fn stand(&self, title: &str) -> Stand {
        let display = self.screen.connect();
        let Some(window) = window(&display, title) else {
            return Stand::Nowhere;
        };
        let hidden = atom(&display, "_NET_WM_STATE_HIDDEN");
        let root = display.setup().roots[0].root;
        if numbers(&display, window, "_NET_WM_STATE").contains(&hidden) {
            Stand::Minimised
        } else if numbers(&display, root, "_NET_ACTIVE_WINDOW").contains(&window) {
            Stand::InFront
        } else {
            Stand::Open
        }
    }

    /// Waits until the window with this title stands so.
    pub(crate) fn see(&self, title: &str, stand: Stand) {
        let mut last = None;
        let begun = Instant::now();
        while last != Some(stand) {
            assert!(
                begun.elapsed() < DEADLINE,
                "{title} is {last:?}, not {stand:?}"
            );
            std::thread::sleep(Duration::from_millis(10));
            last = Some(self.stand(title));
        }
    }

    /// Waits until what the screen shows has not changed for a moment.
    pub(crate) fn stands_still(&self) {
        let mut last = self.screen.picture();
        wait_for("the screen to stand still", || {
            std::thread::sleep(Duration::from_millis(200));
            let before = std::mem::replace(&mut last, self.screen.picture());
            (before == last).then_some(())
        });
    }

    /// Whether the window with this title, with all that the window manager draws around it, is on the screen.
    pub(crate) fn fits(&self, title: &str) -> bool {
        let display = self.screen.connect();
        let window = window(&display, title).unwrap();
        let screen = &display.setup().roots[0];
        let size = display.get_geometry(window).unwrap().reply().unwrap();
        let at = display.translate_coordinates(window, screen.root, 0, 0);
        let at = at.unwrap().reply().unwrap();
        let [left, right, top, bottom] = numbers(&display, window, "_NET_FRAME_EXTENTS")[..] else {
            return false;
        };
        let inside = |at: i16, size: u16, before: u32, after: u32, screen: u16| {
            let (at, before, after) = (i64::from(at), i64::from(before), i64::from(after));
            at >= before && at + i64::from(size) + after <= i64::from(screen)
        };
        inside(at.dst_x, size.width, left, right, screen.width_in_pixels)
            && inside(at.dst_y, size.height, top, bottom, screen.height_in_pixels)
    }

    /// Opens a window of another program, which gets the keyboard; it is there until the answer is dropped.
    pub(crate) fn distract(&self) -> impl Drop {
        let other = Other::new(&self.screen);
        other.map();
        self.see(OTHER, Stand::InFront);
        other
    }

    /// Closes the window with this title as its cross does: the window manager asks the program.
    pub(crate) fn close(&self, title: &str) {
        let display = self.screen.connect();
        let window = window(&display, title).unwrap();
        ask(&display, window, "_NET_CLOSE_WINDOW");
    }

    /// Writes into whatever has the keyboard.
    pub(crate) fn write(&self, text: &str) {
        for letter in text.chars() {
            // What X calls the letters of Latin 1 is their number.
            self.strike(&[u32::from(letter)]);
        }
    }

    /// Strikes a key, with others held.
    pub(crate) fn strike(&self, keys: &[u32]) {
        let display = self.screen.connect();
        let (first, last) = (display.setup().min_keycode, display.setup().max_keycode);
        let asked = display.get_keyboard_mapping(first, last - first + 1);
        let board = asked.unwrap().reply().unwrap();
        let columns = usize::from(board.keysyms_per_keycode);
        let find = |key: u32| {
            let mut places = board.keysyms.iter().enumerate();
            // The second column is what the key says with Shift.
            let place = places.find(|(place, it)| **it == key && place % columns < 2);
            let (place, _) = place.unwrap_or_else(|| panic!("no key for {key:#x}"));
            let code = first + u8::try_from(place / columns).unwrap();
            (code, place % columns == 1)
        };
        let mut held = Vec::new();
        for key in keys {
            let (code, shifted) = find(*key);
            if shifted {
                held.push(find(SHIFT).0);
            }
            held.push(code);
        }
        let fake = |kind, code| {
            let sent = display.xtest_fake_input(kind, code, 0, NONE, 0, 0, 0);
            sent.unwrap().check().unwrap();
        };
        for code in &held {
            fake(KEY_PRESS_EVENT, *code);
        }
        for code in held.iter().rev() {
            fake(KEY_RELEASE_EVENT, *code);
        }
    }
}

/// Has the window manager do something with a window.
fn ask(display: &RustConnection, window: Window, what: &str) {
    let root = display.setup().roots[0].root;
    // Source 2: a person, by way of a pager.
    let event = ClientMessageEvent::new(32, window, atom(display, what), [0, 2, 0, 0, 0]);
    let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
    let sent = display.send_event(false, root, mask, event).unwrap();
    sent.check().unwrap();
}

/// The window with this title, if the window manager has it in its list.
fn window(display: &RustConnection, title: &str) -> Option<Window> {
    let root = display.setup().roots[0].root;
    numbers(display, root, "_NET_CLIENT_LIST")
        .into_iter()
        .find(|window| text(display, *window, "_NET_WM_NAME") == title)
}

/// A property that is a list of atoms or windows.
fn numbers(display: &RustConnection, window: Window, property: &str) -> Vec<u32> {
    let name = atom(display, property);
    let value = display
        .get_property(false, window, name, AtomEnum::ANY, 0, 1024)
        .unwrap()
        .reply();
    // One that ends at this moment does not answer.
    let Ok(value) = value else { return Vec::new() };
    value.value32().map_or_else(Vec::new, Iterator::collect)
}

fn manager(screen: &Screen, folder: &Path) -> Process {
    let manager = Command::new("openbox")
        .arg("--sm-disable")
        .env("DISPLAY", screen.name())
        .env("HOME", folder)
        .env("XDG_CONFIG_HOME", folder)
        .env("XDG_CACHE_HOME", folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let manager = Process(manager.unwrap_or_else(|error| panic!("openbox: {error}")));
    let display = screen.connect();
    // It announces itself before it takes windows: one that is mapped in between it never sees.
    let first = Other::new(screen);
    wait_for("the window manager", || {
        first.map();
        window(&display, OTHER)
    });
    drop(first);
    wait_for("the first window to go", || {
        window(&display, OTHER).is_none().then_some(())
    });
    manager
}

/// A bus, and its address.
fn bus(folder: &Path) -> (Process, String) {
    let config = folder.join("bus.conf");
    let text = format!(
        "<busconfig><type>session</type><listen>unix:dir={}</listen><auth>EXTERNAL</auth>\
         <policy context='default'><allow send_destination='*' eavesdrop='true'/>\
         <allow eavesdrop='true'/><allow own='*'/></policy></busconfig>",
        folder.display()
    );
    std::fs::write(&config, text).unwrap();
    let daemon = Command::new("dbus-daemon")
        .arg(format!("--config-file={}", config.display()))
        .args(["--nofork", "--nopidfile", "--print-address"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut daemon = Process(daemon.unwrap_or_else(|error| panic!("dbus-daemon: {error}")));
    let mut address = String::new();
    let said = daemon.0.stdout.take().unwrap();
    BufReader::new(said).read_line(&mut address).unwrap();
    (daemon, address.trim().to_owned())
}
