//! A program, the WhatsApp that it talks to, and the phones of its clientes. WhatsApp outlives the program, as the real
//! one does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::runtime::Runtime;
use whatsapp_simulator::{
    DeviceSelector, DeviceState, DeviceView, MarksView, PhoneAction, Simulator, SimulatorConfig,
};

use crate::app::{App, program};
use crate::calls::Caller;
use crate::figures::Fault;
use crate::processes::{self, Process};
use crate::support::{DEADLINE, Data, wait_for};

/// How long a session may show a QR although it is linked, before its login counts as lost.
const QR_GRACE: Duration = Duration::from_secs(15);
/// After this a session that is not back counts as stuck.
pub(crate) const STUCK: Duration = Duration::from_secs(90);
/// What may be left of processes 5 s after an end is an orphan.
pub(crate) const BURIAL: Duration = Duration::from_secs(5);

/// How long a session took to come back, or what is wrong with it.
pub(crate) type Outcome = Result<Duration, (Fault, String)>;

pub(crate) struct World {
    app: Option<App>,
    pub(crate) data: Data,
    devices: Mutex<BTreeMap<u64, String>>,
    simulator: Simulator,
    runtime: Runtime,
    /// Who runs the program, if not whoever runs this.
    user: Option<u32>,
}

/// Nobody in particular; every system has this user.
const NOBODY: u32 = 65534;

/// The same command for an ordinary user, whose browsers have a sandbox.
fn as_ordinary(command: &Command, data: &Path, user: u32) -> Command {
    let mut ordinary = Command::new(command.get_program());
    ordinary
        .args(
            command
                .get_args()
                .filter(|argument| *argument != "--no-sandbox"),
        )
        .uid(user)
        .gid(user)
        .env("HOME", data);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => ordinary.env(name, value),
            None => ordinary.env_remove(name),
        };
    }
    ordinary
}

impl World {
    /// WhatsApp, and a program that has not been started yet.
    pub(crate) fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let simulator = runtime
            .block_on(Simulator::start(SimulatorConfig::default()))
            .unwrap();
        Self {
            app: None,
            data: Data::new(),
            devices: Mutex::default(),
            simulator,
            runtime,
            user: None,
        }
    }

    /// The same for a program whose browsers have a sandbox, which they have not when root runs them. Nothing where an
    /// ordinary user cannot run it.
    pub(crate) fn sandboxed() -> Option<Self> {
        let mut world = Self::new();
        if fs::metadata("/proc/self").unwrap().uid() != 0 {
            return Some(world);
        }
        world.user = Some(NOBODY);
        chown(world.data.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        let path = world.data.path();
        let asked = as_ordinary(program(path).arg("--version"), path, NOBODY).output();
        asked
            .is_ok_and(|said| said.status.success())
            .then_some(world)
    }

    /// The same with a program that runs.
    pub(crate) fn started() -> Self {
        let mut world = Self::new();
        world.start(&[]);
        world
    }

    pub(crate) fn start(&mut self, arguments: &[&str]) {
        let mut command = program(self.data.path());
        for argument in self.simulator.chromium_args() {
            command.arg(format!("--browser-arg={argument}"));
        }
        command.args(arguments);
        if let Some(user) = self.user {
            command = as_ordinary(&command, self.data.path(), user);
        }
        self.app = Some(App::start_as(&self.data, &mut command));
    }

    pub(crate) fn app(&self) -> &App {
        self.app.as_ref().unwrap()
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller::new(&self.app().base)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.app().pid()), signal).unwrap();
    }

    /// Asks the program to end, and waits for it.
    pub(crate) fn end(&mut self) -> (ExitStatus, Duration) {
        self.app.take().unwrap().end()
    }

    /// Kills the program where it stands.
    pub(crate) fn kill(&mut self) {
        self.app.take().unwrap().kill();
    }

    /// What is left of these and later processes [`BURIAL`] after an end.
    pub(crate) fn left(&self, seen: &[Process]) -> Vec<Process> {
        processes::left(self.data.path(), seen, BURIAL)
    }

    /// Starts a session that was never linked, up to its QR. One at a time: the device that is new is its own.
    pub(crate) fn show_code(&self, cliente: u64) {
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        let before: Vec<String> = self
            .all_devices()
            .into_iter()
            .map(|found| found.id)
            .collect();
        let call = self.caller().init(cliente);
        assert!(call.is_ok(), "{call}\n{}", self.app().log());
        let new = wait_for("a new device that shows a QR", || {
            let shows =
                |found: &DeviceView| found.state == DeviceState::Qr && !before.contains(&found.id);
            self.all_devices().into_iter().find(shows)
        });
        devices.insert(cliente, new.id);
    }

    /// Starts sessions that were never linked, all at once, and scans.
    pub(crate) fn link(&self, clientes: &[u64]) {
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        let before: Vec<String> = self
            .all_devices()
            .into_iter()
            .map(|found| found.id)
            .collect();
        std::thread::scope(|scope| {
            for &cliente in clientes {
                let caller = self.caller();
                scope.spawn(move || {
                    let call = caller.init(cliente);
                    assert!(call.is_ok(), "{call}\n{}", self.app().log());
                });
            }
        });
        let new = wait_for("new devices that show a QR", || {
            let mut all = self.all_devices();
            all.retain(|found| found.state == DeviceState::Qr && !before.contains(&found.id));
            (all.len() == clientes.len()).then_some(all)
        });
        let phone = self.simulator.phone();
        for device in new {
            let selector = DeviceSelector::Id(device.id);
            let scan = phone.act(&selector, PhoneAction::Scan { account: None });
            self.runtime.block_on(scan).unwrap();
        }
        for &cliente in clientes {
            self.app().reach(cliente, "READY");
            // Which of the devices it is, its account tells: each has one of its own.
            let number = self.caller().view(cliente)["account"]["number"].clone();
            let number = DeviceSelector::Number(number.as_str().unwrap().to_owned());
            devices.insert(cliente, phone.device(&number).unwrap().id);
        }
    }

    /// Scans for a session that has lost its login. No other may be waiting for a scan in this moment.
    pub(crate) fn link_anew(&self, cliente: u64) {
        let _ = self.caller().delete(cliente, true);
        self.link(&[cliente]);
    }

    fn all_devices(&self) -> Vec<DeviceView> {
        self.simulator.phone().devices()
    }

    fn selector(&self, cliente: u64) -> DeviceSelector {
        let devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        DeviceSelector::Id(devices[&cliente].clone())
    }

    pub(crate) fn act(&self, cliente: u64, action: PhoneAction) -> Result<DeviceView, String> {
        let phone = self.simulator.phone();
        self.runtime
            .block_on(phone.act(&self.selector(cliente), action))
            .map_err(|cause| cause.to_string())
    }

    /// How often WhatsApp has each text that it took.
    pub(crate) fn taken(&self) -> BTreeMap<String, u32> {
        let mut taken = BTreeMap::new();
        for entry in self.simulator.phone().outbox() {
            if entry.result == "OK" {
                *taken.entry(entry.text).or_default() += 1;
            }
        }
        taken
    }

    /// The ids of the messages that WhatsApp took.
    pub(crate) fn taken_ids(&self) -> BTreeSet<String> {
        let entries = self.simulator.phone().outbox();
        entries
            .into_iter()
            .filter(|entry| entry.result == "OK")
            .map(|entry| entry.id)
            .collect()
    }

    /// What WhatsApp knows of a cliente's device.
    pub(crate) fn device(&self, cliente: u64) -> DeviceView {
        self.simulator
            .phone()
            .device(&self.selector(cliente))
            .unwrap()
    }

    /// Has the page write a value everywhere, and waits until it says that it has.
    pub(crate) fn mark(&self, cliente: u64, value: u32) {
        let action = PhoneAction::Mark {
            value: value.to_string(),
        };
        self.act(cliente, action).unwrap();
        let marked = MarksView::everywhere(value);
        let begun = Instant::now();
        while self.device(cliente).marks != marked {
            assert!(
                begun.elapsed() < DEADLINE,
                "the page of cliente {cliente} wrote no mark: {:?}",
                self.device(cliente)
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Has the page write more and more, without waiting: it is to be killed meanwhile.
    pub(crate) fn scribble(&self, cliente: u64, after: u32) {
        for value in after + 1..=after + 20 {
            let value = value.to_string();
            if self.act(cliente, PhoneAction::Mark { value }).is_err() {
                return;
            }
        }
    }

    /// Waits for a session to be in this state by itself, with another browser than before. Tells when that was, or what
    /// stands in the way.
    pub(crate) fn recovery(
        &self,
        cliente: u64,
        state: &str,
        before: Option<i64>,
        since: Instant,
    ) -> Outcome {
        let caller = self.caller();
        let begun = Instant::now();
        let mut asked = None;
        loop {
            let session = caller.session(cliente);
            let is = session["state"].as_str().unwrap_or_default().to_owned();
            let pid = session["browser_pid"].as_i64();
            if is == state && pid.is_some() && (before.is_none() || pid != before) {
                return Ok(since.elapsed());
            }
            let failure = |fault, what: &str| {
                let log = self.history(cliente);
                Err((
                    fault,
                    format!("cliente {cliente} {what}: {}\n{log}", brief(&session)),
                ))
            };
            if state == "READY" && is == "QR_REQUIRED" {
                if asked.get_or_insert_with(Instant::now).elapsed() > QR_GRACE {
                    return failure(Fault::Lost, "asks for a scan");
                }
            } else {
                asked = None;
            }
            if begun.elapsed() > STUCK {
                let unusable = ["PROFILE_UNUSABLE", "STORAGE_FAILED"];
                return if unusable.iter().any(|reason| session["reason"] == *reason) {
                    failure(Fault::Unusable, "has a profile that cannot be used")
                } else {
                    failure(Fault::Stuck, &format!("is not {state}"))
                };
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// The same for several at once: who, in which state, and with another browser than which.
    pub(crate) fn recoveries(
        &self,
        wanted: &[(u64, &str, Option<i64>)],
        since: Instant,
    ) -> Vec<(u64, Outcome)> {
        std::thread::scope(|scope| {
            let waiting: Vec<_> = wanted
                .iter()
                .map(|&(cliente, state, before)| {
                    scope.spawn(move || (cliente, self.recovery(cliente, state, before, since)))
                })
                .collect();
            waiting
                .into_iter()
                .map(|outcome| outcome.join().unwrap())
                .collect()
        })
    }

    /// The end of the log, as far as it is about this cliente.
    pub(crate) fn history(&self, cliente: u64) -> String {
        let log = self.app().log();
        let (one, two) = (
            format!("cliente={cliente} "),
            format!("cliente={cliente}\n"),
        );
        let mut lines: Vec<_> = log
            .split_inclusive('\n')
            .filter(|line| line.contains(&one) || line.contains(&two))
            .collect();
        let many = lines.len().saturating_sub(25);
        lines.drain(..many);
        lines.concat()
    }
}

/// A session without its picture.
pub(crate) fn brief(session: &Value) -> String {
    let mut session = session.clone();
    if let Some(fields) = session.as_object_mut() {
        fields.remove("qr");
    }
    session.to_string()
}
