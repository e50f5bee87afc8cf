//! What the rules are about: a session, what happens to it, and what its owner is to do.

use std::time::Duration;

use super::{Delivery, Recovery};
use crate::account::{Account, MessageId};
use crate::clock::Timestamp;
use crate::ports::DriverEvent;
use crate::reason::Reason;
use crate::state::{Change, State, StateName};

/// What the browser of a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserPhase {
    /// There is none.
    None,
    /// Waiting for its turn, or coming up.
    Launching,
    /// Up.
    Running,
    /// Being closed.
    Closing,
}

/// The wait that is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// For a definite state.
    Init,
    /// For the end of linking, or for a new code after the page was reloaded.
    Linking,
    /// Before a lost socket counts as a lost session.
    LossGrace,
    /// Before the next retry.
    Backoff,
    /// For a retry to work.
    Retry,
    /// Before a final state is cleaned up.
    Cleanup,
    /// Before a failed session is started again by itself.
    Restart,
    /// Of the delivery: for an acknowledgement.
    Ack,
    /// Of the delivery: before the session tests itself.
    SelfTest,
}

impl Timer {
    /// Whether it runs beside that of the state.
    pub(crate) const fn is_of_the_delivery(self) -> bool {
        matches!(self, Self::Ack | Self::SelfTest)
    }
}

/// What happens to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody wants it to run.
    Start {
        /// Whether the profile holds a login.
        saved_login: bool,
        /// Whether there is a copy of that login.
        spare: bool,
        /// Who wants it.
        reason: Reason,
    },
    /// The launch left the queue.
    LaunchBegan,
    /// A copy was to take the place of the saved login.
    SpareUsed {
        /// Whether it did.
        used: bool,
        /// Whether there is an older one.
        more: bool,
    },
    /// The browser came up.
    Launched,
    /// It did not.
    LaunchFailed(Reason),
    /// The browser reports something.
    Driver(DriverEvent),
    /// The browser has been closed; no process of it is left.
    Closed,
    /// The timer ran out.
    Elapsed(Timer),
    /// The page could not be loaded anew.
    ReloadFailed,
    /// The page took a message.
    Sent(MessageId),
    /// Messages may not go out although the session looks connected.
    Doubted(Reason),
    /// Whether it tests itself was chosen.
    SelfTest(bool),
    /// The person has read the notice.
    Dismissed,
    /// The account was unlinked at our wish.
    LoggedOutHere,
    /// Its browser is to have a window.
    Show,
    /// Its browser is to have none any more.
    Hide,
    /// Its browser is to make room for others.
    Hibernate,
    /// It has to end at once, and is not to come back by itself.
    Abort(Reason),
    /// Somebody wants it to end.
    Stop(Reason),
}

/// What the owner of the session is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Launch the browser.
    Launch {
        /// Let a copy take the place of the saved login first.
        restore: bool,
        /// With a window.
        window: bool,
    },
    /// Bring the browser's window to the front.
    Raise,
    /// Keep a picture of the page before the browser is closed.
    KeepPicture,
    /// Close the browser, or call off its launch.
    Close,
    /// Load the page anew.
    Reload,
    /// Ask for a new code.
    RefreshCode,
    /// Start this timer in place of any other.
    Arm(Timer, Duration),
    /// Stop this timer.
    Disarm(Timer),
    /// Write a message to the account itself.
    TestSelf,
    /// Remember whether the profile holds a login.
    MarkLogin(bool),
    /// Remember who is linked.
    Remember(Account),
    /// The session is over and nothing of it is left.
    End,
}

/// A session as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each with its own name"
)]
pub struct Session {
    /// Its state.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: Option<Reason>,
    /// Its browser.
    pub browser: BrowserPhase,
    /// The running timer.
    pub timer: Option<Timer>,
    /// Connected, but the bridge does not work as it should.
    pub bridge: Option<Reason>,
    /// Its browser has, or is to have, a window.
    pub(super) window: bool,
    /// Its browser was closed to make room for others; a start or a message wakes it.
    pub hibernated: bool,
    /// Something that happened and that the person should know of, until dismissed.
    pub notice: Option<Reason>,
    /// Whether messages go out.
    pub delivery: Delivery,
    /// Whether it tests itself.
    pub self_test: bool,
    /// What was tried to keep it alive.
    pub recovery: Recovery,
    /// A copy of the login is to take its place at the next launch.
    pub(super) restoring: bool,
    /// Makes its pauses differ from those of others.
    pub(super) seed: u64,
}

/// An event that makes no sense here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session in {state:?} with its browser {browser:?} cannot take {event}")]
pub struct InvalidTransition {
    /// The state.
    pub state: StateName,
    /// The browser.
    pub browser: BrowserPhase,
    /// The event.
    pub event: &'static str,
}

/// What came of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The session after it.
    pub session: Session,
    /// What to do, in order.
    pub effects: Vec<Effect>,
    /// The change of state, if there was one.
    pub change: Option<Change>,
}
