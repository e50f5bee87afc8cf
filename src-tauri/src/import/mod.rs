//! `session-manager import`: logins of other programs, from the command line. The data folder must be nobody else's
//! meanwhile, as the running program holds the list of clientes.

mod table;

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::Path;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use session_chromium::{ProfileFolders, find_old_logins};
use session_core::old_login::{CopyProgress, OldLogin, OldLogins, TakeError, proposed};
use session_core::ports::{Profiles as _, Store as _};
use session_core::{ClienteId, ClienteRecord, Clock as _, SystemClock, Wanted};
use session_store::SqliteStore;
use tokio_util::sync::CancellationToken;

use crate::instance::{Instance, InstanceError};
use crate::options::{ImportWish, Options};
use crate::signals::Signals;
use table::{Outcome, Row};

/// Exit code where there is no saved session in the folder.
const NOTHING: u8 = 3;
/// How often the line that tells the progress is written anew.
const TICK: Duration = Duration::from_millis(200);

/// Does it. What was found and what came of it go to standard output, everything else to standard error.
pub(crate) fn run(options: &Options, wish: ImportWish) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    runtime.block_on(import(&options.data_dir, wish))
}

async fn import(data: &Path, wish: ImportWish) -> anyhow::Result<ExitCode> {
    let found = find_old_logins(wish.dir.clone())
        .await
        .with_context(|| format!("look into {}", wish.dir.display()))?;
    for (folder, cause) in &found.unreadable {
        say(&format!("{} cannot be read ({cause})", folder.display()));
    }
    if found.cut_short {
        say(
            "There are too many folders to look through all of them: name one that is closer to the sessions.",
        );
    }
    // Before anything is opened or made: a look changes nothing.
    let (known, linked) = ids_with_profiles(data);
    let mut rows = rows(&found.logins, &known, &linked, &wish)?;
    if rows.is_empty() {
        if wish.json {
            table::json(&rows);
        }
        say("There is no saved session of session-manager v2.0 or whatsapp-web.js in this folder.");
        return Ok(ExitCode::from(NOTHING));
    }
    if wish.list {
        table::show(&rows, wish.json);
        return Ok(ExitCode::SUCCESS);
    }
    let _instance = Instance::take(data, false).map_err(|error| match error {
        InstanceError::Running { .. } => anyhow::anyhow!(
            "{error}. To take over logins, end it first: it holds the list of clientes"
        ),
        unusable @ InstanceError::Unusable { .. } => unusable.into(),
    })?;
    // From here on whoever ends this ends it in order: a copy that is not whole is cleared away.
    let (ended, _raises) = Signals::listen().context("listen to signals")?.split();
    let target = Target::open(data).await?;
    // Of the clientes that have no profile, only the store knows.
    let known = known.into_iter().chain(target.ids()).collect();
    rows = self::rows(&found.logins, &known, &linked, &wish)?;
    target
        .take_all(&mut rows, wish.start, std::pin::pin!(ended))
        .await;
    target.store.close().await;
    table::show(&rows, wish.json);
    let all = rows.iter().all(|row| matches!(row.outcome, Outcome::Taken));
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The clientes with a profile, and those of them with a login.
fn ids_with_profiles(data: &Path) -> (BTreeSet<ClienteId>, BTreeSet<ClienteId>) {
    let profiles = data.join("profiles");
    let known: BTreeSet<ClienteId> = std::fs::read_dir(&profiles)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    let linked = known
        .iter()
        .copied()
        .filter(|id| profiles.join(id.to_string()).join("login.json").exists())
        .collect();
    (known, linked)
}

/// What is to be done with each login that was asked for.
fn rows(
    logins: &[OldLogin],
    known: &BTreeSet<ClienteId>,
    linked: &BTreeSet<ClienteId>,
    wish: &ImportWish,
) -> anyhow::Result<Vec<Row>> {
    let ids = proposed(logins, known);
    let mut rows: Vec<Row> = logins
        .iter()
        .zip(ids)
        .map(|(login, id)| Row::new(login.clone(), id))
        .collect();
    for (name, id) in &wish.renamed {
        let place = place_of(&rows, name)?;
        rows[place].id = *id;
    }
    let only: BTreeSet<usize> = wish
        .only
        .iter()
        .map(|name| place_of(&rows, name))
        .collect::<anyhow::Result<_>>()?;
    let mut places = 0..;
    rows.retain(|_| only.is_empty() || places.next().is_some_and(|place| only.contains(&place)));
    for row in &mut rows {
        row.taken = linked.contains(&row.id);
    }
    let mut given = BTreeSet::new();
    for row in &rows {
        anyhow::ensure!(
            given.insert(row.id),
            "two sessions cannot have the id {}",
            row.id
        );
    }
    Ok(rows)
}

/// Which login is meant: by its folder, by what that program called it, or by its id there. A name goes before an id,
/// so that `7` is the session called so where there is a `cliente_7` too; what is left of two is never guessed.
fn place_of(rows: &[Row], name: &str) -> anyhow::Result<usize> {
    let ways: [fn(&Row, &str) -> bool; 3] = [Row::lies_in, Row::is_called, Row::had_id];
    let matching = |way: fn(&Row, &str) -> bool| -> Vec<usize> {
        (0..rows.len())
            .filter(|place| way(&rows[*place], name))
            .collect()
    };
    let meant = ways.into_iter().map(matching).find(|it| !it.is_empty());
    match meant.unwrap_or_default()[..] {
        [place] => Ok(place),
        [] => {
            let everybody: Vec<String> = rows.iter().map(Row::name).collect();
            anyhow::bail!(
                "no session here is called {name:?}; there are: {}",
                everybody.join(", ")
            )
        }
        ref several => {
            let folders: Vec<String> = several
                .iter()
                .map(|place| rows[*place].login.path.display().to_string())
                .collect();
            anyhow::bail!(
                "{} sessions are called {name:?}: name the one that is meant by its folder, {}",
                folders.len(),
                folders.join(" or ")
            )
        }
    }
}

/// Where logins go.
struct Target {
    profiles: Arc<ProfileFolders>,
    store: SqliteStore,
    records: Vec<ClienteRecord>,
}

impl Target {
    async fn open(data: &Path) -> anyhow::Result<Self> {
        let (folder, path) = (data.join("profiles"), data.join("sessions.db"));
        let opened = tokio::task::spawn_blocking(move || {
            let profiles = ProfileFolders::open(folder).context("open the saved logins")?;
            let (store, _) = SqliteStore::open(&path).context("open the list of clientes")?;
            anyhow::Ok((profiles, store))
        });
        let (profiles, store) = opened.await??;
        let records = store
            .clientes()
            .await
            .context("read the list of clientes")?;
        Ok(Self {
            profiles,
            store,
            records,
        })
    }

    fn ids(&self) -> impl Iterator<Item = ClienteId> {
        self.records.iter().map(|record| record.id)
    }

    /// One after the other: the disk is what is waited for. The first that is called off is the last.
    async fn take_all(
        &self,
        rows: &mut [Row],
        start: bool,
        mut ended: Pin<&mut impl Future<Output = ()>>,
    ) {
        let stop = CancellationToken::new();
        for row in rows {
            row.outcome = match self.take(row, start, &stop, ended.as_mut()).await {
                Ok(()) => Outcome::Taken,
                Err(error) => Outcome::Not(error),
            };
            if stop.is_cancelled() {
                return;
            }
        }
    }

    async fn take(
        &self,
        row: &Row,
        start: bool,
        stop: &CancellationToken,
        mut ended: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), TakeError> {
        let progress = Arc::new(CopyProgress::until(stop.child_token()));
        let copy = self
            .profiles
            .take(row.login.path.clone(), row.id, Arc::clone(&progress));
        tokio::pin!(copy);
        let line = Line::new(row.name());
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                outcome = &mut copy => {
                    line.end();
                    outcome?;
                    break;
                }
                _ = tick.tick() => line.tell(&progress),
                () = &mut ended, if !stop.is_cancelled() => stop.cancel(),
            }
        }
        let known = self.records.iter().find(|record| record.id == row.id);
        let mut record = known.cloned().unwrap_or_else(|| ClienteRecord {
            name: row.given_name(),
            ..ClienteRecord::new(row.id, SystemClock.now())
        });
        if start {
            record.wanted = Wanted::Running;
        }
        // The login is in place all the same: the program takes in, when it starts, what no list knows of.
        if let Err(error) = self.store.save(record).await {
            say(&format!(
                "{}: its name could not be written down: {error}",
                row.name()
            ));
        }
        debug_assert!(self.profiles.has_login(row.id).await, "it was marked");
        Ok(())
    }
}

/// How far a copy is, in one line of a terminal.
struct Line {
    name: String,
    shown: bool,
}

impl Line {
    fn new(name: String) -> Self {
        Self {
            name,
            shown: std::io::stderr().is_terminal(),
        }
    }

    #[expect(clippy::print_stderr, reason = "for the person at the terminal")]
    fn tell(&self, progress: &CopyProgress) {
        if self.shown {
            let (done, all) = progress.now();
            eprint!(
                "\r{}: {} of {}   ",
                self.name,
                table::size(done),
                table::size(all)
            );
        }
    }

    #[expect(clippy::print_stderr, reason = "for the person at the terminal")]
    fn end(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}

#[expect(clippy::print_stderr, reason = "for the person at the terminal")]
fn say(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests;
