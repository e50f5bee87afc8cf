//! Sessions that are being started together: after a start of the program, by "start all", or because a network came back.
//! What is told of them follows from the sessions alone, so a page that loads in the middle sees the same.

use std::collections::{BTreeMap, BTreeSet};

use session_api::dto::{ClienteView, StartingView};
use session_api::needs_somebody;
use session_core::{StateName, Wanted};

/// From how many on it is worth a word: whoever starts one or two by hand looks at their cards.
const MANY: usize = 3;

/// Sessions that are being started together.
#[derive(Debug, Default)]
pub(crate) struct Starting {
    members: BTreeMap<u64, Step>,
    restoring: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Its turn is to come.
    Planned,
    Going,
    Done {
        ready: bool,
        attention: bool,
    },
}

impl Starting {
    /// These are going to be restored.
    pub(crate) fn plan(&mut self, ids: impl IntoIterator<Item = u64>) {
        self.members = ids.into_iter().map(|id| (id, Step::Planned)).collect();
        self.restoring = !self.members.is_empty();
    }

    /// How a session is now.
    pub(crate) fn see(&mut self, cliente: &ClienteView) {
        let session = &cliente.session;
        let starts = matches!(
            session.state,
            StateName::Initializing | StateName::Reconnecting
        );
        if starts && self.is_over() {
            *self = Self::default();
        }
        let step = match self.members.get(&cliente.id) {
            None if starts => Step::Going,
            None => return,
            // It got somewhere; what it does after that is another story.
            Some(&done @ Step::Done { .. }) if starts => done,
            Some(_) if starts => Step::Going,
            Some(Step::Planned)
                if session.state == StateName::NotInitialized
                    && !session.hibernated
                    && cliente.wanted == Wanted::Running =>
            {
                Step::Planned
            }
            Some(_) if session.state == StateName::NotInitialized => return self.gone(cliente.id),
            Some(_) => Step::Done {
                ready: session.state == StateName::Ready,
                attention: needs_somebody(session),
            },
        };
        self.members.insert(cliente.id, step);
    }

    /// It is stopped, asleep or forgotten, and no longer one of them.
    pub(crate) fn gone(&mut self, id: u64) {
        self.members.remove(&id);
    }

    /// These are all that there are: the others were forgotten without a word.
    pub(crate) fn keep(&mut self, ids: &BTreeSet<u64>) {
        self.members.retain(|id, _| ids.contains(id));
    }

    /// Whether all have got somewhere.
    pub(crate) fn is_over(&self) -> bool {
        self.members
            .values()
            .all(|step| matches!(step, Step::Done { .. }))
    }

    /// What is told; nothing where there are too few.
    pub(crate) fn view(&self) -> Option<StartingView> {
        let fewest = if self.restoring { 2 } else { MANY };
        if self.members.len() < fewest {
            return None;
        }
        let mut view = StartingView {
            restoring: self.restoring,
            ..StartingView::default()
        };
        for step in self.members.values() {
            view.total += 1;
            if let Step::Done { ready, attention } = *step {
                view.done += 1;
                view.ready += u32::from(ready);
                view.attention += u32::from(attention);
            }
        }
        Some(view)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// A cliente in this state.
    pub(crate) fn cliente(id: u64, state: &str) -> ClienteView {
        serde_json::from_value(json!({
            "id": id, "name": "", "note": "", "created_at": 0, "wanted": "running", "account": null,
            "saved_login": true, "self_test": false,
            "session": {
                "state": state, "since": 0, "reason": null, "browser": "none", "progress": null, "qr": null,
                "login_step": null, "attempts": 0, "max_attempts": 3, "can_send": false, "degraded": null,
                "cleanup_at": null, "sent": 0, "failed": 0, "visible": false, "needs_window": false, "browser_pid": null, "memory": null, "cpu": null,
                "hibernated": false, "restart": null, "restarts": 0, "notice": null, "breaker": "closed",
            },
        }))
        .unwrap()
    }

    fn told(starting: &Starting) -> Option<(u32, u32, u32, u32)> {
        starting
            .view()
            .map(|it| (it.done, it.total, it.ready, it.attention))
    }

    #[test]
    fn a_restore_counts_what_got_somewhere_and_says_what_did_not_come_back() {
        let mut starting = Starting::default();
        starting.plan([1, 2, 3]);
        starting.see(&cliente(1, "NOT_INITIALIZED"));
        assert_eq!(told(&starting), Some((0, 3, 0, 0)));
        starting.see(&cliente(1, "RECONNECTING"));
        starting.see(&cliente(1, "READY"));
        starting.see(&cliente(2, "RECONNECTING"));
        starting.see(&cliente(2, "QR_REQUIRED"));
        assert_eq!(told(&starting), Some((2, 3, 1, 1)));
        assert!(!starting.is_over());
        // One that fails while others come up is not counted twice when it tries again.
        starting.see(&cliente(2, "RECONNECTING"));
        assert_eq!(told(&starting), Some((2, 3, 1, 1)));
        starting.see(&cliente(3, "READY"));
        assert_eq!(told(&starting), Some((3, 3, 2, 1)));
        assert!(starting.is_over());
    }

    #[test]
    fn who_is_stopped_or_laid_to_sleep_meanwhile_is_not_waited_for() {
        let mut starting = Starting::default();
        starting.plan([1, 2, 3, 4]);
        let mut asleep = cliente(2, "NOT_INITIALIZED");
        asleep.session.hibernated = true;
        starting.see(&asleep);
        let mut stopped = cliente(3, "NOT_INITIALIZED");
        stopped.wanted = Wanted::Stopped;
        starting.see(&stopped);
        assert_eq!(told(&starting), Some((0, 2, 0, 0)));
        starting.see(&cliente(1, "READY"));
        starting.gone(4);
        assert!(starting.is_over());
    }

    #[test]
    fn three_that_are_started_at_once_are_told_of_and_one_is_not() {
        let mut starting = Starting::default();
        starting.see(&cliente(1, "INITIALIZING"));
        starting.see(&cliente(2, "RECONNECTING"));
        assert_eq!(told(&starting), None);
        starting.see(&cliente(3, "RECONNECTING"));
        assert_eq!(told(&starting), Some((0, 3, 0, 0)));
        for id in 1..=3 {
            starting.see(&cliente(id, "READY"));
        }
        assert!(starting.is_over());
        // What comes later is counted anew.
        starting.see(&cliente(4, "INITIALIZING"));
        assert_eq!(told(&starting), None);
    }
}
