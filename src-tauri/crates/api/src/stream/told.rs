//! What is told of a cliente: by name, and by how it differs from what was told before. Whatever a snapshot holds is
//! kept up to date by the events after it.

use std::sync::Arc;

use serde::Serialize;
use session_core::{
    ClienteId, Login, Picture, Reason, ResourceReport, Snapshot, State, StateName, Timestamp,
};

use crate::dto::{AccountView, LoginStep, ProgressView, RestartView};
use crate::resources::Resources;
use crate::routes::status::QR_FAILED;
use crate::view;

/// The names of the events. They are documented, and stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Snapshot,
    State,
    Ready,
    Hibernated,
    Degraded,
    Progress,
    Qr,
    Removed,
    Resources,
    Message,
    Incoming,
}

impl Name {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::State => "state",
            Self::Ready => "ready",
            Self::Hibernated => "hibernated",
            Self::Degraded => "degraded",
            Self::Progress => "progress",
            Self::Qr => "qr",
            Self::Removed => "removed",
            Self::Resources => "resources",
            Self::Message => "message",
            Self::Incoming => "incoming",
        }
    }

    /// Whether only the newest one is of use: an older code cannot be scanned any more.
    pub(super) const fn is_replaced(self) -> bool {
        matches!(self, Self::Qr | Self::Progress | Self::Resources)
    }
}

/// An event, before it has its place among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) name: Name,
    /// Nothing where it is about the machine.
    pub(super) about: Option<ClienteId>,
    /// JSON, on one line.
    pub(super) data: String,
    /// From when on it is of no use.
    pub(super) expires: Option<Timestamp>,
}

impl Told {
    pub(super) fn new<T: Serialize>(
        name: Name,
        about: Option<ClienteId>,
        data: &T,
    ) -> Option<Self> {
        let data = serde_json::to_string(data)
            .inspect_err(|error| tracing::error!(%error, "an event could not be written"))
            .ok()?;
        Some(Self {
            name,
            about,
            data,
            expires: None,
        })
    }

    /// How everything is. Of one cliente alone, it says nothing of the machine.
    pub(super) fn snapshot(
        clientes: &[Arc<Snapshot>],
        machine: Option<&ResourceReport>,
        now: Timestamp,
    ) -> Option<Self> {
        #[derive(Serialize)]
        struct Data<'a> {
            clientes: Vec<Whole<'a>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            resources: Option<Resources>,
        }
        let data = Data {
            clientes: clientes
                .iter()
                .map(|snapshot| Whole::of(snapshot, now))
                .collect(),
            resources: machine.map(Resources::of),
        };
        Self::new(Name::Snapshot, None, &data)
    }

    pub(super) fn removed(id: ClienteId) -> Option<Self> {
        Self::new(Name::Removed, Some(id), &Alone { cliente_id: id })
    }

    pub(super) fn resources(report: &ResourceReport) -> Option<Self> {
        Self::new(Name::Resources, None, &Resources::of(report))
    }
}

/// What happened to a cliente between two looks at it.
#[derive(Debug, Default)]
pub(super) struct News {
    /// To be told, in this order.
    pub(super) told: Vec<Told>,
    /// What was told last under these names is over.
    pub(super) over: Vec<Name>,
}

/// Compares a cliente with what was known of it.
pub(super) fn compare(before: Option<&Snapshot>, now: &Snapshot) -> News {
    let id = now.record.id;
    let mut news = News::default();
    let was = before.map(Session::of);
    let is = Session::of(now);
    if was.as_ref() != Some(&is) {
        news.tell(Told::new(
            Name::State,
            Some(id),
            &StateChange {
                session: &is,
                previous_state: was.as_ref().map(|was| was.state),
            },
        ));
    }
    let account = connected(now);
    if let Some(account) = &account
        && before.and_then(connected).as_ref() != Some(account)
    {
        news.tell(Told::new(
            Name::Ready,
            Some(id),
            &Ready {
                cliente_id: id,
                account,
            },
        ));
    }
    if is.hibernated && !was.is_some_and(|was| was.hibernated) {
        news.tell(Told::new(
            Name::Hibernated,
            Some(id),
            &Alone { cliente_id: id },
        ));
    }
    let reason = now.degraded();
    if reason != before.and_then(Snapshot::degraded) {
        news.tell(Told::new(
            Name::Degraded,
            Some(id),
            &Degraded {
                cliente_id: id,
                reason,
            },
        ));
    }
    let progress = view::progress(&now.session.state);
    if progress != before.and_then(|before| view::progress(&before.session.state)) {
        news.replace(
            Name::Progress,
            progress.and_then(|progress| {
                let data = Progress {
                    cliente_id: id,
                    progress,
                };
                Told::new(Name::Progress, Some(id), &data)
            }),
        );
    }
    let code = Code::of(now);
    if code != before.and_then(Code::of) {
        news.replace(
            Name::Qr,
            code.and_then(|code| {
                let told = Told::new(
                    Name::Qr,
                    Some(id),
                    &Shown {
                        cliente_id: id,
                        code,
                    },
                )?;
                Some(Told {
                    expires: Some(Timestamp(code.expires_at)),
                    ..told
                })
            }),
        );
    }
    news
}

impl News {
    fn tell(&mut self, told: Option<Told>) {
        self.told.extend(told);
    }

    fn replace(&mut self, name: Name, told: Option<Told>) {
        self.over.push(name);
        self.tell(told);
    }
}

/// A session by the names that `/status` uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the fields of /status, by the same names"
)]
struct Session {
    cliente_id: ClienteId,
    state: StateName,
    reason: Option<Reason>,
    since: Timestamp,
    connected: bool,
    can_send_messages: bool,
    needs_qr: bool,
    is_recoverable: bool,
    hibernated: bool,
    login_step: Option<LoginStep>,
    reconnection_attempts: u8,
    restart: Option<RestartView>,
}

impl Session {
    fn of(snapshot: &Snapshot) -> Self {
        let session = &snapshot.session;
        let state = snapshot.state();
        Self {
            cliente_id: snapshot.record.id,
            state,
            reason: session.reason,
            since: session.since,
            connected: state.can_send(),
            can_send_messages: state.can_send(),
            needs_qr: state.needs_qr(),
            is_recoverable: state.is_recoverable(),
            hibernated: session.hibernated,
            login_step: view::login_step(&session.state),
            reconnection_attempts: session.state.attempts(),
            restart: view::restart(&session.state),
        }
    }
}

#[derive(Serialize)]
struct StateChange<'a> {
    #[serde(flatten)]
    session: &'a Session,
    previous_state: Option<StateName>,
}

/// A cliente in a snapshot.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    session: Session,
    account: Option<AccountView>,
    degraded: Option<Reason>,
    progress: Option<ProgressView>,
    qr: Option<Code<'a>>,
}

impl<'a> Whole<'a> {
    fn of(snapshot: &'a Snapshot, now: Timestamp) -> Self {
        Self {
            session: Session::of(snapshot),
            account: connected(snapshot),
            degraded: snapshot.degraded(),
            progress: view::progress(&snapshot.session.state),
            qr: Code::of(snapshot).filter(|code| code.expires_at > now.0),
        }
    }
}

#[derive(Serialize)]
struct Ready<'a> {
    cliente_id: ClienteId,
    account: &'a AccountView,
}

#[derive(Serialize)]
struct Degraded {
    cliente_id: ClienteId,
    /// Nothing: all is well again.
    reason: Option<Reason>,
}

#[derive(Serialize)]
struct Progress {
    cliente_id: ClienteId,
    #[serde(flatten)]
    progress: ProgressView,
}

#[derive(Serialize)]
struct Shown<'a> {
    cliente_id: ClienteId,
    #[serde(flatten)]
    code: Code<'a>,
}

#[derive(Serialize)]
struct Alone {
    cliente_id: ClienteId,
}

/// A code that waits to be scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Code<'a> {
    /// PNG data URL.
    qr: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_error: Option<&'static str>,
    issued_at: u64,
    expires_at: u64,
}

impl<'a> Code<'a> {
    fn of(snapshot: &'a Snapshot) -> Option<Self> {
        let State::QrRequired {
            login: Login::Code {
                issued, expires, ..
            },
            ..
        } = snapshot.session.state
        else {
            return None;
        };
        let (qr, qr_error) = match &snapshot.picture {
            Picture::Drawn(image) => (Some(&**image), None),
            Picture::Failed => (None, Some(QR_FAILED)),
            Picture::None => return None,
        };
        Some(Self {
            qr,
            qr_error,
            issued_at: issued.0,
            expires_at: expires.0,
        })
    }
}

/// Who is linked, while connected.
fn connected(snapshot: &Snapshot) -> Option<AccountView> {
    match &snapshot.session.state {
        State::Ready { account, .. } => Some(view::account(account)),
        _ => None,
    }
}
