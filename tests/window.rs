//! The whole program in a real window, driven through WebKitGTK's own WebDriver. Needs a display:
//! `scripts/test window`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use support::{DEADLINE, Data, free_port, no_browser_left, processes_on, wait_for};
use tokio::time::timeout;

/// The driver, and through it the window.
struct Desk {
    client: Client,
    /// Ends last.
    _driver: Driver,
}

/// `WebKitWebDriver`. It ends with the test, however that ends.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Desk {
    /// Opens the program's window in demo mode.
    async fn open(data: &Data) -> Self {
        Self::open_with(data, &[]).await
    }

    /// The same with further options.
    async fn open_with(data: &Data, further: &[&str]) -> Self {
        let port = free_port();
        let mut driver = Command::new("WebKitWebDriver");
        driver
            .arg(format!("--port={port}"))
            // Without this the program's webview refuses to be driven, and the session hangs for ever.
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("XDG_CONFIG_HOME", data.path().join("no-config"))
            .env("XDG_CACHE_HOME", data.path().join("cache"))
            .env_remove("PORT")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let driver = Driver(driver.spawn().unwrap());
        wait_for("the driver to listen", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).ok()
        });
        let mut arguments = vec!["--demo".to_owned(), "--lang=es".to_owned()];
        arguments.push(format!("--data-dir={}", data.path().display()));
        arguments.extend(further.iter().map(|it| (*it).to_owned()));
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            arguments.push("--no-sandbox".to_owned());
        }
        let mut capabilities = Capabilities::new();
        let options = json!({ "binary": env!("CARGO_BIN_EXE_session-manager"), "args": arguments });
        capabilities.insert("webkitgtk:browserOptions".to_owned(), options);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(capabilities);
        let url = format!("http://127.0.0.1:{port}");
        let client = timeout(DEADLINE, connecting.connect(&url))
            .await
            .unwrap()
            .unwrap();
        Self {
            client,
            _driver: driver,
        }
    }

    async fn see(&self, selector: &str) -> fantoccini::elements::Element {
        let found = self
            .client
            .wait()
            .at_most(DEADLINE)
            .for_element(Locator::Css(selector))
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!(
                "{selector} is not to be seen: {error}\n{}",
                self.client.source().await.unwrap()
            ),
        }
    }

    async fn see_text(&self, text: &str) -> fantoccini::elements::Element {
        let path = format!(
            "//*[contains(normalize-space(.), {text:?}) and not(*[contains(normalize-space(.), {text:?})])]"
        );
        let found = self
            .client
            .wait()
            .at_most(DEADLINE)
            .for_element(Locator::XPath(&path))
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!(
                "{text:?} is not to be read: {error}\n{}",
                self.client.source().await.unwrap()
            ),
        }
    }

    /// Presses a button or a line of a menu, as soon as there is one that can be pressed.
    async fn press(&self, label: &str) {
        let path = format!(
            "//button[not(@disabled)][not(@aria-disabled='true')][normalize-space(.)={label:?} or @aria-label={label:?}]"
        );
        let pressing = timeout(DEADLINE, async {
            loop {
                for button in self.client.find_all(Locator::XPath(&path)).await.unwrap() {
                    if button.is_displayed().await.unwrap_or(false) && button.click().await.is_ok()
                    {
                        return;
                    }
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let pressed = pressing.await.is_ok();
        assert!(
            pressed,
            "no button {label:?}\n{}",
            self.client.source().await.unwrap()
        );
    }

    /// Writes into the field with this label.
    async fn write(&self, label: &str, text: &str) {
        let path = format!(
            "//dialog[@open]//label[normalize-space(.)={label:?}]/following-sibling::*[self::input or self::textarea]"
        );
        let field = self
            .client
            .wait()
            .at_most(DEADLINE)
            .for_element(Locator::XPath(&path))
            .await
            .unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// A number that the page knows.
    async fn number(&self, script: &str) -> f64 {
        let script = format!("return {script}");
        let answer = self.client.execute(&script, vec![]).await;
        answer.unwrap().as_f64().unwrap()
    }

    /// Has the program's own command change settings, as the page does.
    async fn choose(&self, label: &str) {
        let path = format!("//dialog[@open]//label[contains(normalize-space(.), {label:?})]");
        let found = self.client.wait().at_most(DEADLINE);
        let line = found.for_element(Locator::XPath(&path)).await.unwrap();
        line.click().await.unwrap();
    }

    /// Lets the simulated phone of a cliente scan its code.
    async fn scan(&self, name: &str) {
        self.see("article img[src^='data:image/png']").await;
        self.press(&format!("Teléfono simulado: {name}")).await;
        self.press("Escanear el QR").await;
    }

    /// Ends the program as the system would, and the driver with it.
    async fn end(self, data: &Data) {
        let program = program_on(data).unwrap();
        nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(program),
            nix::sys::signal::Signal::SIGTERM,
        )
        .unwrap();
        wait_for("the program to end", || {
            program_on(data).is_none().then_some(())
        });
        // The window is gone, so there is nothing left to say goodbye to.
        let _ = timeout(Duration::from_secs(2), self.client.clone().close()).await;
    }
}

/// The program's own process.
fn program_on(data: &Data) -> Option<i32> {
    let lock = std::fs::read_to_string(data.path().join("lock")).ok()?;
    let pid = lock.split_whitespace().next()?.parse().ok()?;
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    String::from_utf8_lossy(&line)
        .contains("session-manager")
        .then_some(pid)
}

#[tokio::test]
#[ignore = "needs a display: scripts/test window"]
async fn a_cliente_is_added_linked_used_and_destroyed_in_the_window() {
    let data = Data::new();
    let desk = Desk::open(&data).await;
    desk.see_text("Agrega un cliente").await;
    desk.press("Agregar cliente").await;
    desk.write("Nombre", "Ventas").await;
    desk.press("Agregar").await;

    desk.see_text("QR requerido").await;
    assert!(!processes_on(data.path()).is_empty());
    desk.scan("Ventas").await;
    desk.see_text("Conectado correctamente a WhatsApp").await;

    desk.press("Enviar prueba: Ventas").await;
    desk.write("Número", "+54 9 11 5555-1234").await;
    desk.write("Mensaje", "hola").await;
    desk.press("Enviar").await;
    desk.see_text("WhatsApp aceptó el mensaje").await;
    desk.press("Cerrar").await;

    desk.press("Más acciones de Ventas").await;
    desk.press("Destruir…").await;
    desk.see("dialog[open] input[type=checkbox]")
        .await
        .click()
        .await
        .unwrap();
    desk.press("Destruir y borrar").await;
    desk.see_text("Agrega un cliente").await;
    no_browser_left(&data);
    assert!(
        !data.path().join("profiles/1").exists(),
        "the saved login is still there"
    );
    desk.end(&data).await;
}

#[tokio::test]
#[ignore = "needs a display: scripts/test window"]
async fn a_session_is_restored_in_the_window_and_nothing_outlives_it() {
    let data = Data::new();
    let desk = Desk::open(&data).await;
    desk.press("Agregar cliente").await;
    desk.press("Agregar").await;
    desk.scan("Cliente 1").await;
    desk.see_text("Conectado correctamente a WhatsApp").await;
    desk.end(&data).await;
    no_browser_left(&data);

    let desk = Desk::open(&data).await;
    desk.see_text("Conectado correctamente a WhatsApp").await;
    desk.end(&data).await;
    no_browser_left(&data);
}

#[tokio::test]
#[ignore = "needs a display: scripts/test window"]
async fn a_second_start_shows_the_first_and_ends() {
    let data = Data::new();
    let desk = Desk::open(&data).await;
    desk.see_text("Agrega un cliente").await;
    let second = Command::new(env!("CARGO_BIN_EXE_session-manager"))
        .args(["--demo", "--data-dir"])
        .arg(data.path())
        .env("XDG_CONFIG_HOME", data.path().join("no-config"))
        .env_remove("PORT")
        .output()
        .unwrap();
    assert!(second.status.success(), "{second:?}");
    let first = program_on(&data).unwrap();
    assert!(
        String::from_utf8_lossy(&second.stderr).contains(&format!("process {first}")),
        "{second:?}"
    );
    // It is there, and it answers.
    desk.press("Agregar cliente").await;
    desk.end(&data).await;
}

/// Starts the program once more on this data folder, and waits for it to end.
fn start_again(data: &Data, further: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_session-manager"))
        .args(["--demo", "--data-dir"])
        .arg(data.path())
        .args(further)
        .env("XDG_CONFIG_HOME", data.path().join("no-config"))
        .env_remove("PORT")
        .output()
        .unwrap()
}

#[tokio::test]
#[ignore = "needs a display: scripts/test window"]
async fn settings_of_the_desk_reach_the_system_and_the_disk_at_once() {
    let data = Data::new();
    let entries = data.path().join("no-config/autostart");
    let desk = Desk::open(&data).await;
    desk.see_text("Agrega un cliente").await;
    desk.press("Ajustes").await;
    desk.choose("Abrir Session Manager al iniciar").await;
    let entry = wait_for("the entry of the system", || {
        let entry = std::fs::read_dir(&entries).ok()?.next()?.ok()?;
        std::fs::read_to_string(entry.path())
            .ok()
            .filter(|text| !text.is_empty())
    });
    let folder = format!("\"--data-dir={}\"", data.path().display());
    assert!(
        entry.contains(&folder) && entry.contains("\"--demo\""),
        "{entry}"
    );
    assert!(!entry.contains("--minimized"), "{entry}");
    desk.choose("Sin mostrar la ventana").await;
    wait_for("the entry to name the option", || {
        let entry = std::fs::read_dir(&entries).ok()?.next()?.ok()?;
        std::fs::read_to_string(entry.path())
            .ok()?
            .contains("--minimized")
            .then_some(())
    });
    desk.choose("Abrir Session Manager al iniciar").await;
    wait_for("the entry to go", || {
        std::fs::read_dir(&entries)
            .ok()?
            .next()
            .is_none()
            .then_some(())
    });
    desk.choose("Ninguna").await;
    wait_for("the choice on the disk", || {
        let text = std::fs::read_to_string(data.path().join("settings.json")).ok()?;
        text.contains("\"notifications\": \"off\"").then_some(())
    });
    desk.end(&data).await;
}

#[tokio::test]
#[ignore = "needs a display: scripts/test window"]
async fn the_window_comes_back_where_it_was_and_never_outside_of_the_screen() {
    let data = Data::new();
    let remembered = data.path().join("window-state.json");
    let desk = Desk::open(&data).await;
    desk.see_text("Agrega un cliente").await;
    desk.end(&data).await;
    let text = std::fs::read_to_string(&remembered).unwrap();
    let mut state: serde_json::Value = serde_json::from_str(&text).unwrap();
    let window = &mut state["main"];
    (window["width"], window["height"]) = (json!(912), json!(533));
    (window["x"], window["y"]) = (json!(31), json!(17));
    (window["prev_x"], window["prev_y"]) = (json!(31), json!(17));
    std::fs::write(&remembered, state.to_string()).unwrap();
    let desk = Desk::open(&data).await;
    desk.see_text("Agrega un cliente").await;
    assert_eq!(
        (
            desk.number("innerWidth").await,
            desk.number("innerHeight").await
        ),
        (912.0, 533.0)
    );
    desk.end(&data).await;

    let window = &mut state["main"];
    (window["x"], window["y"]) = (json!(90_000), json!(90_000));
    (window["prev_x"], window["prev_y"]) = (json!(90_000), json!(90_000));
    std::fs::write(&remembered, state.to_string()).unwrap();
    let desk = Desk::open(&data).await;
    desk.see_text("Agrega un cliente").await;
    assert!(desk.number("screenX").await < desk.number("screen.width").await);
    desk.end(&data).await;
    let text = std::fs::read_to_string(&remembered).unwrap();
    let state: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(state["main"]["x"].as_i64().unwrap() < 10_000, "{text}");
}

#[tokio::test]
#[ignore = "needs a display: scripts/test window"]
async fn a_second_start_by_the_system_leaves_the_window_as_it_is() {
    let data = Data::new();
    let desk = Desk::open(&data).await;
    desk.see_text("Agrega un cliente").await;
    let second = start_again(&data, &["--minimized"]);
    assert!(second.status.success(), "{second:?}");
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("stays as it is"), "{said}");
    desk.press("Agregar cliente").await;
    desk.end(&data).await;
}

#[tokio::test]
#[ignore = "needs a display: scripts/test window"]
async fn many_that_are_restored_are_counted_in_the_window() {
    let data = Data::new();
    let desk = Desk::open(&data).await;
    for number in 1..=2 {
        desk.press("Agregar cliente").await;
        desk.press("Agregar").await;
        desk.see_text("QR requerido").await;
        let name = format!("Cliente {number}");
        desk.press(&format!("Teléfono simulado: {name}")).await;
        desk.press("Escanear el QR").await;
        let path = format!("//article[@data-id='{number}'][@data-state='READY']");
        let waiting = desk.client.wait().at_most(DEADLINE);
        waiting.for_element(Locator::XPath(&path)).await.unwrap();
    }
    desk.end(&data).await;
    no_browser_left(&data);
    let desk = Desk::open(&data).await;
    desk.see_text("2 listas").await;
    desk.end(&data).await;
    no_browser_left(&data);
}
