//! Switches the local API on and off while the program runs.

use std::net::SocketAddr;

use session_api::dto::{ApiProblem, ApiView};
use session_api::{BindError, Bound, ControlRoom, Options, bind, bind_beyond};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the local API is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// On or off.
    pub(crate) enabled: bool,
    /// Where.
    pub(crate) address: SocketAddr,
}

type Reply = oneshot::Sender<Result<(), BindError>>;

/// The switch. Cheap to clone.
#[derive(Clone)]
pub(crate) struct LocalApi {
    wishes: mpsc::Sender<(Wish, Reply)>,
    view: watch::Receiver<ApiView>,
}

/// The other end of the switch: needs the control room, which in turn holds the switch.
pub(crate) struct Keeper {
    wishes: mpsc::Receiver<(Wish, Reply)>,
    view: watch::Sender<ApiView>,
}

impl LocalApi {
    /// A switch that is off.
    pub(crate) fn new(address: SocketAddr) -> (Self, Keeper) {
        let (sender, wishes) = mpsc::channel(4);
        let off = ApiView {
            enabled: false,
            address: address.to_string(),
            error: None,
            // Told by who knows the keys.
            key_required: false,
        };
        let view = watch::Sender::new(off);
        (
            Self {
                wishes: sender,
                view: view.subscribe(),
            },
            Keeper { wishes, view },
        )
    }

    /// What it is now.
    pub(crate) fn view(&self) -> ApiView {
        self.view.borrow().clone()
    }

    /// Makes it so, and tells whether it listens. An API that cannot listen stays switched on, with its problem.
    pub(crate) async fn set(&self, wish: Wish) -> Result<(), BindError> {
        let (reply, answer) = oneshot::channel();
        if self.wishes.send((wish, reply)).await.is_err() {
            // The program is ending.
            return Ok(());
        }
        answer.await.unwrap_or(Ok(()))
    }
}

impl Keeper {
    /// Carries out wishes until `stop` fires and the API has ended.
    pub(crate) async fn run(
        mut self,
        room: ControlRoom,
        options: Options,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) {
        let mut running: Option<(JoinHandle<()>, CancellationToken)> = None;
        loop {
            let (wish, reply) = tokio::select! {
                Some(wish) = self.wishes.recv() => wish,
                () = stop.cancelled() => break,
                else => break,
            };
            end(running.take()).await;
            let (error, outcome) = if wish.enabled {
                match listen(&room, wish.address).await {
                    Ok(bound) => {
                        let end = stop.child_token();
                        let serving = bound.serve(room.clone(), options.clone(), end.clone());
                        running = Some((tasks.spawn(serving), end));
                        (None, Ok(()))
                    }
                    Err(error) => {
                        tracing::error!(%error, "the local API does not listen");
                        (Some(error.problem()), Err(error))
                    }
                }
            } else {
                (None, Ok(()))
            };
            self.show(wish, error);
            // The caller may have hung up.
            let _ = reply.send(outcome);
        }
        end(running).await;
    }

    fn show(&self, wish: Wish, error: Option<ApiProblem>) {
        self.view.send_replace(ApiView {
            enabled: wish.enabled,
            address: wish.address.to_string(),
            error,
            key_required: false,
        });
    }
}

/// Other machines are let near only where there are keys to tell callers by.
async fn listen(room: &ControlRoom, address: SocketAddr) -> Result<Bound, BindError> {
    match room.access().keys() {
        Some(keys) => bind_beyond(address, keys).await,
        None => bind(address).await,
    }
}

/// Ends a running API. It ends by itself soon after its token; a panic in it has been logged.
async fn end(running: Option<(JoinHandle<()>, CancellationToken)>) {
    if let Some((serving, stop)) = running {
        stop.cancel();
        let _ = serving.await;
    }
}
