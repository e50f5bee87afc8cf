//! What the browser loads: one document, one stylesheet, one script put together from `page/`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Timing;
use crate::phone::Shared;
use crate::{socket, uploads};

const DOCUMENT: &str = include_str!("../page/index.html");
const STYLE: &str = include_str!("../page/style.css");
const ICON: &str = include_str!("../page/icon.svg");

/// What the document may do. What is put into it from outside must do with that.
const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; media-src 'self' data: blob:; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// In the order of loading; later files use what earlier ones define.
const SCRIPTS: [(&str, &str); 16] = [
    ("loader.js", include_str!("../page/loader.js")),
    ("model.js", include_str!("../page/model.js")),
    ("ids.js", include_str!("../page/ids.js")),
    ("wire.js", include_str!("../page/wire.js")),
    ("identity.js", include_str!("../page/identity.js")),
    ("marks.js", include_str!("../page/marks.js")),
    ("connection.js", include_str!("../page/connection.js")),
    ("account.js", include_str!("../page/account.js")),
    ("chats.js", include_str!("../page/chats.js")),
    ("kept.js", include_str!("../page/kept.js")),
    ("messages.js", include_str!("../page/messages.js")),
    ("media.js", include_str!("../page/media.js")),
    ("small.js", include_str!("../page/small.js")),
    ("view.js", include_str!("../page/view.js")),
    ("session.js", include_str!("../page/session.js")),
    ("start.js", include_str!("../page/start.js")),
];

/// What the page's routes share.
#[derive(Debug, Clone)]
pub(crate) struct PageServer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stopped: CancellationToken,
    script: Arc<str>,
}

impl PageServer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        tasks: TaskTracker,
        stopped: CancellationToken,
        timing: &Timing,
        break_hooks: bool,
    ) -> Self {
        Self {
            shared,
            tasks,
            stopped,
            script: script(timing, break_hooks).into(),
        }
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/", get(document))
            .route("/app.js", get(app))
            .route(
                "/app.css",
                get(|| async { text("text/css; charset=utf-8", STYLE) }),
            )
            .route(
                "/favicon.ico",
                get(|| async { text("image/svg+xml", ICON) }),
            )
            .route(
                "/media",
                post(uploads::upload).layer(DefaultBodyLimit::disable()),
            )
            .route("/ws", get(socket::upgrade))
            .with_state(self)
    }
}

async fn document() -> Response {
    let mut response = text("text/html; charset=utf-8", DOCUMENT);
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    response
}

async fn app(State(server): State<PageServer>) -> Response {
    text("text/javascript; charset=utf-8", server.script.to_string())
}

fn text(kind: &'static str, body: impl Into<axum::body::Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        // The next start may serve other code or other timings under the same address.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::OK, headers, body.into()).into_response()
}

/// One script in a scope of its own, so that nothing but what `start.js` exposes can be seen.
fn script(timing: &Timing, break_hooks: bool) -> String {
    let settings = serde_json::json!({
        "exposeModules": !break_hooks,
        "logoutMs": u64::try_from(timing.logout.as_millis()).unwrap_or(u64::MAX),
        "retryMs": u64::try_from(timing.retry.as_millis()).unwrap_or(u64::MAX),
    });
    let mut script = format!("(() => {{\n\"use strict\";\nconst settings = {settings};\n");
    for (name, source) in SCRIPTS {
        script.push_str("// ");
        script.push_str(name);
        script.push('\n');
        script.push_str(source);
    }
    script.push_str("})();\n");
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_hooks_reach_the_page() {
        assert!(script(&Timing::fast(), true).contains(r#""exposeModules":false"#));
        assert!(script(&Timing::fast(), false).contains(r#""exposeModules":true"#));
    }

    #[test]
    fn every_script_of_the_folder_is_served() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| {
                std::path::Path::new(name)
                    .extension()
                    .is_some_and(|e| e == "js")
            })
            .collect();
        let mut served: Vec<String> = SCRIPTS.iter().map(|(name, _)| (*name).to_owned()).collect();
        files.sort();
        served.sort();
        assert_eq!(files, served);
    }
}
