//! Demo mode: the built-in simulator, and the simulated phone of each cliente.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use session_api::ErrorCode;
use session_api::dto::{CommandError, PhoneAction};
use session_core::{ClienteId, Login, Registry, State};
use whatsapp_simulator::{
    DeviceSelector, DeviceView, PhoneAction as Simulated, PhoneError, SendFailure, Simulator,
    SimulatorConfig,
};

/// The simulator while it runs.
pub(crate) struct Demo {
    simulator: Simulator,
}

/// The simulated phones. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Phones {
    phone: whatsapp_simulator::Phone,
    /// Which device a cliente's code was last scanned for: while a passkey is asked for, nothing else tells.
    scanned: Arc<Mutex<BTreeMap<ClienteId, DeviceSelector>>>,
}

impl Demo {
    /// Starts the simulator if it is wanted.
    pub(crate) async fn start_if(wanted: bool, data: &Path) -> anyhow::Result<Option<Self>> {
        Ok(if wanted {
            Some(Self::start(data).await?)
        } else {
            None
        })
    }

    /// Starts the simulator. It remembers linked devices in the data folder, as WhatsApp's servers would.
    pub(crate) async fn start(data: &Path) -> anyhow::Result<Self> {
        let config = SimulatorConfig {
            state_file: Some(data.join("simulator.json")),
            ..SimulatorConfig::default()
        };
        let simulator = Simulator::start(config)
            .await
            .context("start the simulator")?;
        tracing::info!(page = %simulator.page_addr(), "demo: sessions talk to the built-in simulator");
        Ok(Self { simulator })
    }

    /// What points a browser at the simulator.
    pub(crate) fn browser_args(&self) -> Vec<String> {
        self.simulator.chromium_args()
    }

    /// The phones.
    pub(crate) fn phones(&self) -> Phones {
        Phones {
            phone: self.simulator.phone(),
            scanned: Arc::default(),
        }
    }

    /// Ends the simulator.
    pub(crate) async fn stop(self) {
        self.simulator.stop().await;
    }
}

impl Phones {
    async fn type_code(&self, device: &DeviceSelector) -> Result<DeviceView, PhoneError> {
        match self.phone.device(device)?.pairing_code {
            Some(code) => self.phone.pair(&code, None).await,
            None => Err(PhoneError::UnknownCode),
        }
    }

    fn scanned(&self, id: ClienteId) -> Option<DeviceSelector> {
        let scanned = self.scanned.lock().unwrap_or_else(PoisonError::into_inner);
        scanned.get(&id).cloned()
    }

    fn remember(&self, id: ClienteId, device: DeviceSelector) {
        let mut scanned = self.scanned.lock().unwrap_or_else(PoisonError::into_inner);
        scanned.insert(id, device);
    }

    /// Lets the phone of a cliente do something.
    pub(crate) async fn act(
        &self,
        registry: &Registry,
        id: ClienteId,
        action: PhoneAction,
    ) -> Result<(), CommandError> {
        let snapshot = registry.snapshot(id).ok_or_else(|| {
            CommandError::new(ErrorCode::ClienteNotFound, "there is no such cliente")
        })?;
        let shown = match &snapshot.session.state {
            State::QrRequired {
                login: Login::Code { code, .. },
                ..
            } => Some(code.reveal().to_owned()),
            _ => None,
        };
        let linked = snapshot
            .record
            .account
            .as_ref()
            .map(|account| account.number.reveal().to_owned());
        let asks_passkey = matches!(
            snapshot.session.state,
            State::QrRequired {
                login: Login::Passkey,
                ..
            }
        );
        let scanned = self.scanned(id).filter(|_| asks_passkey);
        // A code that shows is the surest sign; without one, the device that was scanned for, or the number that was linked
        // last.
        let device = match (shown, scanned, linked) {
            (Some(code), ..) => DeviceSelector::Qr(code),
            (None, Some(device), _) => device,
            (None, None, Some(number)) => DeviceSelector::Number(number),
            (None, None, None) => {
                return Err(CommandError::new(
                    ErrorCode::NotNow,
                    "no phone is linked, and no QR shows",
                ));
            }
        };
        if let Ok(known) = self.phone.device(&device) {
            self.remember(id, DeviceSelector::Id(known.id));
        }
        let done = match simulated(action) {
            Some(action) => self.phone.act(&device, action).await,
            None => self.type_code(&device).await,
        };
        done.map(drop).map_err(|cause| {
            let code = match cause {
                PhoneError::InvalidRequest { .. } => ErrorCode::InvalidRequest,
                PhoneError::NotSaved { .. } => ErrorCode::InternalError,
                PhoneError::UnknownDevice { .. }
                | PhoneError::ExpiredCode
                | PhoneError::UnknownCode
                | PhoneError::InvalidCode { .. }
                | PhoneError::WrongState { .. } => ErrorCode::NotNow,
            };
            // The simulator's own words could hold a number.
            CommandError::new(code, "the simulated phone cannot do this now")
        })
    }
}

/// What the simulator calls it; nothing for what it offers apart, the typing of a code.
fn simulated(action: PhoneAction) -> Option<Simulated> {
    Some(match action {
        PhoneAction::TypeCode => return None,
        PhoneAction::Scan => Simulated::Scan { account: None },
        PhoneAction::Rotate => Simulated::Rotate,
        PhoneAction::Idle => Simulated::Idle,
        PhoneAction::LogOut => Simulated::Logout { reason: None },
        PhoneAction::Ban => Simulated::Ban {
            kind: whatsapp_simulator::BanKind::default(),
        },
        PhoneAction::Conflict => Simulated::Conflict,
        PhoneAction::DropNetwork => Simulated::NetworkDrop,
        PhoneAction::RestoreNetwork => Simulated::NetworkReturn,
        PhoneAction::CrashPage => Simulated::Crash,
        PhoneAction::Message => Simulated::Incoming {
            from: "5491155559999".to_owned(),
            text: "Hola, ¿hay alguien ahí?".to_owned(),
            name: Some("Marta Demo".to_owned()),
        },
        PhoneAction::FailNextSend => Simulated::FailSends {
            count: 1,
            result: SendFailure::default(),
        },
        PhoneAction::AskPasskey => Simulated::Passkey { enabled: true },
        PhoneAction::ConfirmPasskey => Simulated::PasskeyConfirm,
        PhoneAction::OutdatedVersion => Simulated::Outdated,
    })
}
