//! The browser driver: one Chromium per cliente over the debugging pipe.
//!
//! [`detect`] finds a browser, [`ProfileFolders`] keeps the logins, and [`ChromiumLauncher`] starts browsers on them.
//! From the outside in:
//!
//! - `launch` starts a process (`args`, `process`, `platform`), gives it a `keeper` that owns it until it is buried,
//!   and has it `bring_up` a page through the `pipe`; the `line` tells whether anybody is at its other end; how patient
//!   an end is follows from what `login` and `ending` know;
//! - `inject` puts wa-js and our bridge into the page, `watch` takes in what happens there, `signals` folds it into
//!   events for the session, and `pulse` asks the page now and then whether it lives;
//! - `browser` carries the session's calls to the `page`, each with a deadline, and keeps a `picture` of one in trouble;
//!   `media` looks at files before they are sent;
//! - `probe` tries all of it out, without a session.
//!
//! No type of the protocol leaves this crate.

mod args;
mod bring_up;
mod browser;
mod calls;
mod cdp;
mod detect;
mod diagnose;
mod ending;
mod identity;
mod inject;
mod keeper;
mod launch;
mod line;
mod login;
mod media;
mod page;
mod picture;
mod pipe;
mod platform;
mod probe;
mod process;
mod profile;
mod pulse;
mod screen;
mod settings;
mod signals;
mod tasks;
mod watch;
mod window;

pub use detect::{DetectError, FoundBrowser, detect};
pub use inject::WaJs;
pub use launch::ChromiumLauncher;
pub use probe::{Hook, Probe};
pub use profile::ProfileFolders;
pub use profile::old::find_old_logins;
pub use settings::{Incoming, LaunchSettings};
