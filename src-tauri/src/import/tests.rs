use session_core::old_login::{InUse, OldKind};

use super::*;

fn row(folder: &str, name: &str, id: Option<u64>) -> Row {
    let id = id.map(|id| ClienteId::try_from(id).unwrap());
    let login = OldLogin {
        path: folder.into(),
        kind: OldKind::LocalAuth,
        name: name.to_owned(),
        id,
        bytes: 1,
        last_used: None,
        linked: true,
        in_use: InUse::Free,
    };
    Row::new(login, id.unwrap_or(ClienteId::FIRST))
}

#[test]
fn a_name_goes_before_an_id() {
    let rows = [
        row("/a/session-cliente_7", "cliente_7", Some(7)),
        row("/b/session-7", "7", None),
        row("/b/session-cliente_8", "cliente_8", Some(8)),
    ];
    let place = |name| place_of(&rows, name).unwrap();
    assert_eq!(place("7"), 1);
    assert_eq!(place("cliente_7"), 0);
    assert_eq!(place("8"), 2);
    assert_eq!(place("/a/session-cliente_7"), 0);
}

#[test]
fn of_two_with_one_name_neither_is_guessed() {
    let rows = [
        row("/a/session-ventas", "ventas", None),
        row("/b/session-ventas", "ventas", None),
    ];
    let told = place_of(&rows, "ventas").unwrap_err().to_string();
    assert!(
        told.contains("/a/session-ventas or /b/session-ventas"),
        "{told}"
    );
    assert_eq!(place_of(&rows, "/b/session-ventas").unwrap(), 1);
    let told = place_of(&rows, "sur").unwrap_err().to_string();
    assert!(told.contains("there are: ventas, ventas"), "{told}");
}
