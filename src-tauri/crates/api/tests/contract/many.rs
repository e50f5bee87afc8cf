//! Many clientes at once: an import is whole or nothing.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use session_core::StateName;

use crate::control::{failure, ok};
use crate::support::{Plan, Setup};

fn row(id: impl Into<Value>, name: &str) -> Value {
    json!({"id": id.into(), "name": name, "note": ""})
}

fn import(clientes: &[Value], start: bool) -> Value {
    json!({"clientes": clientes, "start": start})
}

async fn names(setup: &Setup) -> Vec<(u64, String)> {
    let snapshot = ok(setup, "snapshot", json!({})).await;
    let clientes = snapshot["clientes"].as_array().unwrap();
    let name = |cliente: &Value| {
        let name = cliente["name"].as_str().unwrap().to_owned();
        (cliente["id"].as_u64().unwrap(), name)
    };
    clientes.iter().map(name).collect()
}

#[tokio::test(start_paused = true)]
async fn an_import_adds_all_and_gives_free_ids_after_those_that_were_chosen() {
    let setup = Setup::headless().await;
    let rows = [
        row(Value::Null, " Ventas "),
        row(1, "Uno"),
        row(Value::Null, "Sur"),
    ];
    let answer = ok(&setup, "import_clientes", import(&rows, false)).await;
    assert_eq!(answer["refused"], json!([]));
    assert_eq!(answer["unstarted"], Value::Null);
    let ids: Vec<_> = answer["added"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(ids, [2, 1, 3]);
    let all = [(1, "Uno"), (2, "Ventas"), (3, "Sur")].map(|(id, name)| (id, name.to_owned()));
    assert_eq!(names(&setup).await, all);
    assert_eq!(setup.world.records.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn one_bad_row_keeps_all_of_them_out_and_each_is_named() {
    let setup = Setup::headless().await;
    ok(&setup, "import_clientes", import(&[row(7, "Siete")], false)).await;
    let refused = async |rows: &[Value]| {
        ok(&setup, "import_clientes", import(rows, true)).await["refused"].clone()
    };
    assert_eq!(
        refused(&[row(8, "Ocho"), row(7, "Otro"), row(8, "Doble")]).await,
        json!([{"row": 1, "problem": "id_taken"}, {"row": 2, "problem": "id_taken"}])
    );
    let note = json!({"id": null, "name": "", "note": "x".repeat(4001)});
    assert_eq!(
        refused(&[row(0, ""), row(9, &"x".repeat(121)), note, row(10, "Diez")]).await,
        json!([
            {"row": 0, "problem": "invalid_id"},
            {"row": 1, "problem": "name_too_long"},
            {"row": 2, "problem": "note_too_long"},
        ])
    );
    assert_eq!(names(&setup).await, [(7, "Siete".to_owned())]);
    assert_eq!(setup.world.records.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_fails_leaves_nothing_behind() {
    let setup = Setup::headless().await;
    setup.world.store_fails.store(true, Ordering::SeqCst);
    setup
        .control("import_clientes", &import(&[row(1, "Uno"), row(2, "Dos")], true).to_string())
        .await
        .is(503, &failure(
            "STORE_UNAVAILABLE",
            "the database cannot be read or written - check the data folder and the free disk space",
        ));
    assert_eq!(names(&setup).await, []);
    setup.world.store_fails.store(false, Ordering::SeqCst);
    ok(&setup, "import_clientes", import(&[row(1, "Uno")], false)).await;
}

#[tokio::test(start_paused = true)]
async fn those_that_are_to_start_wait_for_their_turn() {
    let setup = Setup::headless().await;
    setup.world.plan(Plan::Hang);
    let rows: Vec<_> = (1..=5).map(|id| row(id, "")).collect();
    let answer = ok(&setup, "import_clientes", import(&rows, true)).await;
    for cliente in answer["added"].as_array().unwrap() {
        assert_eq!(cliente["session"]["state"], "INITIALIZING");
        assert_eq!(cliente["wanted"], "running");
    }
    setup
        .until(5, |snapshot| snapshot.state() == StateName::Initializing)
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_import_of_many_long_remarks_is_taken_and_one_of_too_many_is_not() {
    let setup = Setup::headless().await;
    let note = "ñ".repeat(1000);
    let rows: Vec<_> = (1..=500)
        .map(|id| json!({"id": id, "name": "", "note": note}))
        .collect();
    let answer = ok(&setup, "import_clientes", import(&rows, false)).await;
    assert_eq!(answer["added"].as_array().unwrap().len(), 500);
    let rows: Vec<_> = (501..=1001).map(|id| row(id, "")).collect();
    for bad in [&rows[..], &[]] {
        setup
            .control("import_clientes", &import(bad, false).to_string())
            .await
            .is(
                400,
                &failure("INVALID_REQUEST", "an import has 1 to 500 clientes"),
            );
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_is_saved_under_a_plain_name_only() {
    let setup = Setup::headless().await;
    let saved = ok(
        &setup,
        "save_file",
        json!({"name": "clientes.csv", "text": "id"}),
    )
    .await;
    assert_eq!(saved["path"], "/home/ana/Descargas/clientes.csv");
    let bad = json!({"name": "../clientes.csv", "text": "id"}).to_string();
    setup.control("save_file", &bad).await.is(
        400,
        &failure(
            "INVALID_REQUEST",
            "a file has a plain name of 80 characters at most",
        ),
    );
    assert_eq!(setup.host.take_asked(), ["save clientes.csv: id"]);
}
