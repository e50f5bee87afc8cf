//! A desktop's panel with a tray, as far as programs see it on the session bus.

#![expect(
    clippy::needless_pass_by_value,
    clippy::unused_self,
    reason = "what a method of the bus is like is not ours to choose"
)]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use zbus::blocking::{Connection, Proxy, connection};
use zbus::message::Header;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};

use crate::support::wait_for;

const NAME: &str = "org.kde.StatusNotifierWatcher";

/// A panel. Its tray takes icons from the moment it is there.
pub(crate) struct Panel {
    bus: Connection,
    icons: Arc<Mutex<Vec<(String, String)>>>,
}

/// A line of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    id: i32,
    /// As a person reads it; nothing: a line that only separates.
    pub(crate) label: String,
    pub(crate) enabled: bool,
}

struct Watcher(Arc<Mutex<Vec<(String, String)>>>);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, place: String, #[zbus(header)] header: Header<'_>) {
        let owner = header.sender().unwrap().to_string();
        let mut icons = self.0.lock().unwrap();
        // Some say so again when their menu changes.
        if !icons.contains(&(owner.clone(), place.clone())) {
            icons.push((owner, place));
        }
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

impl Panel {
    /// The panel comes up on the bus with this address.
    pub(crate) fn start(bus: &str) -> Self {
        let icons = Arc::default();
        let bus = connection::Builder::address(bus)
            .unwrap()
            .serve_at("/StatusNotifierWatcher", Watcher(Arc::clone(&icons)))
            .unwrap()
            .name(NAME)
            .unwrap()
            .build()
            .unwrap();
        Self { bus, icons }
    }

    /// The panel goes.
    pub(crate) fn leave(self) {
        self.bus.release_name(NAME).unwrap();
        self.bus.close().unwrap();
    }

    /// How many icons were put into the tray.
    pub(crate) fn icons(&self) -> usize {
        self.icons.lock().unwrap().len()
    }

    /// The file of the only icon's picture, and what is in it.
    pub(crate) fn picture(&self) -> (PathBuf, Vec<u8>) {
        wait_for("the picture in the tray", || {
            let path: String = self.item().get_property("IconName").unwrap();
            // Another one may have taken its place at this moment.
            let picture = std::fs::read(&path).ok()?;
            Some((path.into(), picture))
        })
    }

    /// The menu of the only icon.
    pub(crate) fn menu(&self) -> Vec<Line> {
        type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let asked = (0_i32, -1_i32, Vec::<String>::new());
        let (_, (_, _, lines)): (u32, Node) = self.menu_proxy().call("GetLayout", &asked).unwrap();
        lines.into_iter().map(line).collect()
    }

    /// Waits until the menu has a line with these words.
    pub(crate) fn read(&self, label: &str) -> Line {
        wait_for(&format!("{label:?} in the tray's menu"), || {
            self.menu().into_iter().find(|line| line.label == label)
        })
    }

    /// Presses the line with these words.
    pub(crate) fn press(&self, label: &str) {
        let line = self.read(label);
        assert!(line.enabled, "{line:?}");
        let event = (line.id, "clicked", Value::I32(0), 0_u32);
        let (): () = self.menu_proxy().call("Event", &event).unwrap();
    }

    fn item(&self) -> Proxy<'static> {
        let (owner, place) = wait_for("an icon in the tray", || {
            self.icons.lock().unwrap().last().cloned()
        });
        // Who registers a path is the sender; who registers a name has its icon at the usual place.
        let (owner, path) = if place.starts_with('/') {
            (owner, place)
        } else {
            (place, "/StatusNotifierItem".to_owned())
        };
        Proxy::new(&self.bus, owner, path, "org.kde.StatusNotifierItem").unwrap()
    }

    fn menu_proxy(&self) -> Proxy<'static> {
        let item = self.item();
        let path: OwnedObjectPath = item.get_property("Menu").unwrap();
        let owner = item.destination().to_string();
        Proxy::new(&self.bus, owner, path, "com.canonical.dbusmenu").unwrap()
    }
}

fn line(node: OwnedValue) -> Line {
    let node: Structure<'_> = node.try_into().unwrap();
    let [id, properties, _] = node.into_fields().try_into().unwrap();
    let properties: HashMap<String, Value<'_>> = properties.try_into().unwrap();
    let label = match properties.get("label") {
        Some(Value::Str(label)) => plain(label),
        _ => String::new(),
    };
    Line {
        id: id.downcast().unwrap(),
        label,
        enabled: properties.get("enabled") != Some(&Value::Bool(false)),
    }
}

/// Without the marks for letters that the keyboard reaches.
fn plain(label: &str) -> String {
    label
        .split("__")
        .map(|part| part.replace('_', ""))
        .collect::<Vec<_>>()
        .join("_")
}
