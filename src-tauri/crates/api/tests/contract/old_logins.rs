//! Logins of other programs: what is found is told, and what is taken over is a cliente that needs no scan.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use session_core::ClienteId;
use session_core::old_login::{
    CopyProgress, InUse, OldKind, OldLogin, OldLogins, OldLoginsFound, TakeError,
};
use tokio_util::task::TaskTracker;

use crate::control::{failure, ok};
use crate::support::{Setup, World};

/// A folder with two logins, one of them in use; its copies take until they are called off where the name says so.
struct Folder {
    world: Arc<World>,
    taken: Mutex<Vec<(PathBuf, u64)>>,
}

fn login(name: &str, id: Option<u64>, in_use: InUse) -> OldLogin {
    OldLogin {
        path: format!("/old/session-{name}").into(),
        kind: OldKind::LocalAuth,
        name: name.to_owned(),
        id: id.map(|id| ClienteId::try_from(id).unwrap()),
        bytes: 2048,
        last_used: None,
        linked: true,
        in_use,
    }
}

#[async_trait]
impl OldLogins for Folder {
    async fn find(&self, folder: PathBuf) -> io::Result<OldLoginsFound> {
        if folder != std::path::Path::new("/old") {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(OldLoginsFound {
            logins: vec![
                login("cliente_7", Some(7), InUse::Here),
                login("ventas", None, InUse::Free),
            ],
            ..OldLoginsFound::default()
        })
    }

    async fn take(
        &self,
        login: PathBuf,
        cliente: ClienteId,
        progress: Arc<CopyProgress>,
    ) -> Result<u64, TakeError> {
        progress.begin(2048);
        if login.ends_with("session-slow") {
            progress.cancel.cancelled().await;
            return Err(TakeError::Cancelled);
        }
        if login.ends_with("session-cliente_7") {
            return Err(TakeError::InUse);
        }
        self.world.set_login(cliente, true);
        self.taken.lock().unwrap().push((login, cliente.get()));
        Ok(2048)
    }
}

async fn setup() -> (Setup, Arc<Folder>) {
    let setup = Setup::headless().await;
    let folder = Arc::new(Folder {
        world: Arc::clone(&setup.world),
        taken: Mutex::default(),
    });
    let (port, stop) = (Arc::clone(&folder), setup.stop.clone());
    let setup = setup.with_room(|room| room.with_old_logins(port, TaskTracker::new(), stop));
    (setup, folder)
}

fn wanted(name: &str, id: u64) -> Value {
    json!({"path": format!("/old/session-{name}"), "id": id, "name": name})
}

async fn ended(setup: &Setup, mut view: Value) -> Value {
    while view["running"] == true {
        let seen = json!({"revision": view["revision"]});
        view = ok(setup, "import_progress", seen).await;
    }
    view
}

#[tokio::test(start_paused = true)]
async fn what_is_found_has_an_id_that_is_free_and_says_what_is_in_the_way() {
    let (setup, _) = setup().await;
    let new = json!({"id": 1, "name": "", "note": "", "start": false});
    ok(&setup, "add_cliente", new).await;
    let found = ok(&setup, "find_old_logins", json!({"dir": " '/old' "})).await;
    assert_eq!(found["problem"], Value::Null);
    let shown: Vec<_> = found["logins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| [&it["name"], &it["id"], &it["own_id"], &it["problem"]].map(Clone::clone))
        .collect();
    assert_eq!(
        json!(shown),
        json!([["cliente_7", 7, true, "in_use"], ["ventas", 2, false, null]])
    );
    for (dir, problem) in [("old", "not_whole"), ("/nowhere", "missing")] {
        let found = ok(&setup, "find_old_logins", json!({ "dir": dir })).await;
        assert_eq!(found["problem"], problem);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_taken_over_is_a_cliente_with_a_login_and_one_that_is_not_says_why() {
    let (setup, folder) = setup().await;
    let args = json!({"wanted": [wanted("cliente_7", 7), wanted("ventas", 12)], "start": false});
    let begun = ok(&setup, "import_logins", args).await;
    let view = ended(&setup, begun).await;
    let outcome = |place: usize| {
        [
            &view["logins"][place]["stage"],
            &view["logins"][place]["problem"],
        ]
    };
    assert_eq!(json!(outcome(0)), json!(["not_taken", "in_use"]));
    assert_eq!(json!(outcome(1)), json!(["taken", null]));
    let snapshot = ok(&setup, "snapshot", json!({})).await;
    let clientes = snapshot["clientes"].as_array().unwrap();
    assert_eq!(clientes.len(), 1);
    let told = [
        &clientes[0]["id"],
        &clientes[0]["name"],
        &clientes[0]["saved_login"],
    ];
    assert_eq!(json!(told), json!([12, "ventas", true]));

    // A login that is there is never replaced.
    let args = json!({"wanted": [wanted("sur", 12)], "start": false});
    let begun = ok(&setup, "import_logins", args).await;
    let view = ended(&setup, begun).await;
    assert_eq!(view["logins"][0]["problem"], "id_taken");
    assert_eq!(folder.taken.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_gives_up_the_copy_and_those_that_wait_and_nobody_else_begins_meanwhile() {
    let (setup, folder) = setup().await;
    let args = json!({"wanted": [wanted("slow", 1), wanted("ventas", 2)], "start": true});
    let begun = ok(&setup, "import_logins", args.clone()).await;
    let second = setup.control("import_logins", &args.to_string()).await;
    assert_eq!(second.status, 409, "{}", second.body);
    ok(&setup, "cancel_import", json!({})).await;
    let view = ended(&setup, begun).await;
    for login in view["logins"].as_array().unwrap() {
        assert_eq!(login["problem"], "cancelled");
    }
    assert!(folder.taken.lock().unwrap().is_empty());
    assert!(setup.registry.snapshots().is_empty());
}

#[tokio::test(start_paused = true)]
async fn two_logins_with_one_id_are_refused_before_anything_is_copied() {
    let (setup, folder) = setup().await;
    for wanted in [
        json!([]),
        json!([wanted("ventas", 3), wanted("sur", 3)]),
        json!([wanted("ventas", 3), wanted("ventas", 4)]),
        json!([wanted("ventas", 0)]),
        json!([{"path": "ventas", "id": 1, "name": ""}]),
    ] {
        let args = json!({"wanted": wanted, "start": false});
        let answer = setup.control("import_logins", &args.to_string()).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
    }
    assert!(folder.taken.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_folder_is_chosen_beginning_at_what_was_written_where_that_is_a_path() {
    let (setup, _) = setup().await;
    let chosen = ok(&setup, "choose_folder", json!({"from": " \"/old\" "})).await;
    assert_eq!(chosen, json!({"path": "/old/sessions"}));
    let chosen = ok(&setup, "choose_folder", json!({"from": "my sessions"})).await;
    assert_eq!(chosen, json!({"path": null}));
    assert_eq!(
        setup.host.take_asked(),
        ["choose Some(\"/old\")", "choose None"]
    );
    let long = json!({"from": "a".repeat(4097)}).to_string();
    setup.control("choose_folder", &long).await.is(
        400,
        &failure("INVALID_REQUEST", "a path has 4096 characters at most"),
    );
}
