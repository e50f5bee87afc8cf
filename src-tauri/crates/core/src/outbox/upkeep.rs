//! What the outbox does beside sending: follows acknowledgements and the ends of clientes, and forgets what is old.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Instant, sleep_until};

use super::service::Outbox;
use super::{MessageStatus, MessageStep};
use crate::account::MessageId;
use crate::cliente::ClienteId;
use crate::clock::Timestamp;
use crate::message::{Ack, MessageKey};
use crate::snapshot::RegistryEvent;

/// The longest sleep: the wall clock may be set, and the machine may sleep, in the meantime.
const LONGEST: Duration = Duration::from_secs(600);

/// Begins both tasks. Files that no row knows of are deleted first: they are left from a program that died in between.
pub(super) async fn begin(outbox: &Outbox) {
    let events = outbox.0.registry.subscribe();
    match outbox.0.store.all_media().await {
        Ok(known) => outbox.0.files.keep_only(known).await,
        // Whatever the rows are, none of them can be read.
        Err(error) => tracing::error!(%error, "the files that wait cannot be read"),
    }
    let stop = &outbox.0.stop;
    let tasks = &outbox.0.tasks;
    tasks.spawn(
        stop.clone()
            .run_until_cancelled_owned(follow(outbox.clone(), events)),
    );
    tasks.spawn(stop.clone().run_until_cancelled_owned(tidy(outbox.clone())));
}

async fn follow(outbox: Outbox, mut events: broadcast::Receiver<RegistryEvent>) {
    loop {
        match events.recv().await {
            Ok(RegistryEvent::Acknowledged(_, id, ack)) => acknowledged(&outbox, id, ack).await,
            Ok(RegistryEvent::Removed(id)) => forget(&outbox, id).await,
            Ok(RegistryEvent::Changed(_) | RegistryEvent::Received(..)) => {}
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "some acknowledgements were missed");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Messages that were sent elsewhere are acknowledged too; there is no row of them.
async fn acknowledged(outbox: &Outbox, id: MessageId, ack: Ack) {
    let Ok(key) = id.key().parse::<MessageKey>() else {
        return;
    };
    // Before the look, so that it is found by whoever writes the row down after the look.
    outbox.remember(&key, &id, ack);
    outbox.raise(key, id, ack).await;
}

async fn forget(outbox: &Outbox, id: ClienteId) {
    // The store has done so with the cliente; what came in at the very same moment is left.
    if let Err(error) = outbox.0.store.forget(id).await {
        tracing::error!(cliente = %id, %error, "the messages of a forgotten cliente are still there");
    }
    outbox.recount().await;
    outbox.ring_if_there(id);
    prune(outbox).await;
}

impl Outbox {
    /// A message got so far.
    pub(super) async fn raise(&self, key: MessageKey, id: MessageId, ack: Ack) {
        let step = MessageStep {
            message_id: Some(id),
            ..MessageStep::new(key, MessageStatus::from(ack), self.0.clock.now())
        };
        match self.apply(step).await {
            // Its turn may be over without its line knowing.
            Ok(Some(change)) if change.previous.is_some_and(MessageStatus::is_pending) => {
                self.ring_if_there(change.cliente);
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "an acknowledgement is not kept"),
        }
    }
}

async fn tidy(outbox: Outbox) {
    let mut prune_at = Instant::now();
    loop {
        let next = expire(&outbox).await;
        let sweep = outbox.0.sweep.swap(false, Ordering::SeqCst);
        if sweep || prune_at <= Instant::now() {
            prune(&outbox).await;
            prune_at = Instant::now() + outbox.0.policy.prune_every;
        }
        let wait = next.map_or(LONGEST, |next| next.since(outbox.0.clock.now()));
        let wake = (Instant::now() + wait.min(LONGEST)).min(prune_at);
        tokio::select! {
            () = sleep_until(wake) => {}
            () = outbox.0.upkeep.notified() => {}
        }
    }
}

/// Fails what waited for too long, and tells when there will be more of it.
async fn expire(outbox: &Outbox) -> Option<Timestamp> {
    let turn = outbox.turn().await;
    let now = outbox.0.clock.now();
    let (changes, next) = match outbox.0.store.expire(now).await {
        Ok(expired) => expired,
        Err(error) => {
            tracing::error!(%error, "messages that wait for too long cannot be found");
            return None;
        }
    };
    for change in &changes {
        outbox.tell(change);
    }
    drop(turn);
    for change in &changes {
        outbox.ring_if_there(change.cliente);
    }
    // Of those that are on their way, the line of their cliente finds out by itself.
    next.map(|next| next.max(now.plus(Duration::from_secs(1))))
}

async fn prune(outbox: &Outbox) {
    let kept = outbox.0.policy.retention;
    match outbox.0.store.prune(outbox.0.clock.now(), kept).await {
        Ok(files) if files.is_empty() => {}
        Ok(files) => outbox.0.files.remove(files).await,
        Err(error) => tracing::error!(%error, "old messages are still there"),
    }
}
