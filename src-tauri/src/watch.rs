//! Follows all sessions for what is told of them together: how a start of many goes, the tray, and notifications.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use session_api::dto::{ClienteView, ControlEvent, Language, StartingView};
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
    watch.look(&everybody(&shell), Instant::now());
    loop {
        watch.act(&shell);
        let next = [watch.ends, watch.alerts.due(), watch.redraw];
        let next = next.into_iter().flatten().min();
        tokio::select! {
            change = changes.recv() => match change {
                Ok(RegistryEvent::Changed(snapshot)) => {
                    watch.see(&view::cliente(&snapshot), Instant::now());
                }
                Ok(RegistryEvent::Removed(id)) => watch.gone(id.get(), Instant::now()),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => watch.look(&everybody(&shell), Instant::now()),
                Err(RecvError::Closed) => return,
            },
            // Another language may have been chosen.
            event = program.recv() => if matches!(event, Ok(ControlEvent::App(_)) | Err(RecvError::Lagged(_))) {
                watch.draw_soon(Instant::now());
            },
            () = until(next) => {}
        }
    }
}

fn everybody(shell: &Shell) -> Vec<ClienteView> {
    let snapshots = shell.registry.snapshots();
    snapshots
        .iter()
        .map(|snapshot| view::cliente(snapshot))
        .collect()
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}

impl Watch {
    /// Looks at everybody: at first, and after changes were missed.
    fn look(&mut self, everybody: &[ClienteView], now: Instant) {
        let ids = everybody.iter().map(|cliente| cliente.id).collect();
        self.starting.keep(&ids);
        self.alerts.keep(&ids);
        self.needing.retain(|id, _| ids.contains(id));
        for cliente in everybody {
            self.see(cliente, now);
        }
        self.redraw.get_or_insert(now);
    }

    fn see(&mut self, cliente: &ClienteView, now: Instant) {
        self.starting.see(cliente);
        self.alerts.see(cliente, now);
        let changed = if needs_somebody(&cliente.session) {
            self.needing
                .insert(cliente.id, cliente.name.clone())
                .as_ref()
                != Some(&cliente.name)
        } else {
            self.needing.remove(&cliente.id).is_some()
        };
        if changed {
            self.draw_soon(now);
        }
    }

    fn gone(&mut self, id: u64, now: Instant) {
        self.starting.gone(id);
        self.alerts.gone(id);
        if self.needing.remove(&id).is_some() {
            self.draw_soon(now);
        }
    }

    fn draw_soon(&mut self, now: Instant) {
        self.redraw.get_or_insert(now + REDRAW);
    }

    fn act(&mut self, shell: &Arc<Shell>) {
        let now = Instant::now();
        shell.set_starting(self.starting_now(now));
        let mode = shell.settings().view.notifications;
        let language = shell.language();
        let focused = shell.surface.is_focused();
        if let Some(alert) = self.alerts.take(now, mode, focused, language) {
            shell.surface.notify(alert);
        }
        if let Some(needs) = self.drawn_anew(now, language) {
            shell.surface.needs(&needs);
        }
    }

    /// How a start of many goes. Its last word stays for a while.
    fn starting_now(&mut self, now: Instant) -> Option<StartingView> {
        let view = self.starting.view();
        if !self.starting.is_over() {
            self.ends = None;
        } else if view.is_some() && *self.ends.get_or_insert(now + LAST_WORD) <= now {
            self.starting = Starting::default();
            self.ends = None;
            return None;
        }
        view
    }

    /// What the tray is to say from now on; nothing while it says so already, or was drawn a moment ago.
    fn drawn_anew(&mut self, now: Instant, language: Language) -> Option<Needs> {
        self.redraw.take_if(|at| *at <= now)?;
        let named = self.needing.iter().take(NAMED);
        let needs = Needs {
            language,
            count: self.needing.len(),
            first: named
                .map(|(id, name)| (*id, shown(*id, name, texts(language))))
                .collect(),
        };
        if self.told.as_ref() == Some(&needs) {
            return None;
        }
        self.told = Some(needs.clone());
        Some(needs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::starting::tests::cliente;

    const LANGUAGE: Language = Language::En;

    struct Desk {
        watch: Watch,
        now: Instant,
    }

    impl Desk {
        fn new() -> Self {
            let mut desk = Self {
                watch: Watch::default(),
                now: Instant::now(),
            };
            desk.watch.look(&[], desk.now);
            assert_eq!(desk.drawn().map(|needs| needs.count), Some(0));
            desk
        }

        fn see(&mut self, id: u64, state: &str) {
            self.watch.see(&named(id, state), self.now);
        }

        fn after(&mut self, time: Duration) -> &mut Self {
            self.now += time;
            self
        }

        fn drawn(&mut self) -> Option<Needs> {
            self.watch.drawn_anew(self.now, LANGUAGE)
        }

        /// How many have got somewhere, of how many.
        fn starting(&mut self) -> Option<(u32, u32)> {
            let view = self.watch.starting_now(self.now)?;
            Some((view.done, view.total))
        }
    }

    fn named(id: u64, state: &str) -> ClienteView {
        let mut cliente = cliente(id, state);
        cliente.name = format!("C{id}");
        cliente
    }

    #[test]
    fn the_tray_counts_all_who_need_somebody_and_names_the_first_few() {
        let mut desk = Desk::new();
        for id in 1..=7 {
            desk.see(id, "ERROR");
        }
        desk.see(8, "READY");
        let drawn = desk.after(REDRAW).drawn().unwrap();
        assert_eq!(drawn.count, 7);
        let names: Vec<_> = drawn.first.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["C1", "C2", "C3", "C4", "C5"]);
        desk.see(1, "READY");
        desk.watch.gone(2, desk.now);
        let drawn = desk.after(REDRAW).drawn().unwrap();
        assert_eq!((drawn.count, drawn.first[0].0), (5, 3));
    }

    #[test]
    fn the_tray_is_drawn_once_for_changes_that_come_together_and_not_for_none() {
        let mut desk = Desk::new();
        desk.see(1, "ERROR");
        assert_eq!(desk.drawn(), None, "too early");
        desk.see(2, "QR_REQUIRED");
        assert_eq!(desk.after(REDRAW).drawn().unwrap().count, 2);
        assert_eq!(desk.after(REDRAW).drawn(), None);
        // Nothing that it shows has changed.
        desk.see(2, "ERROR");
        desk.see(3, "READY");
        assert_eq!(desk.watch.redraw, None);
        // Somebody who came and went.
        desk.see(3, "ERROR");
        desk.see(3, "READY");
        assert_eq!(desk.after(REDRAW).drawn(), None);
    }

    #[test]
    fn another_name_or_language_is_drawn_and_a_number_is_not_shown_whole() {
        let mut desk = Desk::new();
        desk.see(1, "ERROR");
        desk.after(REDRAW).drawn().unwrap();
        let mut renamed = named(1, "ERROR");
        renamed.name = "+54 9 11 5555-1234".to_owned();
        desk.watch.see(&renamed, desk.now);
        let drawn = desk.after(REDRAW).drawn().unwrap();
        assert_eq!(drawn.first, [(1, "+•• • •• ••••-•234".to_owned())]);
        desk.watch.draw_soon(desk.now);
        desk.after(REDRAW);
        let drawn = desk.watch.drawn_anew(desk.now, Language::Es).unwrap();
        assert_eq!(drawn.language, Language::Es);
    }

    #[test]
    fn the_last_word_about_a_start_of_many_stays_and_goes() {
        let mut desk = Desk::new();
        for id in 1..=3 {
            desk.see(id, "INITIALIZING");
        }
        assert_eq!(desk.starting(), Some((0, 3)));
        // However long it takes.
        assert_eq!(desk.after(10 * LAST_WORD).starting(), Some((0, 3)));
        for id in 1..=3 {
            desk.see(id, "READY");
        }
        assert_eq!(desk.starting(), Some((3, 3)));
        assert_eq!(desk.after(LAST_WORD / 2).starting(), Some((3, 3)));
        assert_eq!(desk.after(LAST_WORD / 2).starting(), None);
        assert_eq!(desk.watch.ends, None, "nobody is woken for it again");
    }

    #[test]
    fn another_start_takes_the_place_of_the_last_word() {
        let mut desk = Desk::new();
        for state in ["INITIALIZING", "READY"] {
            for id in 1..=3 {
                desk.see(id, state);
            }
        }
        assert_eq!(desk.starting(), Some((3, 3)));
        for id in 4..=7 {
            desk.see(id, "INITIALIZING");
        }
        assert_eq!(desk.starting(), Some((0, 4)));
        assert_eq!(desk.after(LAST_WORD).starting(), Some((0, 4)));
    }

    #[test]
    fn who_was_forgotten_while_changes_were_missed_is_not_waited_for_or_told_of() {
        let mut desk = Desk::new();
        for id in 1..=4 {
            desk.see(id, "INITIALIZING");
        }
        desk.see(4, "ERROR");
        desk.see(5, "READY");
        desk.see(5, "ERROR");
        desk.after(REDRAW).drawn().unwrap();
        let left = [1, 2, 3].map(|id| named(id, "READY"));
        desk.watch.look(&left, desk.now);
        assert_eq!(desk.drawn().map(|needs| needs.count), Some(0), "at once");
        assert_eq!(desk.starting(), Some((3, 3)));
        let due = desk.watch.alerts.due().unwrap();
        let all = session_api::dto::Notifications::All;
        let told = desk.watch.alerts.take(due, all, false, LANGUAGE);
        assert_eq!(told, None);
    }
}
