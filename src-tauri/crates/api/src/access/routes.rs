//! Routes with what each needs: there is no way to declare one without it.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;

use super::Needs;
use super::gate::{Lock, authorize};
use crate::bounds::Shape;
use crate::router::Api;

/// Routes that have yet to be given what their handlers share, each with its lock.
pub(crate) struct Routes {
    router: Router<Arc<Api>>,
    shape: Shape,
}

impl Routes {
    /// None yet; refusals of those to come look like this.
    pub(crate) fn new(shape: Shape) -> Self {
        Self {
            router: Router::new(),
            shape,
        }
    }

    /// Declares a route, and what a caller needs for these methods of it.
    pub(crate) fn route(self, path: &str, needs: Needs, methods: MethodRouter<Arc<Api>>) -> Self {
        let shape = self.shape;
        let locked = methods.route_layer(from_fn_with_state(Lock { needs, shape }, authorize));
        Self {
            router: self.router.route(path, locked),
            shape,
        }
    }

    /// With all of these.
    pub(crate) fn merge(self, others: Self) -> Self {
        Self {
            router: self.router.merge(others.router),
            shape: self.shape,
        }
    }

    /// With something around every one of them.
    pub(crate) fn within(self, layer: impl FnOnce(Router<Arc<Api>>) -> Router<Arc<Api>>) -> Self {
        Self {
            router: layer(self.router),
            shape: self.shape,
        }
    }

    /// What the server runs, with this lock and handler for whatever is no route.
    pub(crate) fn or_else(self, needs: Needs, handler: MethodRouter) -> Router<Arc<Api>> {
        let lock = Lock {
            needs,
            shape: self.shape,
        };
        self.router
            .fallback_service(handler.layer(from_fn_with_state(lock, authorize)))
    }
}
