//! The routes by the names of WAHA.

use axum::body::to_bytes;
use serde_json::{Value, json};
use session_api::Limits;
use session_core::StateName;
use session_core::ports::CallError;

use crate::support::{Answer, Plan, Setup, bare, code, get, id, post, request, with_json};

async fn read(setup: &Setup, path: &str) -> (u16, Value) {
    parsed(&setup.ask(bare(get(path))).await)
}

async fn call(setup: &Setup, method: &str, path: &str, body: &Value) -> (u16, Value) {
    parsed(
        &setup
            .ask(with_json(request(method, path), &body.to_string()))
            .await,
    )
}

fn parsed(answer: &Answer) -> (u16, Value) {
    let body = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
    (answer.status, body)
}

const STATES: [(StateName, &str); 10] = [
    (StateName::NotInitialized, "STOPPED"),
    (StateName::Initializing, "STARTING"),
    (StateName::Reconnecting, "STARTING"),
    (StateName::QrRequired, "SCAN_QR_CODE"),
    (StateName::Ready, "WORKING"),
    (StateName::AuthFailure, "FAILED"),
    (StateName::DisconnectedRecoverable, "STARTING"),
    (StateName::DisconnectedLogout, "STOPPED"),
    (StateName::DisconnectedBanned, "FAILED"),
    (StateName::Error, "FAILED"),
];

#[tokio::test(start_paused = true)]
async fn every_state_has_one_of_the_five_words() {
    for (state, word) in STATES {
        let setup = Setup::new().await;
        setup
            .registry
            .add(Some(id(7)), String::new(), String::new())
            .await
            .unwrap();
        setup.bring(7, state).await;
        let (status, session) = read(&setup, "/api/sessions/7").await;
        assert_eq!(
            (status, &session["status"]),
            (200, &json!(word)),
            "{state:?}"
        );
        assert_eq!(session["name"], "7");
        let me = match state {
            StateName::Ready => json!({"id": "5491155551234@c.us", "pushName": "Ana"}),
            _ => Value::Null,
        };
        assert_eq!(session["me"], me, "{state:?}");
        assert_eq!(read(&setup, "/api/sessions/7/me").await, (200, me));
        // Who lists only what runs does not see what is stopped.
        let listed = usize::from(word != "STOPPED");
        for (path, number) in [
            ("/api/sessions", listed),
            ("/api/sessions/", listed),
            ("/api/sessions?all=false", listed),
            ("/api/sessions?all=true", 1),
        ] {
            let (_, list) = read(&setup, path).await;
            assert_eq!(list.as_array().unwrap().len(), number, "{state:?} {path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_is_created_started_stopped_and_deleted() {
    let setup = Setup::without_limits().await;
    setup.world.plan(Plan::Code(code("x")));
    let (status, made) = call(
        &setup,
        "POST",
        "/api/sessions",
        &json!({"name": "default", "config": {"webhooks": []}}),
    )
    .await;
    assert_eq!((status, &made["name"]), (201, &json!("1")), "{made}");
    setup
        .until(1, |now| now.state() == StateName::QrRequired)
        .await;
    let (status, again) = call(&setup, "POST", "/api/sessions", &json!({"name": "1"})).await;
    assert_eq!((status, &again["code"]), (422, &json!("CLIENTE_EXISTS")));
    assert_eq!(again["statusCode"], 422);
    // Without a name, the next one; and only made.
    let (status, next) = call(&setup, "POST", "/api/sessions/", &json!({"start": false})).await;
    assert_eq!(
        (status, &next["name"], &next["status"]),
        (201, &json!("2"), &json!("STOPPED"))
    );

    // Once more is no mistake.
    for _ in 0..2 {
        let (status, stopped) = call(&setup, "POST", "/api/sessions/1/stop", &json!({})).await;
        assert_eq!((status, &stopped["status"]), (201, &json!("STOPPED")));
    }
    for _ in 0..2 {
        setup.world.plan(Plan::Code(code("x")));
        let (status, started) = call(&setup, "POST", "/api/sessions/1/start", &json!({})).await;
        assert_eq!(status, 201, "{started}");
        assert_ne!(started["status"], "STOPPED");
    }
    setup.world.plan(Plan::Code(code("x")));
    assert_eq!(
        call(&setup, "POST", "/api/sessions/default/restart", &json!({}))
            .await
            .0,
        201
    );
    for _ in 0..2 {
        assert_eq!(
            setup
                .ask(bare(request("DELETE", "/api/sessions/1")))
                .await
                .status,
            200
        );
    }
    assert!(setup.registry.snapshot(id(1)).is_none());
    for (method, path) in [
        ("GET", "/api/sessions/1"),
        ("GET", "/api/sessions/1/me"),
        ("GET", "/api/sessions/no-number"),
        ("POST", "/api/sessions/1/start"),
        ("POST", "/api/sessions/1/stop"),
        ("POST", "/api/sessions/1/restart"),
        ("POST", "/api/sessions/1/logout"),
        ("POST", "/api/sessions/01x/start"),
    ] {
        let (status, body) = call(&setup, method, path, &json!({})).await;
        assert_eq!(
            (status, &body["code"]),
            (404, &json!("CLIENTE_NOT_FOUND")),
            "{method} {path}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_counts_whatever_it_is_called() {
    let setup = Setup::limited(Limits {
        init_rate: 2,
        ..Limits::default()
    })
    .await;
    setup.world.plan(Plan::Code(code("x")));
    assert_eq!(setup.init(1).await.status, 200);
    assert_eq!(
        call(&setup, "POST", "/api/sessions/1/start", &json!({}))
            .await
            .0,
        201
    );
    for (path, body) in [
        ("/api/sessions/1/start", json!({})),
        ("/api/sessions/1/restart", json!({})),
        ("/api/sessions", json!({"name": "2"})),
    ] {
        let (status, refused) = call(&setup, "POST", path, &body).await;
        assert_eq!(
            (status, &refused["code"]),
            (429, &json!("RATE_LIMIT_EXCEEDED")),
            "{path}"
        );
    }
    assert!(setup.registry.snapshot(id(2)).is_none(), "nothing was made");
}

#[tokio::test(start_paused = true)]
async fn the_qr_comes_as_picture_as_text_and_raw() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::QrRequired).await;
    let drawn = setup.status(7).await["qr_code_base64"]
        .as_str()
        .unwrap()
        .to_owned();
    let data = drawn.strip_prefix("data:image/png;base64,").unwrap();

    let picture = setup.open(bare(get("/api/7/auth/qr"))).await;
    assert_eq!(picture.headers()["content-type"], "image/png");
    let png = to_bytes(picture.into_body(), usize::MAX).await.unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));

    let (_, file) = parsed(
        &setup
            .ask(bare(
                get("/api/7/auth/qr?format=image").header("Accept", "application/json"),
            ))
            .await,
    );
    assert_eq!(file, json!({"mimetype": "image/png", "data": data}));

    let (status, raw) = read(&setup, "/api/7/auth/qr?format=raw").await;
    let shown = setup.registry.snapshot(id(7)).unwrap();
    let session_core::State::QrRequired {
        login: session_core::Login::Code { code, .. },
        ..
    } = &shown.session.state
    else {
        panic!("no code");
    };
    assert_eq!((status, raw), (200, json!({"value": code.reveal()})));

    assert_eq!(read(&setup, "/api/7/auth/qr?format=svg").await.0, 400);
    for state in [
        StateName::Ready,
        StateName::NotInitialized,
        StateName::Error,
    ] {
        let setup = Setup::new().await;
        setup.bring(7, state).await;
        let (status, body) = read(&setup, "/api/7/auth/qr").await;
        assert_eq!(status, 422, "{state:?}");
        assert_eq!(body["status"], state.waha());
        assert_eq!(body["expected"], json!(["SCAN_QR_CODE"]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_pairing_code_is_asked_for_only_where_a_qr_would_do() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::QrRequired).await;
    let browser = setup.world.browser(id(7));
    let path = "/api/7/auth/request-code";
    let number = json!({"phoneNumber": "+54 9 11 5555-1234", "method": null});
    assert_eq!(
        call(&setup, "POST", path, &number).await,
        (201, json!({"code": "ABCD-EFGH"}))
    );
    assert_eq!(browser.take_calls(), ["pair"]);
    for bad in [
        json!({}),
        json!({"phoneNumber": "me"}),
        json!({"phoneNumber": 5_491_155_551_234_u64}),
    ] {
        let (status, body) = call(&setup, "POST", path, &bad).await;
        assert_eq!(
            (status, &body["code"]),
            (400, &json!("INVALID_REQUEST")),
            "{bad}"
        );
    }
    assert!(browser.take_calls().is_empty());

    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    let (status, body) = call(&setup, "POST", path, &number).await;
    assert_eq!((status, &body["code"]), (422, &json!("NOT_NOW")));
    assert!(setup.world.browser(id(7)).take_calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_text_is_sent_and_named_as_whatsapp_names_it() {
    let setup = Setup::new().await;
    setup.bring(1, StateName::Ready).await;
    let browser = setup.world.browser(id(1));
    for body in [
        json!({"session": "default", "chatId": "5491155551234@c.us", "text": "hola"}),
        json!({"session": "1", "chatId": "5491155551234@s.whatsapp.net", "text": "hola", "linkPreview": true}),
        json!({"chatId": "+54 9 11 5555-1234", "text": "hola"}),
    ] {
        let (status, sent) = call(&setup, "POST", "/api/sendText", &body).await;
        assert_eq!(status, 201, "{sent}");
        assert_eq!(
            sent["id"],
            json!({"fromMe": true, "remote": "5491155551234@c.us", "id": "3EB0C0FFEE", "_serialized": "true_5491155551234@c.us_3EB0C0FFEE"})
        );
        assert_eq!(browser.take_calls(), ["send 5491155551234@c.us hola"]);
    }
    for bad in [
        json!({"session": "1", "chatId": "5491155551234@c.us"}),
        json!({"session": "1", "chatId": "5491155551234@c.us", "text": " "}),
        json!({"session": "1", "chatId": "ana", "text": "hola"}),
    ] {
        assert_eq!(
            call(&setup, "POST", "/api/sendText", &bad).await.0,
            400,
            "{bad}"
        );
    }
    let hola =
        |session: &str| json!({"session": session, "chatId": "5491155551234@c.us", "text": "hola"});
    assert_eq!(
        call(&setup, "POST", "/api/sendText", &hola("x")).await.0,
        404
    );
    assert_eq!(
        call(&setup, "POST", "/api/sendText", &hola("2")).await.0,
        422
    );
    *browser.failure.lock().unwrap() = Some(CallError::Refused("NUMBER_NOT_ON_WHATSAPP".into()));
    let (status, body) = call(&setup, "POST", "/api/sendText", &hola("1")).await;
    assert_eq!((status, &body["code"]), (500, &json!("SEND_FAILED")));
    assert_eq!(body["message"], "WhatsApp refused: NUMBER_NOT_ON_WHATSAPP");
}

#[tokio::test(start_paused = true)]
async fn an_account_is_unlinked_only_while_it_is_linked() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    assert_eq!(
        call(&setup, "POST", "/api/sessions/7/logout", &json!({}))
            .await
            .0,
        201
    );
    assert_eq!(setup.world.browser(id(7)).take_calls(), ["log out"]);
    let (status, body) = call(&setup, "POST", "/api/sessions/7/logout", &json!({})).await;
    assert_eq!((status, &body["expected"]), (422, &json!(["WORKING"])));
    // Deleted while it is linked, it is unlinked first.
    setup.bring(8, StateName::Ready).await;
    let browser = setup.world.browser(id(8));
    assert_eq!(
        setup
            .ask(bare(request("DELETE", "/api/sessions/8")))
            .await
            .status,
        200
    );
    assert_eq!(browser.take_calls(), ["log out", "close"]);
}

#[tokio::test(start_paused = true)]
async fn a_call_is_logged_by_its_route_and_cliente() {
    let setup = Setup::new().await;
    setup.ask(bare(post("/api/sessions/7/start"))).await;
    setup.ask(bare(get("/api/8/auth/qr"))).await;
    let calls = setup.json("/debug/calls").await;
    assert_eq!(
        (&calls[1]["route"], &calls[1]["cliente"]),
        (&json!("/api/sessions/{name}/start"), &json!(7))
    );
    assert_eq!(
        (&calls[0]["route"], &calls[0]["cliente"]),
        (&json!("/api/{name}/auth/qr"), &json!(8))
    );
    assert_eq!(calls[0]["code"], "NOT_NOW");
}

/// As for `/send`: whoever tries until the session is ready still has all messages then.
#[tokio::test(start_paused = true)]
async fn a_text_that_nobody_tried_to_send_does_not_count() {
    let setup = Setup::limited(Limits {
        send_rate: 1,
        init_rate: 0,
        ..Limits::default()
    })
    .await;
    let hola = json!({"session": "1", "chatId": "5491155551234@c.us", "text": "hola"});
    for _ in 0..3 {
        assert_eq!(call(&setup, "POST", "/api/sendText", &hola).await.0, 422);
    }
    setup.bring(1, StateName::Ready).await;
    assert_eq!(call(&setup, "POST", "/api/sendText", &hola).await.0, 201);
    assert_eq!(call(&setup, "POST", "/api/sendText", &hola).await.0, 429);
}
