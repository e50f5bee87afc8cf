//! The control room's commands: one table of what each takes and answers, the same over IPC and over HTTP. The UI's
//! type `Commands` is generated from it.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use ts_rs::{Config, TS, TypeVisitor};

use crate::calls::CallView;
use crate::control::{ControlRoom, unusable};
use crate::dto::{
    AppView, ClienteView, CommandError, KeyView, NewCliente, NewKeyView, OnClose, PairingCodeView,
    PhoneAction, Place, SentView, SettingsPatch, Snapshot, TimelineView,
};
use crate::error::ErrorCode;
use crate::keys::Scope;
use crate::many::{ImportArgs, ImportView, SaveFileArgs, SavedFileView};
use crate::old_logins::{
    ChooseFolderArgs, ChosenFolderView, OldFolderArgs, OldFoundView, TakeArgs, TakeSeen, TakeView,
};
use crate::support::{BundleSeen, BundleView, BundleWish};
use crate::webhooks::{
    DeadLetterView, LettersArgs, LettersLimitArgs, LettersView, WebhookArgs, WebhookDraft,
    WebhookSecretView, WebhookTestView, WebhookUpdate, WebhookView,
};

macro_rules! commands {
    ($($name:ident($args:ty) -> $answer:ty;)*) => {
        /// The names of all commands.
        pub const COMMANDS: &[&str] = &[$(stringify!($name),)*];

        /// Runs a command that came as JSON; its answer is JSON too.
        pub(crate) async fn run(
            room: &ControlRoom,
            command: &str,
            args: &[u8],
        ) -> Result<Vec<u8>, CommandError> {
            match command {
                $(stringify!($name) => {
                    let answer: $answer = room.$name(read::<$args>(args)?).await?;
                    write(&answer)
                })*
                _ => Err(CommandError::new(ErrorCode::NotFound, "there is no such command")),
            }
        }

        /// The TypeScript type of all commands, and the types that it is made of.
        pub fn typescript(config: &Config, types: &mut impl TypeVisitor) -> String {
            let mut text = "/** Every command of the control room: what it takes and what it answers. */\n\
                            export type Commands = {\n"
                .to_owned();
            $(
                <$args as TS>::visit_dependencies(types);
                types.visit::<$args>();
                <$answer as TS>::visit_dependencies(types);
                <$answer as TS>::visit_generics(types);
                types.visit::<$answer>();
                // Writing to a string cannot fail.
                let _ = writeln!(
                    text,
                    "  {}: {{ args: {}, result: {} }},",
                    stringify!($name),
                    <$args as TS>::name(config),
                    <$answer as TS>::name(config),
                );
            )*
            text.push_str("};\n");
            text
        }
    };
}

commands! {
    snapshot(NoArgs) -> Snapshot;
    add_cliente(NewCliente) -> ClienteView;
    import_clientes(ImportArgs) -> ImportView;
    update_cliente(DescribeArgs) -> ClienteView;
    start(IdArgs) -> ClienteView;
    stop(IdArgs) -> ClienteView;
    restart(IdArgs) -> ClienteView;
    log_out(IdArgs) -> ClienteView;
    hibernate(IdArgs) -> ClienteView;
    show_browser(IdArgs) -> ClienteView;
    hide_browser(IdArgs) -> ClienteView;
    set_self_test(SelfTestArgs) -> ClienteView;
    dismiss_notice(IdArgs) -> ClienteView;
    destroy(DestroyArgs) -> ();
    refresh_qr(IdArgs) -> ();
    pairing_code(PairingArgs) -> PairingCodeView;
    send_message(SendArgs) -> SentView;
    timeline(TimelineArgs) -> Vec<TimelineView>;
    calls(CallsArgs) -> Vec<CallView>;
    keys(NoArgs) -> Vec<KeyView>;
    create_key(CreateKeyArgs) -> NewKeyView;
    rotate_key(KeyArgs) -> NewKeyView;
    revoke_key(KeyArgs) -> ();
    webhooks(NoArgs) -> Vec<WebhookView>;
    add_webhook(WebhookDraft) -> WebhookSecretView;
    update_webhook(WebhookUpdate) -> WebhookView;
    remove_webhook(WebhookArgs) -> ();
    test_webhook(WebhookArgs) -> WebhookTestView;
    webhook_secret(WebhookArgs) -> WebhookSecretView;
    rotate_webhook_secret(WebhookArgs) -> WebhookSecretView;
    dead_letters(LettersLimitArgs) -> Vec<DeadLetterView>;
    resend_dead_letters(LettersArgs) -> LettersView;
    discard_dead_letters(LettersArgs) -> LettersView;
    begin_bundle(BundleWish) -> BundleView;
    bundle_progress(BundleSeen) -> BundleView;
    cancel_bundle(NoArgs) -> BundleView;
    show_bundle(NoArgs) -> ();
    choose_folder(ChooseFolderArgs) -> ChosenFolderView;
    find_old_logins(OldFolderArgs) -> OldFoundView;
    import_logins(TakeArgs) -> TakeView;
    import_progress(TakeSeen) -> TakeView;
    cancel_import(NoArgs) -> TakeView;
    update_settings(SettingsPatch) -> AppView;
    find_browser(NoArgs) -> AppView;
    open_place(PlaceArgs) -> ();
    save_file(SaveFileArgs) -> SavedFileView;
    close_decided(CloseArgs) -> ();
    check_update(NoArgs) -> ();
    install_update(NoArgs) -> ();
    demo_phone(PhoneArgs) -> ();
}

/// A command that takes nothing may come without a body.
fn read<T: DeserializeOwned>(args: &[u8]) -> Result<T, CommandError> {
    let args = if args.is_empty() { b"{}" } else { args };
    serde_json::from_slice(args)
        .map_err(|_| unusable("the arguments of this command cannot be read"))
}

/// A command that answers nothing answers `null`: that is how `()` is written.
fn write<T: Serialize>(answer: &T) -> Result<Vec<u8>, CommandError> {
    serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written");
        CommandError::new(ErrorCode::InternalError, "Internal server error")
    })
}

/// A command that takes nothing.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct NoArgs {}

/// A command about one cliente.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct IdArgs {
    /// Which.
    #[ts(type = "number")]
    pub id: u64,
}

/// Whether a cliente writes to itself now and then.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SelfTestArgs {
    /// Which.
    #[ts(type = "number")]
    pub id: u64,
    /// Whether it does.
    pub on: bool,
}

/// What to call a cliente.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DescribeArgs {
    /// Which.
    #[ts(type = "number")]
    pub id: u64,
    /// The new name.
    pub name: String,
    /// The new remark.
    pub note: String,
}

/// A session to end.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DestroyArgs {
    /// Which.
    #[ts(type = "number")]
    pub id: u64,
    /// Whether to delete the login and the cliente too.
    pub forget: bool,
}

/// A number to link without a QR.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PairingArgs {
    /// Which.
    #[ts(type = "number")]
    pub id: u64,
    /// The number of the phone, with country code, as people write it.
    pub number: String,
}

/// A message to send.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SendArgs {
    /// Which.
    #[ts(type = "number")]
    pub id: u64,
    /// The recipient.
    pub to: String,
    /// The text.
    pub text: String,
}

/// A timeline to read.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TimelineArgs {
    /// Which.
    #[ts(type = "number")]
    pub id: u64,
    /// How many changes at most.
    pub limit: u32,
}

/// The calls of the local API to read.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CallsArgs {
    /// How many at most; no more than 500 are kept.
    pub limit: u32,
    /// Only those with a greater id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub after: Option<u64>,
}

/// An API key to create.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CreateKeyArgs {
    /// What people call it; no other key has this name.
    pub name: String,
    /// What it may do: at least one.
    pub scopes: Vec<Scope>,
}

/// A command about one API key.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct KeyArgs {
    /// Which, by its id. Not called `id`, which is a cliente's everywhere.
    pub key: String,
}

/// A place to open.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PlaceArgs {
    /// Which.
    pub place: Place,
}

/// What closing the window is to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CloseArgs {
    /// The choice; null goes back to the window.
    pub choice: Option<OnClose>,
    /// Whether to do the same from now on without asking.
    pub remember: bool,
}

/// What the simulated phone is to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PhoneArgs {
    /// Whose phone.
    #[ts(type = "number")]
    pub id: u64,
    /// What.
    pub action: PhoneAction,
}
