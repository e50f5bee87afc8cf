//! The control room's commands over Tauri's IPC: each hands its arguments on and its answer back.

use futures::StreamExt as _;
use session_api::commands::{
    CallsArgs, CloseArgs, CreateKeyArgs, DescribeArgs, DestroyArgs, IdArgs, KeyArgs, NoArgs,
    PairingArgs, PhoneArgs, PlaceArgs, SelfTestArgs, SendArgs, TimelineArgs,
};
use session_api::dto::{
    AppView, ClienteView, CommandError, ControlEvent, KeyView, NewCliente, NewKeyView,
    PairingCodeView, SentView, SettingsPatch, Snapshot, TimelineView,
};
use session_api::many::{ImportArgs, ImportView, SaveFileArgs, SavedFileView};
use session_api::old_logins::{
    ChooseFolderArgs, ChosenFolderView, OldFolderArgs, OldFoundView, TakeArgs, TakeSeen, TakeView,
};
use session_api::support::{BundleSeen, BundleView, BundleWish};
use session_api::webhooks::{
    DeadLetterView, LettersArgs, LettersLimitArgs, LettersView, WebhookArgs, WebhookDraft,
    WebhookSecretView, WebhookTestView, WebhookUpdate, WebhookView,
};
use session_api::{CallView, ControlRoom};
use tauri::State;
use tauri::ipc::{Channel, Invoke};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

type Answer<T> = Result<T, CommandError>;
type Room<'a> = State<'a, ControlRoom>;

/// The page that is told of events. A page that loads anew takes the place of the one before.
pub(crate) struct Subscribers {
    newest: watch::Sender<u64>,
    tasks: TaskTracker,
}

impl Subscribers {
    /// Nobody yet. Their tasks end when the registry does.
    pub(crate) fn new(tasks: TaskTracker) -> Self {
        Self {
            newest: watch::Sender::new(0),
            tasks,
        }
    }
}

/// All commands.
pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        snapshot,
        subscribe,
        add_cliente,
        import_clientes,
        update_cliente,
        start,
        stop,
        restart,
        log_out,
        hibernate,
        show_browser,
        hide_browser,
        set_self_test,
        dismiss_notice,
        destroy,
        refresh_qr,
        pairing_code,
        send_message,
        timeline,
        calls,
        keys,
        create_key,
        rotate_key,
        revoke_key,
        webhooks,
        add_webhook,
        update_webhook,
        remove_webhook,
        test_webhook,
        webhook_secret,
        rotate_webhook_secret,
        dead_letters,
        resend_dead_letters,
        discard_dead_letters,
        begin_bundle,
        bundle_progress,
        cancel_bundle,
        show_bundle,
        choose_folder,
        find_old_logins,
        import_logins,
        import_progress,
        cancel_import,
        update_settings,
        find_browser,
        open_place,
        save_file,
        close_decided,
        check_update,
        install_update,
        demo_phone,
    ]
}

#[tauri::command]
async fn subscribe(
    room: Room<'_>,
    subscribers: State<'_, Subscribers>,
    channel: Channel<ControlEvent>,
) -> Answer<()> {
    let mut newest = subscribers.newest.subscribe();
    let mut mine = 0;
    subscribers.newest.send_modify(|number| {
        *number += 1;
        mine = *number;
    });
    let mut events = Box::pin(room.events());
    subscribers.tasks.spawn(async move {
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(event) => {
                        // A page that is gone takes nothing more.
                        if channel.send(event).is_err() {
                            break;
                        }
                    }
                    None => break,
                },
                replaced = newest.wait_for(|number| *number != mine) => {
                    drop(replaced);
                    break;
                }
            }
        }
    });
    Ok(())
}

#[tauri::command]
async fn snapshot(room: Room<'_>, args: NoArgs) -> Answer<Snapshot> {
    room.snapshot(args).await
}

#[tauri::command]
async fn add_cliente(room: Room<'_>, args: NewCliente) -> Answer<ClienteView> {
    room.add_cliente(args).await
}

#[tauri::command]
async fn import_clientes(room: Room<'_>, args: ImportArgs) -> Answer<ImportView> {
    room.import_clientes(args).await
}

#[tauri::command]
async fn update_cliente(room: Room<'_>, args: DescribeArgs) -> Answer<ClienteView> {
    room.update_cliente(args).await
}

#[tauri::command]
async fn start(room: Room<'_>, args: IdArgs) -> Answer<ClienteView> {
    room.start(args).await
}

#[tauri::command]
async fn stop(room: Room<'_>, args: IdArgs) -> Answer<ClienteView> {
    room.stop(args).await
}

#[tauri::command]
async fn restart(room: Room<'_>, args: IdArgs) -> Answer<ClienteView> {
    room.restart(args).await
}

#[tauri::command]
async fn log_out(room: Room<'_>, args: IdArgs) -> Answer<ClienteView> {
    room.log_out(args).await
}

#[tauri::command]
async fn hibernate(room: Room<'_>, args: IdArgs) -> Answer<ClienteView> {
    room.hibernate(args).await
}

#[tauri::command]
async fn show_browser(room: Room<'_>, args: IdArgs) -> Answer<ClienteView> {
    room.show_browser(args).await
}

#[tauri::command]
async fn hide_browser(room: Room<'_>, args: IdArgs) -> Answer<ClienteView> {
    room.hide_browser(args).await
}

#[tauri::command]
async fn set_self_test(room: Room<'_>, args: SelfTestArgs) -> Answer<ClienteView> {
    room.set_self_test(args).await
}

#[tauri::command]
async fn dismiss_notice(room: Room<'_>, args: IdArgs) -> Answer<ClienteView> {
    room.dismiss_notice(args).await
}

#[tauri::command]
async fn destroy(room: Room<'_>, args: DestroyArgs) -> Answer<()> {
    room.destroy(args).await
}

#[tauri::command]
async fn refresh_qr(room: Room<'_>, args: IdArgs) -> Answer<()> {
    room.refresh_qr(args).await
}

#[tauri::command]
async fn pairing_code(room: Room<'_>, args: PairingArgs) -> Answer<PairingCodeView> {
    room.pairing_code(args).await
}

#[tauri::command]
async fn send_message(room: Room<'_>, args: SendArgs) -> Answer<SentView> {
    room.send_message(args).await
}

#[tauri::command]
async fn timeline(room: Room<'_>, args: TimelineArgs) -> Answer<Vec<TimelineView>> {
    room.timeline(args).await
}

#[tauri::command]
async fn calls(room: Room<'_>, args: CallsArgs) -> Answer<Vec<CallView>> {
    room.calls(args).await
}

#[tauri::command]
async fn keys(room: Room<'_>, args: NoArgs) -> Answer<Vec<KeyView>> {
    room.keys(args).await
}

#[tauri::command]
async fn create_key(room: Room<'_>, args: CreateKeyArgs) -> Answer<NewKeyView> {
    room.create_key(args).await
}

#[tauri::command]
async fn rotate_key(room: Room<'_>, args: KeyArgs) -> Answer<NewKeyView> {
    room.rotate_key(args).await
}

#[tauri::command]
async fn revoke_key(room: Room<'_>, args: KeyArgs) -> Answer<()> {
    room.revoke_key(args).await
}

#[tauri::command]
async fn webhooks(room: Room<'_>, args: NoArgs) -> Answer<Vec<WebhookView>> {
    room.webhooks(args).await
}

#[tauri::command]
async fn add_webhook(room: Room<'_>, args: WebhookDraft) -> Answer<WebhookSecretView> {
    room.add_webhook(args).await
}

#[tauri::command]
async fn update_webhook(room: Room<'_>, args: WebhookUpdate) -> Answer<WebhookView> {
    room.update_webhook(args).await
}

#[tauri::command]
async fn remove_webhook(room: Room<'_>, args: WebhookArgs) -> Answer<()> {
    room.remove_webhook(args).await
}

#[tauri::command]
async fn test_webhook(room: Room<'_>, args: WebhookArgs) -> Answer<WebhookTestView> {
    room.test_webhook(args).await
}

#[tauri::command]
async fn webhook_secret(room: Room<'_>, args: WebhookArgs) -> Answer<WebhookSecretView> {
    room.webhook_secret(args).await
}

#[tauri::command]
async fn rotate_webhook_secret(room: Room<'_>, args: WebhookArgs) -> Answer<WebhookSecretView> {
    room.rotate_webhook_secret(args).await
}

#[tauri::command]
async fn dead_letters(room: Room<'_>, args: LettersLimitArgs) -> Answer<Vec<DeadLetterView>> {
    room.dead_letters(args).await
}

#[tauri::command]
async fn resend_dead_letters(room: Room<'_>, args: LettersArgs) -> Answer<LettersView> {
    room.resend_dead_letters(args).await
}

#[tauri::command]
async fn discard_dead_letters(room: Room<'_>, args: LettersArgs) -> Answer<LettersView> {
    room.discard_dead_letters(args).await
}

#[tauri::command]
async fn begin_bundle(room: Room<'_>, args: BundleWish) -> Answer<BundleView> {
    room.begin_bundle(args).await
}

#[tauri::command]
async fn bundle_progress(room: Room<'_>, args: BundleSeen) -> Answer<BundleView> {
    room.bundle_progress(args).await
}

#[tauri::command]
async fn cancel_bundle(room: Room<'_>, args: NoArgs) -> Answer<BundleView> {
    room.cancel_bundle(args).await
}

#[tauri::command]
async fn show_bundle(room: Room<'_>, args: NoArgs) -> Answer<()> {
    room.show_bundle(args).await
}

#[tauri::command]
async fn choose_folder(room: Room<'_>, args: ChooseFolderArgs) -> Answer<ChosenFolderView> {
    room.choose_folder(args).await
}

#[tauri::command]
async fn find_old_logins(room: Room<'_>, args: OldFolderArgs) -> Answer<OldFoundView> {
    room.find_old_logins(args).await
}

#[tauri::command]
async fn import_logins(room: Room<'_>, args: TakeArgs) -> Answer<TakeView> {
    room.import_logins(args).await
}

#[tauri::command]
async fn import_progress(room: Room<'_>, args: TakeSeen) -> Answer<TakeView> {
    room.import_progress(args).await
}

#[tauri::command]
async fn cancel_import(room: Room<'_>, args: NoArgs) -> Answer<TakeView> {
    room.cancel_import(args).await
}

#[tauri::command]
async fn update_settings(room: Room<'_>, args: SettingsPatch) -> Answer<AppView> {
    room.update_settings(args).await
}

#[tauri::command]
async fn find_browser(room: Room<'_>, args: NoArgs) -> Answer<AppView> {
    room.find_browser(args).await
}

#[tauri::command]
async fn open_place(room: Room<'_>, args: PlaceArgs) -> Answer<()> {
    room.open_place(args).await
}

#[tauri::command]
async fn save_file(room: Room<'_>, args: SaveFileArgs) -> Answer<SavedFileView> {
    room.save_file(args).await
}

#[tauri::command]
async fn close_decided(room: Room<'_>, args: CloseArgs) -> Answer<()> {
    room.close_decided(args).await
}

#[tauri::command]
async fn check_update(room: Room<'_>, args: NoArgs) -> Answer<()> {
    room.check_update(args).await
}

#[tauri::command]
async fn install_update(room: Room<'_>, args: NoArgs) -> Answer<()> {
    room.install_update(args).await
}

#[tauri::command]
async fn demo_phone(room: Room<'_>, args: PhoneArgs) -> Answer<()> {
    room.demo_phone(args).await
}

#[cfg(test)]
mod tests {
    /// The table of commands, the permissions, and the build script name the same commands.
    #[test]
    fn every_command_may_be_called() {
        let capability: serde_json::Value =
            serde_json::from_str(include_str!("../capabilities/main.json")).unwrap();
        let allowed: Vec<_> = capability["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        let build = include_str!("../build.rs");
        let commands = session_api::commands::COMMANDS
            .iter()
            .copied()
            .chain(["subscribe"]);
        let mut count = 0;
        for command in commands {
            let permission = format!("allow-{}", command.replace('_', "-"));
            assert!(
                allowed.contains(&permission.as_str()),
                "{permission} is missing in the capability"
            );
            assert!(
                build.contains(&format!("\"{command}\"")),
                "{command} is missing in build.rs"
            );
            count += 1;
        }
        assert_eq!(
            allowed.len(),
            count,
            "more is allowed than there are commands"
        );
    }
}
