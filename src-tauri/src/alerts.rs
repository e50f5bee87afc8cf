//! When the system's notifications are worth somebody's attention: a pure policy, with the time handed in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use session_api::dto::{ClienteView, Language, Notifications};
use session_api::needs_somebody;
use session_core::StateName;

use crate::texts::{Texts, fill, texts};

/// How long a trouble has to last, so that several are told at once, and what mends itself is not told.
const SETTLE: Duration = Duration::from_secs(3);
/// Between two notifications.
const GAP: Duration = Duration::from_secs(20);
/// How long the same is not told again of the same cliente.
const AGAIN: Duration = Duration::from_secs(5 * 60);
/// How many are named.
const NAMED: usize = 3;

/// What there is to tell of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Qr,
    Unlinked,
    Banned,
    Refused,
    Failed,
    Doubtful,
    /// It needed somebody, and is connected again.
    Ready,
}

/// A notification to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alert {
    pub(crate) title: String,
    pub(crate) body: String,
    /// The card to show when it is clicked.
    pub(crate) cliente: u64,
}

/// What is known of all sessions, and what is to be told.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    /// Whether each needed somebody when it was last seen, and since then was not connected.
    needing: BTreeMap<u64, bool>,
    waiting: BTreeMap<u64, (What, String)>,
    /// When each thing was told of a cliente last: being connected in between makes the next failure no news.
    told: BTreeMap<(u64, What), Instant>,
    due: Option<Instant>,
    last: Option<Instant>,
}

impl Alerts {
    /// How a session is now.
    pub(crate) fn see(&mut self, cliente: &ClienteView, now: Instant) {
        let needs = needs_somebody(&cliente.session);
        let ready = cliente.session.state == StateName::Ready;
        let before = self.needing.get(&cliente.id).copied();
        match (needs, before) {
            (true, Some(_)) => {
                self.needing.insert(cliente.id, true);
                self.want(cliente, what(&cliente.session), now);
            }
            // What already was so when the program looked first is on the wall, not news.
            (_, None) => {
                self.needing.insert(cliente.id, needs);
                if needs {
                    self.told.insert((cliente.id, what(&cliente.session)), now);
                }
            }
            (false, Some(true)) if ready => {
                self.needing.insert(cliente.id, false);
                self.waiting.remove(&cliente.id);
                let mut told = self.told.keys();
                if told.any(|(id, what)| *id == cliente.id && *what != What::Ready) {
                    self.want(cliente, What::Ready, now);
                }
            }
            (false, Some(_)) => {
                self.waiting.remove(&cliente.id);
            }
        }
    }

    fn want(&mut self, cliente: &ClienteView, what: What, now: Instant) {
        let last = self.told.get(&(cliente.id, what));
        if last.is_some_and(|at| now < *at + AGAIN) {
            return;
        }
        self.waiting
            .insert(cliente.id, (what, cliente.name.clone()));
        let soonest = self.last.map_or(now, |last| last + GAP);
        self.due.get_or_insert((now + SETTLE).max(soonest));
    }

    /// It was forgotten.
    pub(crate) fn gone(&mut self, id: u64) {
        self.needing.remove(&id);
        self.waiting.remove(&id);
        self.told.retain(|(of, _), _| *of != id);
    }

    /// These are all that there are: the others were forgotten without a word.
    pub(crate) fn keep(&mut self, ids: &BTreeSet<u64>) {
        let lost: Vec<u64> = self.needing.keys().copied().collect();
        for id in lost.into_iter().filter(|id| !ids.contains(id)) {
            self.gone(id);
        }
    }

    /// When to ask [`Self::take`] next.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// What is to be shown now. What nobody wants to be told, or sees anyway because the window is in front, is dropped.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        mode: Notifications,
        focused: bool,
        language: Language,
    ) -> Option<Alert> {
        if self.due.is_none_or(|due| due > now) {
            return None;
        }
        self.due = None;
        let waiting = std::mem::take(&mut self.waiting);
        for (id, (what, _)) in &waiting {
            self.told.insert((*id, *what), now);
        }
        if mode == Notifications::Off || focused {
            return None;
        }
        let texts = texts(language);
        let (ready, needing): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|(_, (what, _))| *what == What::Ready);
        let alert = match (needing.as_slice(), ready.as_slice()) {
            ([], []) => None,
            ([], _) if mode != Notifications::All => None,
            ([(id, (what, name))], _) => Some(Alert {
                title: shown(*id, name, texts),
                body: line(*what, texts).to_owned(),
                cliente: *id,
            }),
            ([], [(id, (_, name))]) => Some(Alert {
                title: fill(texts.one_ready, &[("name", &shown(*id, name, texts))]),
                body: String::new(),
                cliente: *id,
            }),
            ([], many) => Some(several(texts.many_ready, many, texts)),
            (many, _) => Some(several(texts.many_need, many, texts)),
        };
        if alert.is_some() {
            self.last = Some(now);
        }
        alert
    }
}

fn several(title: &str, many: &[(u64, (What, String))], texts: &Texts) -> Alert {
    let names: Vec<_> = many
        .iter()
        .take(NAMED)
        .map(|(id, (_, name))| shown(*id, name, texts))
        .collect();
    let names = names.join(", ");
    let more = many.len().saturating_sub(NAMED);
    Alert {
        title: fill(title, &[("n", &many.len().to_string())]),
        body: if more == 0 {
            names
        } else {
            fill(
                texts.and_more,
                &[("names", &names), ("n", &more.to_string())],
            )
        },
        cliente: many.first().map_or(0, |(id, _)| *id),
    }
}

/// A cliente by its name; what looks like a phone number in it is not shown whole on somebody's lock screen.
pub(crate) fn shown(id: u64, name: &str, texts: &Texts) -> String {
    if name.is_empty() {
        return fill(texts.unnamed, &[("n", &id.to_string())]);
    }
    let digits = name.chars().filter(char::is_ascii_digit).count();
    if digits < 7 {
        return name.to_owned();
    }
    let mut hidden = digits - 3;
    name.chars()
        .map(|letter| {
            if letter.is_ascii_digit() && hidden > 0 {
                hidden -= 1;
                '•'
            } else {
                letter
            }
        })
        .collect()
}

fn what(session: &session_api::dto::SessionView) -> What {
    match session.state {
        StateName::QrRequired => What::Qr,
        StateName::DisconnectedLogout => What::Unlinked,
        StateName::DisconnectedBanned => What::Banned,
        StateName::AuthFailure => What::Refused,
        StateName::Error => What::Failed,
        _ => What::Doubtful,
    }
}

fn line(what: What, texts: &Texts) -> &'static str {
    match what {
        What::Qr => texts.qr,
        What::Unlinked => texts.unlinked,
        What::Banned => texts.banned,
        What::Refused => texts.refused,
        What::Failed => texts.failed,
        What::Doubtful => texts.doubtful,
        What::Ready => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::starting::tests::cliente;

    const ALL: Notifications = Notifications::All;

    struct Desk {
        alerts: Alerts,
        now: Instant,
    }

    impl Desk {
        fn of(clientes: u64) -> Self {
            let mut desk = Self {
                alerts: Alerts::default(),
                now: Instant::now(),
            };
            for id in 1..=clientes {
                desk.see(id, "READY");
            }
            desk
        }

        fn see(&mut self, id: u64, state: &str) {
            let mut cliente = cliente(id, state);
            cliente.name = format!("C{id}");
            self.alerts.see(&cliente, self.now);
        }

        fn after(&mut self, seconds: u64, mode: Notifications, focused: bool) -> Option<String> {
            self.now += Duration::from_secs(seconds);
            let alert = self.alerts.take(self.now, mode, focused, Language::Es)?;
            Some(format!("{} | {}", alert.title, alert.body))
        }
    }

    #[test]
    fn each_trouble_that_stays_is_told_in_its_own_words() {
        for (state, line) in [
            ("QR_REQUIRED", ES_QR),
            ("DISCONNECTED_LOGOUT", "La sesión se cerró en WhatsApp."),
            ("DISCONNECTED_BANNED", "WhatsApp bloqueó la cuenta."),
            ("AUTH_FAILURE", "WhatsApp rechazó la vinculación."),
            ("ERROR", "Falló y no se arregla solo."),
        ] {
            let mut desk = Desk::of(1);
            desk.see(1, state);
            assert_eq!(desk.after(1, ALL, false), None, "{state}: too early");
            assert_eq!(desk.after(3, ALL, false), Some(format!("C1 | {line}")));
            assert_eq!(desk.after(60, ALL, false), None, "{state}: told twice");
        }
    }

    const ES_QR: &str = "Hay que escanear un código QR.";

    #[test]
    fn what_mends_itself_is_never_told() {
        let mut desk = Desk::of(1);
        for state in ["DISCONNECTED_RECOVERABLE", "RECONNECTING", "READY"] {
            desk.see(1, state);
            assert_eq!(desk.after(10, ALL, false), None, "{state}");
        }
        desk.see(1, "QR_REQUIRED");
        desk.see(1, "READY");
        assert_eq!(desk.after(10, ALL, false), None, "scanned at once");
    }

    #[test]
    fn several_at_once_are_one_notification() {
        let mut desk = Desk::of(5);
        for id in 1..=5 {
            desk.see(id, "ERROR");
        }
        assert_eq!(
            desk.after(3, ALL, false).unwrap(),
            "5 sesiones te necesitan | C1, C2, C3 y 2 más"
        );
    }

    #[test]
    fn the_next_trouble_of_another_one_waits_for_a_while() {
        let mut desk = Desk::of(2);
        desk.see(1, "ERROR");
        assert!(desk.after(5, ALL, false).is_some());
        desk.see(2, "ERROR");
        assert_eq!(desk.after(10, ALL, false), None, "one was shown just now");
        assert!(desk.after(10, ALL, false).is_some());
    }

    #[test]
    fn a_session_that_flaps_cannot_flood() {
        let mut desk = Desk::of(1);
        let mut told = 0;
        for _ in 0..100 {
            for state in ["ERROR", "READY"] {
                desk.see(1, state);
                told += usize::from(desk.after(5, Notifications::Problems, false).is_some());
            }
        }
        // 1000 s.
        assert!((1..=4).contains(&told), "{told}");
    }

    #[test]
    fn connected_again_is_told_only_to_who_wants_all_and_only_after_a_trouble() {
        for (mode, expected) in [
            (ALL, Some("C1 está conectado otra vez | ".to_owned())),
            (Notifications::Problems, None),
            (Notifications::Off, None),
        ] {
            let mut desk = Desk::of(1);
            desk.see(1, "ERROR");
            desk.after(5, mode, false);
            desk.see(1, "RECONNECTING");
            desk.see(1, "READY");
            assert_eq!(desk.after(60, mode, false), expected, "{mode:?}");
        }
    }

    #[test]
    fn nothing_is_told_while_the_window_is_in_front_or_at_the_first_look() {
        let mut desk = Desk::of(1);
        desk.see(1, "QR_REQUIRED");
        assert_eq!(desk.after(5, ALL, true), None);
        assert_eq!(desk.after(60, ALL, false), None, "it was seen");
        let mut desk = Desk::of(0);
        desk.see(1, "QR_REQUIRED");
        assert_eq!(desk.after(5, ALL, false), None);
    }

    #[test]
    fn who_wants_to_be_told_nothing_is_told_nothing_and_not_of_it_later() {
        let mut desk = Desk::of(1);
        desk.see(1, "ERROR");
        assert_eq!(desk.after(5, Notifications::Off, false), None);
        assert_eq!(desk.after(60, ALL, false), None);
    }

    #[test]
    fn one_that_was_forgotten_is_not_told_of_and_a_new_one_of_its_id_is() {
        let mut desk = Desk::of(1);
        desk.see(1, "ERROR");
        desk.alerts.gone(1);
        assert_eq!(desk.after(5, ALL, false), None);
        desk.see(1, "READY");
        desk.see(1, "ERROR");
        assert!(desk.after(30, ALL, false).is_some());
        desk.alerts.gone(1);
        for state in ["READY", "ERROR"] {
            desk.see(1, state);
        }
        assert!(desk.after(30, ALL, false).is_some(), "it is another one");
    }

    #[test]
    fn a_number_in_a_name_is_not_shown_whole() {
        let texts = texts(Language::Es);
        assert_eq!(shown(4, "", texts), "Cliente 4");
        assert_eq!(shown(4, "Local 24", texts), "Local 24");
        assert_eq!(shown(4, "+54 9 11 5555-1234", texts), "+•• • •• ••••-•234");
    }
}
