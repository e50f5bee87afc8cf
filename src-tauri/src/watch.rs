//! Follows all sessions for what is told of them together: how a start of many goes, the tray, and notifications.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use session_api::dto::{ClienteView, ControlEvent, Language};
use session_api::{needs_somebody, view};
use session_core::RegistryEvent;
use tokio::sync::broadcast::error::RecvError;

use crate::alerts::{Alerts, shown};
use crate::host::Shell;
use crate::starting::Starting;
use crate::texts::texts;

/// How long the last word about a start of many stays.
const LAST_WORD: Duration = Duration::from_secs(12);
/// The tray is not drawn anew more often than this.
const REDRAW: Duration = Duration::from_millis(400);
/// How many clientes the tray names.
const NAMED: usize = 5;

/// Who needs somebody, as the tray says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) language: Language,
    pub(crate) count: usize,
    /// The first few.
    pub(crate) first: Vec<(u64, String)>,
}

#[derive(Default)]
struct Watch {
    /// The names of those that need somebody.
    needing: BTreeMap<u64, String>,
    starting: Starting,
    /// When the last word about a start goes.
    ends: Option<Instant>,
    alerts: Alerts,
    told: Option<Needs>,
    redraw: Option<Instant>,
}

/// Follows the sessions until the registry ends. `restoring` are going to be restored.
pub(crate) async fn watch(shell: Arc<Shell>, restoring: Vec<u64>) {
    let mut changes = shell.registry.subscribe();
    let mut program = shell.events.subscribe();
    let mut watch = Watch::default();
    watch.starting.plan(restoring);
    watch.look(&shell);
    loop {
        watch.act(&shell);
        let next = [watch.ends, watch.alerts.due(), watch.redraw];
        let next = next.into_iter().flatten().min();
        tokio::select! {
            change = changes.recv() => match change {
                Ok(RegistryEvent::Changed(snapshot)) => watch.see(&view::cliente(&snapshot)),
                Ok(RegistryEvent::Removed(id)) => watch.gone(id.get()),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => watch.look(&shell),
                Err(RecvError::Closed) => return,
            },
            // Another language may have been chosen.
            event = program.recv() => if matches!(event, Ok(ControlEvent::App(_)) | Err(RecvError::Lagged(_))) {
                watch.redraw.get_or_insert_with(|| Instant::now() + REDRAW);
            },
            () = until(next) => {}
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}

impl Watch {
    fn look(&mut self, shell: &Shell) {
        let now: Vec<_> = shell
            .registry
            .snapshots()
            .iter()
            .map(|snapshot| view::cliente(snapshot))
            .collect();
        self.needing
            .retain(|id, _| now.iter().any(|cliente| cliente.id == *id));
        for cliente in &now {
            self.see(cliente);
        }
        self.redraw.get_or_insert_with(Instant::now);
    }

    fn see(&mut self, cliente: &ClienteView) {
        self.starting.see(cliente);
        self.alerts.see(cliente, Instant::now());
        let changed = if needs_somebody(&cliente.session) {
            self.needing
                .insert(cliente.id, cliente.name.clone())
                .as_ref()
                != Some(&cliente.name)
        } else {
            self.needing.remove(&cliente.id).is_some()
        };
        if changed {
            self.redraw.get_or_insert_with(|| Instant::now() + REDRAW);
        }
    }

    fn gone(&mut self, id: u64) {
        self.starting.gone(id);
        self.alerts.gone(id);
        if self.needing.remove(&id).is_some() {
            self.redraw.get_or_insert_with(|| Instant::now() + REDRAW);
        }
    }

    fn act(&mut self, shell: &Arc<Shell>) {
        let now = Instant::now();
        let mut view = self.starting.view();
        if !self.starting.is_over() {
            self.ends = None;
        } else if view.is_some() && *self.ends.get_or_insert(now + LAST_WORD) <= now {
            self.starting = Starting::default();
            self.ends = None;
            view = None;
        }
        shell.set_starting(view);
        let settings = shell.settings();
        let language = shell.language();
        let focused = shell.surface.is_focused();
        let mode = settings.view.notifications;
        if let Some(alert) = self.alerts.take(now, mode, focused, language) {
            shell.surface.notify(alert);
        }
        if self.redraw.is_some_and(|at| at <= now) {
            self.redraw = None;
            let needs = Needs {
                language,
                count: self.needing.len(),
                first: self
                    .needing
                    .iter()
                    .take(NAMED)
                    .map(|(id, name)| (*id, shown(*id, name, texts(language))))
                    .collect(),
            };
            if self.told.as_ref() != Some(&needs) {
                shell.surface.needs(&needs);
                self.told = Some(needs);
            }
        }
    }
}
