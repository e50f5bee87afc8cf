//! Logins of other programs: what is found in a folder, and copies of those that a person chooses, one after the other.
//! Who reads and copies sits behind [`OldLogins`], because this crate knows neither the driver nor the disk.

mod desk;
mod views;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use session_core::ClienteId;
use session_core::old_login::{InUse, OldLogin, OldLogins, proposed};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::commands::NoArgs;
use crate::control::{ControlRoom, cliente_id, described, unusable};
use crate::dto::CommandError;
use crate::error::ErrorCode;
pub(crate) use desk::Desk;
use desk::Wanted;
pub use views::{
    ChooseFolderArgs, ChosenFolderView, FolderProblem, OldFolderArgs, OldFoundView, OldKindView,
    OldLoginView, OldProblem, TakeArgs, TakeSeen, TakeStage, TakeView, TakenView, WantedLogin,
};

/// How long the question for progress waits for some.
const PATIENCE: Duration = Duration::from_secs(20);
/// Most logins in one go.
const MOST: usize = 500;
/// Longest path, in characters.
const PATH: usize = 4096;

impl ControlRoom {
    /// The same, with who finds and copies logins of other programs. A copy that is under way is counted in `tasks`, and
    /// given up when `stop` fires.
    #[must_use]
    pub fn with_old_logins(
        self,
        port: Arc<dyn OldLogins>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            old_logins: Some(Arc::new(Desk::new(port, tasks, stop))),
            ..self
        }
    }

    /// Has the person choose a folder in the system's own dialog; the answer comes when they have. Only where there is a
    /// window, and one dialog at a time: `NOT_NOW` otherwise.
    pub async fn choose_folder(
        &self,
        ChooseFolderArgs { from }: ChooseFolderArgs,
    ) -> Result<ChosenFolderView, CommandError> {
        if from.chars().count() > PATH {
            return Err(unusable("a path has 4096 characters at most"));
        }
        let path = self.host.choose_folder(folder(&from)).await?;
        Ok(ChosenFolderView { path })
    }

    /// The logins of other programs in a folder and a few folders below it. What is wrong with the folder is the answer,
    /// not a failure. Nothing is changed.
    pub async fn find_old_logins(
        &self,
        OldFolderArgs { dir }: OldFolderArgs,
    ) -> Result<OldFoundView, CommandError> {
        let desk = self.old_login_desk()?;
        if dir.chars().count() > PATH {
            return Err(unusable("a path has 4096 characters at most"));
        }
        let nothing = |problem| {
            Ok(OldFoundView {
                problem: Some(problem),
                ..OldFoundView::default()
            })
        };
        let Some(folder) = folder(&dir) else {
            return nothing(FolderProblem::NotWhole);
        };
        let found = match desk.port.find(folder).await {
            Ok(found) => found,
            Err(error) => {
                return nothing(match error.kind() {
                    io::ErrorKind::NotFound => FolderProblem::Missing,
                    io::ErrorKind::NotADirectory => FolderProblem::NoFolder,
                    io::ErrorKind::PermissionDenied => FolderProblem::Forbidden,
                    _ => FolderProblem::Unreadable,
                });
            }
        };
        let known: BTreeSet<ClienteId> = self
            .registry
            .snapshots()
            .iter()
            .map(|cliente| cliente.record.id)
            .collect();
        let ids = proposed(&found.logins, &known);
        Ok(OldFoundView {
            logins: found
                .logins
                .iter()
                .zip(ids)
                .map(|(login, id)| self.old_login(login, id))
                .collect(),
            unreadable: found
                .unreadable
                .iter()
                .map(|(folder, _)| folder.display().to_string())
                .collect(),
            cut_short: found.cut_short,
            problem: None,
        })
    }

    /// Begins to copy logins; [`Self::import_progress`] tells how it goes on. `NOT_NOW` while others are being copied.
    #[expect(clippy::unused_async, reason = "all commands are called alike")]
    pub async fn import_logins(
        &self,
        TakeArgs { wanted, start }: TakeArgs,
    ) -> Result<TakeView, CommandError> {
        let desk = self.old_login_desk()?;
        if wanted.is_empty() || wanted.len() > MOST {
            return Err(unusable("1 to 500 logins are taken over at a time"));
        }
        let (mut ids, mut paths) = (BTreeSet::new(), BTreeSet::new());
        let wanted: Vec<Wanted> = wanted
            .into_iter()
            .map(|WantedLogin { path, id, name }| {
                let id = cliente_id(id)?;
                let (name, _) = described(&name, "")?;
                if !ids.insert(id) || !paths.insert(path.clone()) {
                    return Err(unusable(
                        "each login is taken over once, and each has an id of its own",
                    ));
                }
                let path = folder(&path).ok_or_else(|| unusable("a path begins at the root"))?;
                Ok(Wanted { path, id, name })
            })
            .collect::<Result<_, CommandError>>()?;
        desk.begin(self.registry.clone(), wanted, start)
    }

    /// How far the copies are: at once if that is news, else as soon as there is some, or after 20 s.
    pub async fn import_progress(
        &self,
        TakeSeen { revision }: TakeSeen,
    ) -> Result<TakeView, CommandError> {
        let mut progress = self.old_login_desk()?.watch();
        let news = progress.wait_for(|view| view.revision != revision);
        // Without news, what is known already is the answer.
        let _ = tokio::time::timeout(PATIENCE, news).await;
        let view = progress.borrow().clone();
        Ok(view)
    }

    /// Gives up the copy that is under way and those that wait. What was taken over stays.
    #[expect(clippy::unused_async, reason = "all commands are called alike")]
    pub async fn cancel_import(&self, NoArgs {}: NoArgs) -> Result<TakeView, CommandError> {
        let desk = self.old_login_desk()?;
        desk.cancel();
        Ok(desk.watch().borrow().clone())
    }

    fn old_login(&self, login: &OldLogin, id: ClienteId) -> OldLoginView {
        let problem = match login.in_use {
            InUse::Here => Some(OldProblem::InUse),
            InUse::Elsewhere => Some(OldProblem::InUseElsewhere),
            InUse::Free if !login.linked => Some(OldProblem::NoLogin),
            InUse::Free => None,
        };
        OldLoginView {
            path: login.path.display().to_string(),
            kind: login.kind.into(),
            name: login.name.clone(),
            id: id.get(),
            own_id: login.id.is_some(),
            id_taken: !self.registry.has_room_for_login(id),
            bytes: login.bytes,
            last_used: login.last_used.map(|time| time.0),
            problem,
        }
    }

    fn old_login_desk(&self) -> Result<&Desk, CommandError> {
        self.old_logins.as_deref().ok_or_else(|| {
            CommandError::new(
                ErrorCode::NotNow,
                "no logins are taken over in this program",
            )
        })
    }
}

/// The folder that a person means: in quotes, as systems copy it, or from the home folder on. None where the program
/// would have to guess where it begins.
fn folder(text: &str) -> Option<PathBuf> {
    let text = text.trim();
    let bare = ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(text);
    let path = PathBuf::from(bare);
    if let Ok(below) = path.strip_prefix("~") {
        return std::env::home_dir().map(|home| home.join(below));
    }
    path.is_absolute().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_as_people_paste_it() {
        let root = if cfg!(windows) { r"C:\old" } else { "/old" };
        for text in [
            root.to_owned(),
            format!("  \"{root}\" "),
            format!("'{root}'"),
        ] {
            assert_eq!(folder(&text), Some(PathBuf::from(root)), "{text}");
        }
        assert!(folder("~/old").is_some_and(|path| path.is_absolute() && path.ends_with("old")));
        for text in ["", "old", "./old", "\"", "~other/old"] {
            assert_eq!(folder(text), None, "{text}");
        }
    }
}
