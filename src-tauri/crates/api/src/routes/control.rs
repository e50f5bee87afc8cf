//! `POST /control/<command>`: the control room's commands for its page in a browser, where there is no window.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::answer;
use crate::args::{
    CloseArgs, DescribeArgs, DestroyArgs, IdArgs, NoArgs, PhoneArgs, PlaceArgs, SendArgs,
    TimelineArgs,
};
use crate::control::{ControlRoom, unusable};
use crate::dto::{CommandError, NewCliente, SettingsPatch};
use crate::error::ErrorCode;
use crate::guard::Caller;
use crate::router::Api;

/// Lets in only the pages that this server serves, and programs that are no browsers: an origin that may use the API
/// may not therefore run the program.
pub(crate) async fn own_pages_only(request: Request, next: Next) -> Response {
    match request.extensions().get::<Caller>() {
        Some(Caller::Local) => next.run(request).await,
        Some(Caller::Listed(_)) | None => failed(&CommandError::new(
            ErrorCode::OriginNotAllowed,
            "only the control room itself may send commands",
        )),
    }
}

pub(crate) async fn control(
    State(api): State<Arc<Api>>,
    Path(command): Path<String>,
    body: Bytes,
) -> Response {
    match run(&api.room, &command, &body).await {
        Ok(answer) => answer,
        Err(error) => failed(&error),
    }
}

fn failed(error: &CommandError) -> Response {
    answer::json(error.code.status(), error)
}

async fn run(room: &ControlRoom, command: &str, body: &[u8]) -> Result<Response, CommandError> {
    Ok(match command {
        "snapshot" => {
            let NoArgs {} = args(body)?;
            ok(&room.snapshot())
        }
        "add_cliente" => ok(&room.add_cliente(args::<NewCliente>(body)?).await?),
        "update_cliente" => {
            let DescribeArgs { id, name, note } = args(body)?;
            ok(&room.update_cliente(id, &name, &note).await?)
        }
        "start" => ok(&room.start(id(body)?).await?),
        "stop" => ok(&room.stop(id(body)?).await?),
        "restart" => ok(&room.restart(id(body)?).await?),
        "log_out" => ok(&room.log_out(id(body)?).await?),
        "destroy" => {
            let DestroyArgs { id, forget } = args(body)?;
            ok(&room.destroy(id, forget).await?)
        }
        "refresh_qr" => ok(&room.refresh_qr(id(body)?).await?),
        "send_message" => {
            let SendArgs { id, to, text } = args(body)?;
            ok(&room.send_message(id, &to, text).await?)
        }
        "timeline" => {
            let TimelineArgs { id, limit } = args(body)?;
            ok(&room.timeline(id, limit).await?)
        }
        "update_settings" => ok(&room.update_settings(args::<SettingsPatch>(body)?).await?),
        "find_browser" => {
            let NoArgs {} = args(body)?;
            ok(&room.find_browser().await?)
        }
        "open_place" => {
            let PlaceArgs { place } = args(body)?;
            ok(&room.open_place(place).await?)
        }
        "close_decided" => {
            let CloseArgs { choice, remember } = args(body)?;
            ok(&room.close_decided(choice, remember).await?)
        }
        "demo_phone" => {
            let PhoneArgs { id, action } = args(body)?;
            ok(&room.demo_phone(id, action).await?)
        }
        _ => {
            return Err(CommandError::new(
                ErrorCode::NotFound,
                "there is no such command",
            ));
        }
    })
}

/// A command that answers nothing answers `null`: that is how `()` is written.
fn ok<T: Serialize>(result: &T) -> Response {
    answer::json(StatusCode::OK, result)
}

fn id(body: &[u8]) -> Result<u64, CommandError> {
    args::<IdArgs>(body).map(|args| args.id)
}

/// A command that takes nothing may come without a body.
fn args<T: DeserializeOwned>(body: &[u8]) -> Result<T, CommandError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|_| unusable("the arguments of this command cannot be read"))
}
