//! Places for browsers: how many may run at the same time, and the line of those that wait for one.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// More would not fit into the semaphore's counter on any system.
const MOST: u32 = 1 << 20;

/// The places. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Slots(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    free: Arc<Semaphore>,
    usage: watch::Sender<Use>,
}

/// How the places are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) limit: u32,
    pub(crate) taken: u32,
    pub(crate) waiting: u32,
    /// Places that are to go away as soon as they are given back.
    owed: u32,
}

/// A place. It is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Slots,
    permit: Option<OwnedSemaphorePermit>,
}

impl Slots {
    /// So many places, one at least.
    pub(crate) fn new(limit: u32) -> Self {
        let limit = limit.clamp(1, MOST);
        Self(Arc::new(Inner {
            free: Arc::new(Semaphore::new(limit as usize)),
            usage: watch::Sender::new(Use {
                limit,
                ..Use::default()
            }),
        }))
    }

    /// Changes how many there are. Nobody loses a place by it: those that are too many go away as they are given back.
    pub(crate) fn set_limit(&self, limit: u32) {
        let limit = limit.clamp(1, MOST);
        self.0.usage.send_if_modified(|usage| {
            if limit >= usage.limit {
                let more = limit - usage.limit;
                let kept = more.min(usage.owed);
                usage.owed -= kept;
                self.0.free.add_permits((more - kept) as usize);
            } else {
                let fewer = usage.limit - limit;
                let gone = self.0.free.forget_permits(fewer as usize);
                usage.owed += fewer - u32::try_from(gone).unwrap_or(fewer);
            }
            std::mem::replace(&mut usage.limit, limit) != limit
        });
    }

    /// How they are used.
    pub(crate) fn usage(&self) -> Use {
        *self.0.usage.borrow()
    }

    /// How they are used from now on.
    pub(crate) fn watch(&self) -> watch::Receiver<Use> {
        self.0.usage.subscribe()
    }

    /// Takes a place, or stands in line for one: first come, first served.
    pub(crate) async fn take(&self) -> Slot {
        let permit = if let Ok(permit) = Arc::clone(&self.0.free).try_acquire_owned() {
            Some(permit)
        } else {
            let _waiting = Waiting::begin(self);
            // Never closed.
            Arc::clone(&self.0.free).acquire_owned().await.ok()
        };
        self.0.usage.send_modify(|usage| usage.taken += 1);
        Slot {
            slots: self.clone(),
            permit,
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let permit = self.permit.take();
        self.slots.0.usage.send_modify(|usage| {
            usage.taken -= 1;
            if usage.owed > 0
                && let Some(permit) = permit
            {
                usage.owed -= 1;
                permit.forget();
            }
        });
    }
}

/// Counts somebody as waiting for as long as it lives, whichever way the wait ends.
struct Waiting<'a>(&'a Slots);

impl<'a> Waiting<'a> {
    fn begin(slots: &'a Slots) -> Self {
        slots.0.usage.send_modify(|usage| usage.waiting += 1);
        Self(slots)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.0.usage.send_modify(|usage| usage.waiting -= 1);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn usage(limit: u32, taken: u32, waiting: u32) -> Use {
        Use {
            limit,
            taken,
            waiting,
            owed: 0,
        }
    }

    #[tokio::test]
    async fn no_more_than_the_limit_have_a_place_and_the_rest_stand_in_line() {
        let slots = Slots::new(2);
        let first = slots.take().await;
        let _second = slots.take().await;
        let mut third = std::pin::pin!(slots.take());
        let mut fourth = std::pin::pin!(slots.take());
        assert!(third.as_mut().now_or_never().is_none());
        assert!(fourth.as_mut().now_or_never().is_none());
        assert_eq!(slots.usage(), usage(2, 2, 2));
        drop(first);
        assert!(fourth.as_mut().now_or_never().is_none(), "jumped the line");
        let third = third.await;
        assert_eq!(slots.usage(), usage(2, 2, 1));
        drop(third);
        fourth.await;
    }

    #[tokio::test]
    async fn whoever_stops_waiting_is_not_counted_any_more() {
        let slots = Slots::new(1);
        let held = slots.take().await;
        {
            let mut waiting = Box::pin(slots.take());
            assert!(waiting.as_mut().now_or_never().is_none());
        }
        assert_eq!(slots.usage(), usage(1, 1, 0));
        drop(held);
        assert_eq!(slots.usage(), usage(1, 0, 0));
    }

    #[tokio::test]
    async fn a_lower_limit_takes_effect_as_places_are_given_back() {
        let slots = Slots::new(3);
        let held: Vec<_> = [slots.take().await, slots.take().await, slots.take().await].into();
        slots.set_limit(1);
        for slot in held {
            assert!(slots.take().now_or_never().is_none());
            drop(slot);
        }
        let one = slots.take().now_or_never().unwrap();
        assert!(slots.take().now_or_never().is_none());
        slots.set_limit(2);
        let two = slots.take().now_or_never().unwrap();
        assert!(slots.take().now_or_never().is_none());
        // Lowered and raised again before anybody gave back: nothing is owed any more.
        slots.set_limit(1);
        slots.set_limit(2);
        drop((one, two));
        let _both = (
            slots.take().now_or_never().unwrap(),
            slots.take().now_or_never().unwrap(),
        );
        assert!(slots.take().now_or_never().is_none());
    }
}
