//! What closing the window means.

use std::sync::atomic::{AtomicBool, Ordering};

use session_api::dto::OnClose;

/// Whether the person has been asked what closing means, and has not answered.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    asked: AtomicBool,
}

impl Closing {
    /// What to do now that the window is to close; nothing: the person is to be asked. Whoever closes it again instead
    /// of answering wants to be gone, or has a page that does not answer any more.
    pub(crate) fn begin(&self, chosen: Option<OnClose>) -> Option<OnClose> {
        chosen.or_else(|| {
            let again = self.asked.swap(true, Ordering::SeqCst);
            again.then_some(OnClose::Quit)
        })
    }

    /// The person has answered, be it that the window stays.
    pub(crate) fn answered(&self) {
        self.asked.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_close_asks_and_a_second_one_without_an_answer_ends() {
        let closing = Closing::default();
        assert_eq!(closing.begin(None), None);
        assert_eq!(closing.begin(None), Some(OnClose::Quit));
    }

    #[test]
    fn who_answered_is_asked_again_the_next_time() {
        let closing = Closing::default();
        assert_eq!(closing.begin(None), None);
        closing.answered();
        assert_eq!(closing.begin(None), None);
    }

    #[test]
    fn who_chose_once_is_not_asked() {
        for choice in [OnClose::KeepRunning, OnClose::Quit] {
            let closing = Closing::default();
            for _ in 0..3 {
                assert_eq!(closing.begin(Some(choice)), Some(choice));
            }
            // Nor is a choice that was taken back an answer to a question of before.
            assert_eq!(closing.begin(None), None);
        }
    }
}
