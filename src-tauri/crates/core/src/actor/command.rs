//! What can be asked of a session, and what it does about it.

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Actor;
use crate::account::{MessageId, PhoneNumber};
use crate::cliente::Wanted;
use crate::machine::Event;
use crate::message::Outgoing;
use crate::ports::Diagnosis;
use crate::reason::Reason;
use crate::registry::{Accepted, CommandError, SendError, StartError};
use crate::state::{Login, State};

/// What can be asked of a session.
pub(crate) enum Command {
    Start {
        reason: Reason,
        reply: oneshot::Sender<Result<Accepted, StartError>>,
    },
    /// Answered when no browser is left.
    Stop {
        reason: Reason,
        reply: oneshot::Sender<()>,
    },
    LogOut {
        reply: oneshot::Sender<Result<(), CommandError>>,
    },
    RefreshCode {
        reply: oneshot::Sender<Result<(), CommandError>>,
    },
    Send {
        message: Outgoing,
        /// When the caller hears of it at the latest.
        deadline: Instant,
        reply: oneshot::Sender<Result<MessageId, SendError>>,
    },
    PairingCode {
        number: PhoneNumber,
        reply: oneshot::Sender<Result<String, CommandError>>,
    },
    FindNumber {
        number: PhoneNumber,
        reply: oneshot::Sender<Result<Option<PhoneNumber>, CommandError>>,
    },
    /// Dropped where there is no browser.
    Diagnose {
        picture: bool,
        reply: oneshot::Sender<Result<Diagnosis, CommandError>>,
    },
    /// Answered when no browser is left.
    Hibernate {
        reply: oneshot::Sender<Result<(), CommandError>>,
    },
    /// Have its browser shown.
    Show {
        reply: oneshot::Sender<Result<(), CommandError>>,
    },
    /// Answered when it is hidden, or about to be.
    Hide {
        reply: oneshot::Sender<()>,
    },
    SelfTest {
        on: bool,
    },
    Dismiss {
        reply: oneshot::Sender<()>,
    },
    /// Have the page look at its connection.
    Check,
    /// End it without a restart, as long as it is active.
    Abort {
        reason: Reason,
    },
}

impl Actor {
    pub(super) async fn command(&mut self, command: Command) {
        match command {
            Command::Start { reason, reply } => {
                let answer = self.start(reason).await;
                // The launch goes on although the caller hung up.
                let _ = reply.send(answer);
            }
            Command::Stop { reason, reply } => {
                self.stopping.push(reply);
                self.apply(Event::Stop(reason));
            }
            Command::LogOut { reply } => self.log_out(reply),
            Command::RefreshCode { reply } => {
                let answer = match self.session.state {
                    State::QrRequired {
                        login: Login::Code { .. } | Login::Idle | Login::Waiting,
                        ..
                    } => {
                        self.refresh_code();
                        Ok(())
                    }
                    _ => Err(CommandError::NotNow(self.session.state.name())),
                };
                let _ = reply.send(answer);
            }
            Command::Send {
                message,
                deadline,
                reply,
            } => self.send(message, deadline, reply),
            Command::PairingCode { number, reply } => self.pair(number, reply),
            Command::FindNumber { number, reply } => self.find_number(number, reply),
            Command::Diagnose { picture, reply } => self.diagnose(picture, reply),
            Command::Hibernate { reply } => self.hibernate(reply),
            Command::Show { reply } => self.show(reply),
            Command::Hide { reply } => {
                self.apply(Event::Hide);
                let _ = reply.send(());
            }
            Command::SelfTest { on } => self.apply(Event::SelfTest(on)),
            Command::Dismiss { reply } => {
                self.apply(Event::Dismissed);
                let _ = reply.send(());
            }
            Command::Check => self.check(),
            Command::Abort { reason } => self.apply(Event::Abort(reason)),
        }
    }

    async fn start(&mut self, reason: Reason) -> Result<Accepted, StartError> {
        if self.session.state.is_starting() {
            return Err(StartError::InProgress);
        }
        if !self.session.state.can_start() {
            return Ok(Accepted::AlreadyRunning);
        }
        let saved_login = self.deps.profiles.has_login(self.id).await;
        let spare = saved_login && self.deps.profiles.has_spare(self.id).await;
        self.apply(Event::SelfTest(self.published.get().record.self_test));
        let (reply, settled) = oneshot::channel();
        self.starting.push(reply);
        self.want(Wanted::Running);
        self.apply(Event::Start {
            saved_login,
            spare,
            reason,
        });
        Ok(Accepted::Begun(settled))
    }
}
