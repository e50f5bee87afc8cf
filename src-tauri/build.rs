//! Tells Tauri which commands exist and where the permissions to call them are.

use tauri_build::{AppManifest, Attributes, try_build};

/// The commands of `src/commands.rs`: each gets a permission `allow-<command>` for the capability files.
const COMMANDS: &[&str] = &[
    "snapshot",
    "subscribe",
    "add_cliente",
    "import_clientes",
    "update_cliente",
    "start",
    "stop",
    "restart",
    "log_out",
    "hibernate",
    "show_browser",
    "hide_browser",
    "set_self_test",
    "dismiss_notice",
    "destroy",
    "refresh_qr",
    "pairing_code",
    "send_message",
    "timeline",
    "calls",
    "keys",
    "create_key",
    "rotate_key",
    "revoke_key",
    "webhooks",
    "add_webhook",
    "update_webhook",
    "remove_webhook",
    "test_webhook",
    "webhook_secret",
    "rotate_webhook_secret",
    "dead_letters",
    "resend_dead_letters",
    "discard_dead_letters",
    "begin_bundle",
    "bundle_progress",
    "cancel_bundle",
    "show_bundle",
    "choose_folder",
    "find_old_logins",
    "import_logins",
    "import_progress",
    "cancel_import",
    "update_settings",
    "find_browser",
    "open_place",
    "save_file",
    "close_decided",
    "check_update",
    "install_update",
    "demo_phone",
];

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let attributes = Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(AppManifest::new().commands(COMMANDS));
    if let Err(error) = try_build(attributes) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
