//! A screen of the test's own, and a hand on it.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat, MapState,
    Window,
};
use x11rb::rust_connection::RustConnection;

/// A display server without a display. Ends with the test.
pub(crate) struct Screen {
    server: Child,
    name: String,
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Screen {
    /// Starts one; nothing where there is no Xvfb.
    pub(crate) fn start() -> Option<Self> {
        let (mut told, tells) = std::io::pipe().unwrap();
        let clear = nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty());
        nix::fcntl::fcntl(&tells, clear).unwrap();
        let server = Command::new("Xvfb")
            .args(["-displayfd", &tells.as_raw_fd().to_string()])
            .args(["-screen", "0", "1366x768x24", "-nolisten", "tcp"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let server = match server {
            Ok(server) => server,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => panic!("Xvfb: {error}"),
        };
        drop(tells);
        let mut number = String::new();
        let mut sign = [0];
        // It writes its number, and keeps the pipe open.
        while told.read(&mut sign).unwrap() == 1 && sign[0] != b'\n' {
            number.push(char::from(sign[0]));
        }
        assert!(!number.is_empty(), "Xvfb did not come up");
        Some(Self {
            server,
            name: format!(":{number}"),
        })
    }

    /// What the environment is to call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What the windows that show are called.
    pub(crate) fn titles(&self) -> Vec<String> {
        let display = self.connect();
        windows(&display)
            .into_iter()
            .map(|window| text(&display, window, "_NET_WM_NAME"))
            .collect()
    }

    /// Closes the window that is called so, as a click on its cross does.
    pub(crate) fn close(&self, title: &str) {
        let display = self.connect();
        let window = windows(&display)
            .into_iter()
            .find(|window| text(&display, *window, "_NET_WM_NAME").contains(title))
            .unwrap();
        let asks = [atom(&display, "WM_DELETE_WINDOW"), 0, 0, 0, 0];
        let event = ClientMessageEvent::new(32, window, atom(&display, "WM_PROTOCOLS"), asks);
        display
            .send_event(false, window, EventMask::NO_EVENT, event)
            .unwrap()
            .check()
            .unwrap();
    }

    /// Keeps what the screen shows, for whoever names a folder to see it in: `SCREENS`.
    pub(crate) fn keep(&self, name: &str) {
        let Some(folder) = std::env::var_os("SCREENS").map(PathBuf::from) else {
            return;
        };
        let (width, height, pixels) = self.picture();
        let file = File::create(folder.join(format!("{name}.png"))).unwrap();
        let mut picture = png::Encoder::new(file, width.into(), height.into());
        picture.set_color(png::ColorType::Rgb);
        let colours: Vec<u8> = pixels
            .chunks(4)
            .flat_map(|at| [at[2], at[1], at[0]])
            .collect();
        let mut picture = picture.write_header().unwrap();
        picture.write_image_data(&colours).unwrap();
    }

    /// The pixels: width, height, and blue, green, red and nothing of each.
    pub(crate) fn picture(&self) -> (u16, u16, Vec<u8>) {
        let display = self.connect();
        let screen = &display.setup().roots[0];
        let (width, height) = (screen.width_in_pixels, screen.height_in_pixels);
        let image = display
            .get_image(ImageFormat::Z_PIXMAP, screen.root, 0, 0, width, height, !0)
            .unwrap()
            .reply()
            .unwrap();
        (width, height, image.data)
    }

    pub(crate) fn connect(&self) -> RustConnection {
        RustConnection::connect(Some(&self.name)).unwrap().0
    }
}

/// The windows that show, and are large enough for a person.
fn windows(display: &RustConnection) -> Vec<Window> {
    let root = display.setup().roots[0].root;
    let tree = display.query_tree(root).unwrap().reply().unwrap();
    tree.children
        .into_iter()
        .filter(|window| {
            // One that ends at this moment does not answer.
            let shown = display.get_window_attributes(*window).unwrap().reply();
            let size = display.get_geometry(*window).unwrap().reply();
            shown.is_ok_and(|shown| shown.map_state == MapState::VIEWABLE)
                && size.is_ok_and(|size| size.width > 300)
        })
        .collect()
}

pub(crate) fn atom(display: &RustConnection, name: &str) -> Atom {
    let known = display.intern_atom(false, name.as_bytes()).unwrap();
    known.reply().unwrap().atom
}

pub(crate) fn text(display: &RustConnection, window: Window, property: &str) -> String {
    let name = atom(display, property);
    let value = display
        .get_property(false, window, name, AtomEnum::ANY, 0, 1024)
        .unwrap()
        .reply();
    value.map_or_else(
        |_| String::new(),
        |value| String::from_utf8_lossy(&value.value).into_owned(),
    )
}
