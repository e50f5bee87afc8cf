//! The program's window, driven through WebKitGTK's own WebDriver.

use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::desktop::{Desktop, Process};
use crate::support::{DEADLINE, Data, free_port, wait_for};

/// What the window is called.
pub(crate) const TITLE: &str = "Session Manager";

/// The driver, and through it the window.
pub(crate) struct Desk {
    pub(crate) client: Client,
    /// Ends last.
    _driver: Process,
}

impl Desk {
    /// Opens the program's window in demo mode.
    pub(crate) async fn open(desktop: &Desktop, data: &Data) -> Self {
        Self::open_with(desktop, data, &[]).await
    }

    /// The same with further options.
    pub(crate) async fn open_with(desktop: &Desktop, data: &Data, further: &[&str]) -> Self {
        let port = free_port();
        let mut driver = Command::new("WebKitWebDriver");
        desktop
            .seat(&mut driver)
            .arg(format!("--port={port}"))
            // Without this the program's webview refuses to be driven, and the session hangs for ever.
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("XDG_CONFIG_HOME", data.path().join("no-config"))
            .env("XDG_CACHE_HOME", data.path().join("cache"))
            .env_remove("PORT")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let driver = Process(driver.spawn().unwrap());
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

    pub(crate) async fn see(&self, selector: &str) -> fantoccini::elements::Element {
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

    /// Waits until there is nothing like this.
    pub(crate) async fn unsee(&self, selector: &str) {
        let waiting = async {
            let look = || self.client.find_all(Locator::Css(selector));
            while !look().await.unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let gone = timeout(DEADLINE, waiting).await.is_ok();
        assert!(gone, "{selector} is still there");
    }

    pub(crate) async fn see_text(&self, text: &str) -> fantoccini::elements::Element {
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
    pub(crate) async fn press(&self, label: &str) {
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
    pub(crate) async fn write(&self, label: &str, text: &str) {
        let path = format!(
            "//dialog[@open]//*[@id=//dialog[@open]//label[normalize-space(.)={label:?}]/@for]"
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

    /// Has the program do something as the page's buttons do; also while the window is hidden.
    pub(crate) async fn command(&self, name: &str, args: Value) -> Value {
        const SCRIPT: &str = "const [name, args, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(name, { args }).then(
                (answer) => done({ answer }), (failure) => done({ failure }));";
        let asked = self.client.execute_async(SCRIPT, vec![json!(name), args]);
        let mut told = timeout(DEADLINE, asked).await.unwrap().unwrap();
        assert_eq!(told.get("failure"), None, "{name}");
        told["answer"].take()
    }

    /// How the session of a cliente is.
    pub(crate) async fn session(&self, id: u64) -> Value {
        let mut snapshot = self.command("snapshot", json!({})).await;
        let clientes = snapshot["clientes"].as_array_mut().unwrap();
        let found = clientes.iter_mut().find(|cliente| cliente["id"] == id);
        found.unwrap()["session"].take()
    }

    /// Adds a cliente and links it with its simulated phone, without touching the page.
    pub(crate) async fn link(&self, name: &str) -> u64 {
        let new = json!({ "id": null, "name": name, "note": "", "start": true });
        let id = self.command("add_cliente", new).await["id"]
            .as_u64()
            .unwrap();
        self.reach(id, "login_step", "code").await;
        self.phone(id, "scan").await;
        self.reach(id, "state", "READY").await;
        id
    }

    /// Has the simulated phone of a cliente do something.
    pub(crate) async fn phone(&self, id: u64, action: &str) {
        let args = json!({ "id": id, "action": action });
        self.command("demo_phone", args).await;
    }

    /// Waits until the session of a cliente says so of itself.
    pub(crate) async fn reach(&self, id: u64, field: &str, value: &str) {
        let waiting = async {
            while self.session(id).await[field] != value {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let reached = timeout(DEADLINE, waiting).await;
        assert!(reached.is_ok(), "{}", self.session(id).await);
    }

    /// A number that the page knows.
    pub(crate) async fn number(&self, script: &str) -> f64 {
        let script = format!("return {script}");
        let answer = self.client.execute(&script, vec![]).await;
        answer.unwrap().as_f64().unwrap()
    }

    /// Presses the box or button with these words in a dialog.
    pub(crate) async fn choose(&self, label: &str) {
        let path = format!(
            "//dialog[@open]//label[contains(normalize-space(.), {label:?})][not(input[@disabled])]"
        );
        let found = self.client.wait().at_most(DEADLINE);
        let line = found.for_element(Locator::XPath(&path)).await.unwrap();
        line.click().await.unwrap();
    }

    /// Lets the simulated phone of a cliente scan its code.
    pub(crate) async fn scan(&self, name: &str) {
        self.see("article img[src^='data:image/png']").await;
        self.press(&format!("Teléfono simulado: {name}")).await;
        self.press("Escanear el QR").await;
    }

    /// Ends the program as the system would, and the driver with it.
    pub(crate) async fn end(self, data: &Data) {
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
pub(crate) fn program_on(data: &Data) -> Option<i32> {
    let lock = std::fs::read_to_string(data.path().join("lock")).ok()?;
    let pid = lock.split_whitespace().next()?.parse().ok()?;
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    String::from_utf8_lossy(&line)
        .contains("session-manager")
        .then_some(pid)
}

/// Starts the program once more on this data folder, and waits for it to end.
pub(crate) fn start_again(desktop: &Desktop, data: &Data, further: &[&str]) -> Output {
    let mut second = Command::new(env!("CARGO_BIN_EXE_session-manager"));
    desktop
        .seat(&mut second)
        .args(["--demo", "--data-dir"])
        .arg(data.path())
        .args(further)
        .env("XDG_CONFIG_HOME", data.path().join("no-config"))
        .env_remove("PORT")
        .output()
        .unwrap()
}

/// Waits until nothing is left of the program, whatever it started: all of it inherits where its settings are.
pub(crate) fn nothing_left(data: &Data) {
    let needle = data.path().display().to_string();
    wait_for("everything to be gone", || {
        let all = std::fs::read_dir("/proc").unwrap();
        let left = all.filter_map(Result::ok).any(|entry| {
            std::fs::read(entry.path().join("environ"))
                .is_ok_and(|text| String::from_utf8_lossy(&text).contains(&needle))
        });
        (!left).then_some(())
    });
}
