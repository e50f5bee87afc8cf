//! All steps of a bundle, in their order.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use session_api::ControlRoom;
use session_api::commands::{CallsArgs, NoArgs};
use session_api::dto::Language;
use session_api::support::{BundleStep, BundleWish};
use session_core::{ClienteId, ClienteRecord};
use session_store::Examination;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::archive::Archive;
use super::redact::{Private, Redactor};
use super::sessions::{Page, Pages};
use super::{Ended, facts, plain, readme, sessions, storage};
use crate::host::{self, Shell};
use crate::options::Options;
use crate::settings::SettingsFile;

/// Bytes of logs that are taken, the newest first.
const LOGS: u64 = 10_000_000;
/// Changes of a cliente that are taken.
const TIMELINE: u32 = 1000;
/// Calls of the local API that are taken.
const CALLS: u32 = 500;

/// What a bundle is made of.
pub(super) struct Sources {
    pub(super) options: Options,
    pub(super) wish: BundleWish,
    pub(super) language: Language,
    /// The program, where this is the one that runs.
    pub(super) live: Option<Live>,
    pub(super) stop: CancellationToken,
}

/// The running program.
pub(super) struct Live {
    pub(super) room: ControlRoom,
    pub(super) shell: Arc<Shell>,
}

impl Sources {
    /// The running program.
    pub(super) fn of_program(
        shell: &Arc<Shell>,
        room: &ControlRoom,
        wish: BundleWish,
        stop: CancellationToken,
    ) -> Self {
        Self {
            options: shell.options.clone(),
            wish,
            language: shell.language(),
            live: Some(Live {
                room: room.clone(),
                shell: Arc::clone(shell),
            }),
            stop,
        }
    }

    /// What is on the disk.
    pub(super) fn of_disk(options: Options, wish: BundleWish) -> Self {
        Self {
            language: host::language(&options, None),
            options,
            wish,
            live: None,
            stop: CancellationToken::new(),
        }
    }

    pub(super) fn data(&self) -> &Path {
        &self.options.data_dir
    }

    /// Whether a cliente is to be in it.
    fn wants(&self, id: ClienteId) -> bool {
        self.wish.cliente.is_none_or(|wanted| wanted == id.get())
    }

    /// All clientes, also those that are not to be in it: their names are not, either.
    fn clientes(&self, found: &mut Result<Examination, String>) -> Vec<ClienteRecord> {
        match &self.live {
            Some(live) => {
                let snapshots = live.shell.registry.snapshots();
                snapshots.iter().map(|one| one.record.clone()).collect()
            }
            None => found
                .as_mut()
                .map(|found| std::mem::take(&mut found.clientes))
                .unwrap_or_default(),
        }
    }

    /// Runs what has to be waited for, until somebody cancels.
    pub(super) fn wait<T>(
        &self,
        runtime: &Handle,
        work: impl Future<Output = T>,
    ) -> Result<T, Ended> {
        runtime
            .block_on(self.stop.run_until_cancelled(work))
            .ok_or(Ended::Cancelled)
    }
}

/// Collects a bundle into `target`, and tells where it is, its size, and how many files are in it. Blocks: not on a thread
/// of the runtime.
pub(super) fn collect(
    sources: &Sources,
    target: PathBuf,
    runtime: &Handle,
    tell: &dyn Fn(BundleStep),
) -> Result<(PathBuf, u64, u32), Ended> {
    tell(BundleStep::About);
    let mut database = storage::examine(sources.data());
    let clientes = sources.clientes(&mut database);
    let ids: Vec<ClienteId> = clientes.iter().map(|record| record.id).collect();
    let wanted: Vec<&ClienteRecord> = clientes
        .iter()
        .filter(|record| sources.wants(record.id))
        .collect();
    let settings = SettingsFile::in_folder(sources.data()).look();

    // Asked before anything is written: what pages call themselves is no secret, and has to be known as none.
    tell(BundleStep::Pages);
    let pages = match &sources.live {
        Some(live) => sources.wait(runtime, sessions::ask(live, sources.wish))?,
        None => Pages::new(),
    };
    let wa_js = sources
        .live
        .as_ref()
        .map(|live| live.shell.launcher.wa_js());
    let mut public: Vec<String> = wa_js.iter().map(|wa_js| wa_js.sha256.clone()).collect();
    for page in pages.values() {
        public.extend(page.found.whatsapp.clone());
        public.extend(page.found.wa_js.clone());
    }
    let redactor = Arc::new(Redactor::new(private(sources, &clientes), public)?);
    let mut archive = Archive::create(target, redactor, sources.stop.clone())?;

    archive.text(
        "README.txt",
        &readme::text(sources.language, &sources.wish, sources.live.is_some()),
    )?;
    let about = sources.wait(runtime, facts::about(sources, wa_js.as_ref()))?;
    archive.json("about.json", &plain::written(about))?;
    let settings = json!({ "settings": settings, "options": facts::options(&sources.options) });
    archive.json("settings.json", &plain::written(settings))?;
    add_pictures(sources, &mut archive, &pages, &ids)?;

    tell(BundleStep::Clientes);
    let list: Vec<Value> = wanted
        .iter()
        .map(|record| sessions::describe(sources, record, pages.get(&record.id), &ids))
        .collect();
    archive.json("clientes.json", &plain::written(list.into()))?;
    for record in &wanted {
        let changes = match &sources.live {
            Some(live) => sources
                .wait(runtime, live.shell.registry.timeline(record.id, TIMELINE))?
                .map_err(|error| error.to_string()),
            None => storage::timeline(sources.data(), record.id, TIMELINE),
        };
        let name = format!("timeline/{}.jsonl", plain::label(record.id, &ids));
        archive.text(&name, &sessions::timeline(changes))?;
    }
    if let Some(live) = &sources.live {
        add_told(sources, live, runtime, &mut archive, &ids)?;
    }

    tell(BundleStep::Storage);
    archive.json(
        "database.json",
        &plain::written(storage::database(sources.data(), &database)),
    )?;
    let profiles: Vec<Value> = wanted
        .iter()
        .map(|record| storage::profile(sources.data(), record.id, &ids))
        .collect();
    archive.json("profiles.json", &plain::written(profiles.into()))?;

    tell(BundleStep::Logs);
    add_logs(sources, &mut archive)?;

    tell(BundleStep::Finish);
    archive.finish()
}

/// What nobody but its owner should read, as far as it is known.
fn private(sources: &Sources, clientes: &[ClienteRecord]) -> Vec<Private> {
    let mut all = Vec::new();
    for record in clientes {
        all.push(Private::Name(record.note.clone()));
        if !sources.wish.names || !sources.wants(record.id) {
            all.push(Private::Name(record.name.clone()));
        }
        if let Some(account) = &record.account {
            all.push(Private::Number(account.number.reveal().to_owned()));
            all.extend(account.name.clone().map(Private::Name));
        }
    }
    all.extend(facts::private(&sources.options));
    all
}

/// Pictures that are taken now, and those that were kept when something failed.
fn add_pictures(
    sources: &Sources,
    archive: &mut Archive,
    pages: &Pages,
    ids: &[ClienteId],
) -> Result<(), Ended> {
    if !sources.wish.pictures {
        return Ok(());
    }
    for (id, page) in pages {
        if let Page {
            picture: Some(Ok(png)),
            ..
        } = page
        {
            archive.picture(&format!("screenshots/{}.png", plain::label(*id, ids)), png)?;
        }
    }
    for (id, millis, path) in storage::kept_pictures(sources.data()) {
        if sources.wants(id)
            && let Ok(png) = std::fs::read(path)
        {
            let taken = plain::moment(millis).replace(':', "-");
            archive.picture(
                &format!("diagnostics/{}-{taken}.png", plain::label(id, ids)),
                &png,
            )?;
        }
    }
    Ok(())
}

/// What the running program counts and remembers.
fn add_told(
    sources: &Sources,
    live: &Live,
    runtime: &Handle,
    archive: &mut Archive,
    ids: &[ClienteId],
) -> Result<(), Ended> {
    if let Some(text) = live.room.metrics_text() {
        archive.text("metrics.txt", &plain::metrics(&text))?;
    }
    let calls = CallsArgs {
        limit: CALLS,
        after: None,
    };
    if let Ok(calls) = sources.wait(runtime, live.room.calls(calls))? {
        let calls: Vec<Value> = calls
            .iter()
            .filter(|call| sources.wish.cliente.is_none() || call.cliente == sources.wish.cliente)
            .map(|call| {
                let cliente = call.cliente.and_then(|id| ClienteId::try_from(id).ok());
                json!({
                    "at": call.at, "method": call.method, "route": call.route, "status": call.status,
                    "code": call.code, "duration_us": call.duration_us,
                    "cliente": cliente.map(|id| plain::label(id, ids)),
                })
            })
            .collect();
        archive.json("api-calls.json", &plain::written(calls.into()))?;
    }
    if let Ok(webhooks) = sources.wait(runtime, live.room.webhooks(NoArgs {}))? {
        let webhooks = serde_json::to_value(webhooks).unwrap_or_default();
        archive.json("webhooks.json", &plain::written(webhooks))?;
    }
    Ok(())
}

/// The newest logs first, until there is enough.
fn add_logs(sources: &Sources, archive: &mut Archive) -> Result<(), Ended> {
    let mut left = LOGS;
    for (path, size) in storage::logs(sources.data()) {
        if left == 0 {
            break;
        }
        // One that was deleted meanwhile is none.
        let Ok(mut file) = File::open(&path) else {
            continue;
        };
        let taken = size.min(left);
        storage::skip_to_last(&mut file, size, taken)?;
        left -= taken;
        let name = format!("logs/{}", super::name_of(&path));
        let only = sources.wish.cliente;
        archive.lines_that(&name, BufReader::new(file), taken, |line| {
            only.is_none_or(|id| storage::concerns(line, id))
        })?;
    }
    Ok(())
}
