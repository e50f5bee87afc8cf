//! From the core's snapshots to the wire.

use session_core::machine::BrowserPhase;
use session_core::{
    Account, Change, Login, Picture, Policy, Progress, ResourceReport, Snapshot, State,
};

use crate::dto::{
    AccountView, BrowserActivity, ClienteView, LoginStep, ProgressView, QrView, ResourcesView,
    RestartView, SessionView, TimelineView,
};

/// A cliente as a card shows it.
pub fn cliente(snapshot: &Snapshot) -> ClienteView {
    let record = &snapshot.record;
    ClienteView {
        id: record.id.get(),
        name: record.name.clone(),
        note: record.note.clone(),
        created_at: record.created.0,
        wanted: record.wanted,
        account: record.account.as_ref().map(account),
        saved_login: snapshot.saved_login,
        self_test: record.self_test,
        session: session(snapshot),
    }
}

/// What the machine has left.
pub fn resources(report: &ResourceReport) -> ResourcesView {
    ResourcesView {
        disk: report.disk,
        disk_free: report.disk_free,
        fits: report.fits,
        limit: report.limit,
        running: report.running,
        waiting: report.waiting,
    }
}

/// One line of a timeline.
pub fn change(change: &Change) -> TimelineView {
    TimelineView {
        at: change.at.0,
        from: change.from,
        to: change.to,
        reason: change.reason,
    }
}

/// The restart that is to come by itself.
pub(crate) fn restart(state: &State) -> Option<RestartView> {
    match state {
        State::Error { restart } => restart.map(|restart| RestartView {
            attempt: restart.attempt,
            last: restart.last,
            at: restart.at.0,
        }),
        _ => None,
    }
}

fn session(snapshot: &Snapshot) -> SessionView {
    let session = &snapshot.session;
    SessionView {
        state: snapshot.state(),
        since: session.since.0,
        reason: session.reason,
        browser: match session.browser {
            BrowserPhase::None => BrowserActivity::None,
            BrowserPhase::Launching => BrowserActivity::Launching,
            BrowserPhase::Running => BrowserActivity::Running,
            BrowserPhase::Closing => BrowserActivity::Closing,
        },
        progress: progress(&session.state),
        qr: qr(&session.state, &snapshot.picture),
        login_step: login_step(&session.state),
        attempts: session.state.attempts(),
        max_attempts: Policy::MAX_ATTEMPTS,
        can_send: snapshot.state().can_send(),
        degraded: snapshot.degraded(),
        cleanup_at: match session.state {
            State::DisconnectedLogout { cleanup_at } | State::DisconnectedBanned { cleanup_at } => {
                Some(cleanup_at.0)
            }
            _ => None,
        },
        sent: snapshot.sent,
        failed: snapshot.failed,
        visible: session.is_visible(),
        needs_window: snapshot.passkey_asked,
        browser_pid: snapshot.browser_pid,
        memory: snapshot.usage.map(|usage| usage.memory),
        cpu: snapshot.usage.map(|usage| usage.cpu),
        hibernated: session.hibernated,
        restart: restart(&session.state),
        restarts: snapshot.restarts,
        notice: session.notice,
        breaker: snapshot.breaker,
    }
}

pub(crate) fn account(account: &Account) -> AccountView {
    AccountView {
        number: account.number.reveal().to_owned(),
        name: account.name.clone(),
    }
}

pub(crate) fn progress(state: &State) -> Option<ProgressView> {
    match state {
        State::Initializing(progress)
        | State::Reconnecting(progress)
        | State::QrRequired {
            login: Login::Linking(progress),
            ..
        } => {
            let Progress { stage, percent } = *progress;
            Some(ProgressView { stage, percent })
        }
        _ => None,
    }
}

fn qr(state: &State, picture: &Picture) -> Option<QrView> {
    match state {
        State::QrRequired {
            login: Login::Code {
                issued, expires, ..
            },
            ..
        } => Some(QrView {
            image: match picture {
                Picture::Drawn(image) => Some(image.to_string()),
                Picture::None | Picture::Failed => None,
            },
            issued_at: issued.0,
            expires_at: expires.0,
        }),
        _ => None,
    }
}

pub(crate) fn login_step(state: &State) -> Option<LoginStep> {
    match state {
        State::QrRequired { login, .. } => Some(match login {
            Login::Waiting => LoginStep::Waiting,
            Login::Code { .. } => LoginStep::Code,
            Login::Idle => LoginStep::Idle,
            Login::Linking(_) => LoginStep::Linking,
            Login::Passkey => LoginStep::Passkey,
        }),
        _ => None,
    }
}
