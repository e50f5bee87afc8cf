//! Tauri's updater against a server of this machine. The package in `fixtures` was signed once, for version 9.1.0; the key
//! that signed it was thrown away.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tauri::App;
use tauri::test::{MockRuntime, mock_builder, mock_context, noop_assets};
use tokio::sync::mpsc::UnboundedReceiver;

use super::*;

const PACKAGE: &[u8] = include_bytes!("fixtures/package.bin");
const SIGNATURE: &str = include_str!("fixtures/package.bin.sig");
/// The same package, signed by a key that this program was not built with.
const BY_A_STRANGER: &str = include_str!("fixtures/stranger.sig");
const KEY: &str = include_str!("fixtures/key.pub");
const INSTALLED: &[u8] = b"\x7fELF the program as it was installed";

/// A server of releases, and a program that asks it.
struct Setup {
    updates: Arc<Updates>,
    state: watch::Receiver<UpdateState>,
    restarts: UnboundedReceiver<()>,
    asked: Arc<AtomicUsize>,
    program: PathBuf,
    _app: App<MockRuntime>,
    _folder: tempfile::TempDir,
}

impl Setup {
    fn new(wanted: bool, manifest: impl FnOnce(SocketAddr) -> Value, package: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let files = HashMap::from([
            ("/latest.json", manifest(address).to_string().into_bytes()),
            ("/package", package.to_vec()),
        ]);
        let asked = Arc::new(AtomicUsize::new(0));
        serve(listener, files, Arc::clone(&asked));
        Self::asking(wanted, address, asked)
    }

    fn asking(wanted: bool, address: SocketAddr, asked: Arc<AtomicUsize>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("session-manager");
        std::fs::write(&program, INSTALLED).unwrap();
        let mut context = mock_context(noop_assets());
        context.config_mut().plugins.0.insert(
            "updater".to_owned(),
            json!({
                "pubkey": KEY.trim(),
                "endpoints": [format!("http://{address}/latest.json")],
                "requireSignedVersion": true,
                "dangerousInsecureTransportProtocol": true,
            }),
        );
        assert!(is_configured(context.config()));
        let app = mock_builder()
            .plugin(tauri_plugin_updater::Builder::new().build())
            .build(context)
            .unwrap();
        let (restart, restarts) = mpsc::unbounded_channel();
        let source = PluginSource::new(
            app.handle().clone(),
            Box::new(move |last| {
                last();
                restart.send(()).unwrap();
            }),
        )
        .of_program(program.clone());
        let updates = Arc::new(Updates::new(Box::new(source), wanted));
        let state = updates.subscribe();
        tokio::spawn(Arc::clone(&updates).run());
        Self {
            updates,
            state,
            restarts,
            asked,
            program,
            _app: app,
            _folder: folder,
        }
    }

    async fn until(&mut self, is: impl Fn(&UpdateState) -> bool) -> UpdateState {
        let waiting = self.state.wait_for(is);
        tokio::time::timeout(Duration::from_secs(60), waiting)
            .await
            .expect("the state did not come")
            .unwrap()
            .clone()
    }

    async fn until_found(&mut self) -> ReleaseView {
        let found = |state: &UpdateState| matches!(state, UpdateState::Available { .. });
        match self.until(found).await {
            UpdateState::Available { release } => release,
            state => panic!("{state:?}"),
        }
    }

    /// Installs what is offered, and tells why that fails.
    async fn refusal(&mut self) -> UpdateFailure {
        let offered = self.until_found().await;
        self.updates.install().unwrap();
        let failed = |state: &UpdateState| matches!(state, UpdateState::Failed { .. });
        match self.until(failed).await {
            UpdateState::Failed { failure, release } => {
                assert_eq!(release, Some(offered), "it can be tried again");
                failure
            }
            state => panic!("{state:?}"),
        }
    }

    async fn failure(&mut self) -> UpdateFailure {
        let failed = |state: &UpdateState| matches!(state, UpdateState::Failed { .. });
        match self.until(failed).await {
            UpdateState::Failed { failure, .. } => failure,
            state => panic!("{state:?}"),
        }
    }

    fn untouched(&mut self) {
        assert_eq!(std::fs::read(&self.program).unwrap(), INSTALLED);
        assert!(
            self.restarts.try_recv().is_err(),
            "the program started anew"
        );
    }
}

/// Answers every request for one of these files, until the test run ends.
fn serve(listener: TcpListener, files: HashMap<&'static str, Vec<u8>>, asked: Arc<AtomicUsize>) {
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut request = String::new();
            reader.read_line(&mut request).unwrap();
            let mut header = String::new();
            while reader.read_line(&mut header).unwrap() > 2 {
                header.clear();
            }
            asked.fetch_add(1, Ordering::SeqCst);
            let path = request.split(' ').nth(1).unwrap();
            let (status, body) = match files.get(path) {
                Some(body) => ("200 OK", body.as_slice()),
                None => ("404 Not Found", b"".as_slice()),
            };
            // A client that does not want the rest may go.
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            )
            .and_then(|()| stream.write_all(body));
        }
    });
}

fn release(version: &str, signature: &str) -> impl FnOnce(SocketAddr) -> Value {
    let (version, signature) = (version.to_owned(), signature.to_owned());
    move |address| {
        let platform = format!("linux-{}", std::env::consts::ARCH);
        json!({
            "version": version,
            "notes": " Cards are wider. ",
            "platforms": {platform: {
                "url": format!("http://{address}/package"),
                "signature": signature.trim(),
            }},
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_with_the_right_signature_takes_the_place_of_the_program() {
    let mut setup = Setup::new(true, release("9.1.0", SIGNATURE), PACKAGE);
    let offered = setup.until_found().await;
    assert_eq!(
        (offered.version.as_str(), offered.notes.as_deref()),
        ("9.1.0", Some("Cards are wider."))
    );
    setup.untouched();
    setup.updates.install().unwrap();
    setup.restarts.recv().await.unwrap();
    assert_eq!(std::fs::read(&setup.program).unwrap(), PACKAGE);
    assert_eq!(
        *setup.state.borrow(),
        UpdateState::Installing { release: offered }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_somebody_changed_is_refused() {
    let mut changed = PACKAGE.to_vec();
    changed[80] ^= 1;
    let mut setup = Setup::new(true, release("9.1.0", SIGNATURE), &changed);
    assert_eq!(setup.refusal().await, UpdateFailure::NotSigned);
    setup.untouched();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_a_stranger_signed_is_refused() {
    let mut setup = Setup::new(true, release("9.1.0", BY_A_STRANGER), PACKAGE);
    assert_eq!(setup.refusal().await, UpdateFailure::NotSigned);
    setup.untouched();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_package_under_a_newer_number_is_refused() {
    let mut setup = Setup::new(true, release("9.2.0", SIGNATURE), PACKAGE);
    assert_eq!(setup.refusal().await, UpdateFailure::NotSigned);
    setup.untouched();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_not_newer_is_not_offered() {
    let mut setup = Setup::new(true, release("0.0.1", SIGNATURE), PACKAGE);
    setup
        .until(|state| matches!(state, UpdateState::Latest { .. }))
        .await;
    let refused = setup.updates.install().unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotNow);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_before_the_person_wants_it_nor_after() {
    let mut setup = Setup::new(false, release("9.1.0", SIGNATURE), PACKAGE);
    assert_eq!(setup.updates.check().unwrap_err().code, ErrorCode::NotNow);
    setup.updates.set_wanted(true);
    setup.until_found().await;
    assert_eq!(
        setup.asked.load(Ordering::SeqCst),
        1,
        "only when it was wanted"
    );
    setup.updates.set_wanted(false);
    setup.until(|state| *state == UpdateState::Unknown).await;
    assert!(setup.updates.check().is_err() && setup.updates.install().is_err());
    assert_eq!(setup.asked.load(Ordering::SeqCst), 1);
    setup.untouched();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_on_the_way_is_told_apart() {
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut setup = Setup::asking(true, gone, Arc::default());
    assert_eq!(setup.failure().await, UpdateFailure::Offline);

    let mut setup = Setup::new(true, |_| json!({"hello": "world"}), PACKAGE);
    assert_eq!(setup.failure().await, UpdateFailure::BadAnswer);

    let other = |_| {
        let url = "https://example.com/package";
        json!({"version": "9.1.0", "platforms": {"plan9-mips": {"url": url, "signature": ""}}})
    };
    let mut setup = Setup::new(true, other, PACKAGE);
    assert_eq!(setup.failure().await, UpdateFailure::NotForThisSystem);

    let mut setup = Setup::new(true, release("9.1.0", SIGNATURE), PACKAGE);
    std::fs::remove_file(&setup.program).unwrap();
    assert_eq!(setup.refusal().await, UpdateFailure::NotWritable);
}

#[tokio::test]
async fn a_copy_that_others_replace_asks_nobody() {
    for way in [UpdateWay::Packages, UpdateWay::Headless, UpdateWay::Nobody] {
        let updates = Arc::new(Updates::new(Box::new(NoSource(way)), true));
        let run = tokio::time::timeout(Duration::from_secs(10), Arc::clone(&updates).run());
        run.await.expect("nobody is waited for");
        assert_eq!(updates.check().unwrap_err().code, ErrorCode::NotNow);
        assert_eq!(
            updates.view(),
            UpdatesView {
                way,
                state: UpdateState::Unknown
            }
        );
    }
}

#[test]
fn what_a_package_manager_installed_is_left_to_it() {
    for (installed_as, way) in [
        (Some(BundleType::Deb), UpdateWay::Packages),
        (Some(BundleType::Rpm), UpdateWay::Packages),
        (Some(BundleType::AppImage), UpdateWay::Itself),
        (Some(BundleType::Nsis), UpdateWay::Itself),
        (Some(BundleType::Msi), UpdateWay::Itself),
        (Some(BundleType::App), UpdateWay::Itself),
        (None, UpdateWay::Itself),
    ] {
        assert_eq!(way_of(installed_as.as_ref(), UpdateWay::Itself), way);
    }
    assert_eq!(way_of(None, UpdateWay::Nobody), UpdateWay::Nobody);
}
