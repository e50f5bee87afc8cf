//! Files that are to be sent.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use session_core::ports::{CopyError, MediaFiles as _, MessageStore as _, Retention};
use session_core::{
    FailureCode, MediaId, MediaKind, MediaRecord, MessageKind, MessageStatus, MessageStep,
    NewMessage, QueuedMedia, Timestamp,
};
use session_store::MediaFolder;
use tempfile::TempDir;

use crate::messages::{LIMITS, added, new, step};
use crate::support::{Place, id};

struct Folders {
    root: TempDir,
    files: MediaFolder,
}

impl Folders {
    /// A folder for files, and `out` beside it whose files may be sent.
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("out");
        fs::create_dir(&out).unwrap();
        let files = MediaFolder::new(root.path().join("media"), &[out]).unwrap();
        Self { root, files }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.at("media")) else {
            return Vec::new();
        };
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    async fn copy(&self, path: &Path) -> Result<(MediaId, u64), CopyError> {
        self.files.copy(path, 10).await
    }
}

fn of(media: &MediaRecord, copied: bool) -> NewMessage {
    let mut message = new(1, "below", None);
    message.kind = MessageKind::Image;
    message.content.as_mut().unwrap().media = Some(QueuedMedia {
        id: media.id.clone(),
        kind: MediaKind::Image,
        mime: media.mime.clone(),
        name: media.name.clone(),
        copied: copied.then(|| media.clone()),
    });
    message
}

fn record(created: u64) -> MediaRecord {
    MediaRecord {
        id: MediaId::random(),
        mime: "image/png".into(),
        name: Some("a.png".into()),
        size: 3,
        created: Timestamp(created),
    }
}

#[tokio::test]
async fn a_file_is_there_when_it_is_whole_and_nobody_else_can_read_it() {
    let folders = Folders::new();
    let mut file = folders.files.begin().await.unwrap();
    file.write(b"one, ").await.unwrap();
    file.write(b"two").await.unwrap();
    assert_eq!(folders.names()[0].split('.').nth(1), Some("part"));
    let id = file.finish().await.unwrap();
    let path = folders.files.path(&id);
    assert_eq!(fs::read(&path).unwrap(), b"one, two");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&folders.at("media")), 0o700);
    }
    let mut dropped = folders.files.begin().await.unwrap();
    dropped.write(b"half").await.unwrap();
    drop(dropped);
    assert_eq!(folders.names(), [id.as_str()]);
    folders.files.remove(vec![id, MediaId::random()]).await;
    assert!(folders.names().is_empty());
}

#[tokio::test]
async fn what_a_killed_program_left_is_deleted_and_other_files_are_not() {
    let folders = Folders::new();
    let kept = folders.files.begin().await.unwrap().finish().await.unwrap();
    let lost = folders.files.begin().await.unwrap().finish().await.unwrap();
    let half = folders
        .at("media")
        .join(format!("{}.part", MediaId::random()));
    fs::write(&half, "x").unwrap();
    fs::write(folders.at("media").join("letter.txt"), "dear").unwrap();
    folders
        .files
        .keep_only(BTreeSet::from([kept.clone()]))
        .await;
    let mut names = folders.names();
    names.sort();
    assert_eq!(names, [kept.as_str(), "letter.txt"]);
    assert!(!folders.files.path(&lost).exists());
}

#[tokio::test]
async fn a_file_of_an_allowed_folder_is_copied() {
    let folders = Folders::new();
    let path = folders.at("out/a.png");
    fs::write(&path, "0123456789").unwrap();
    let (id, size) = folders.copy(&path).await.unwrap();
    assert_eq!(size, 10);
    fs::write(&path, "changed").unwrap();
    assert_eq!(fs::read(folders.files.path(&id)).unwrap(), b"0123456789");
    fs::write(&path, "0123456789+").unwrap();
    assert!(matches!(
        folders.copy(&path).await,
        Err(CopyError::TooLarge)
    ));
    assert!(matches!(
        folders.copy(&folders.at("out/none")).await,
        Err(CopyError::Missing)
    ));
    assert_eq!(folders.names(), [id.as_str()], "a half copy is left");
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_outside_of_an_allowed_folder_is_copied() {
    use std::os::unix::fs::symlink;

    let folders = Folders::new();
    fs::create_dir(folders.at("secret")).unwrap();
    fs::create_dir(folders.at("outside")).unwrap();
    fs::write(folders.at("secret/key"), "key").unwrap();
    fs::write(folders.at("outside/key"), "key").unwrap();
    symlink(folders.at("secret/key"), folders.at("out/link")).unwrap();
    symlink(folders.at("secret"), folders.at("out/folder")).unwrap();
    fs::create_dir(folders.at("out/plain")).unwrap();
    nix::unistd::mkfifo(&folders.at("out/pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for name in [
        "secret/key",
        "secret/none",
        "outside/key",
        "out/link",
        "out/folder/key",
        "out/folder/none",
        "out/../secret/key",
        "out/plain",
        "out/pipe",
        "out",
    ] {
        let copied = folders.copy(&folders.at(name)).await;
        assert!(
            matches!(copied, Err(CopyError::NotAllowed)),
            "{name}: {copied:?}"
        );
    }
    let relative = folders.copy(Path::new("out/a.png")).await;
    assert!(matches!(relative, Err(CopyError::NotAllowed)));
    // A link that stays inside is one.
    fs::write(folders.at("out/plain/a"), "x").unwrap();
    symlink(folders.at("out/plain/a"), folders.at("out/inside")).unwrap();
    folders.copy(&folders.at("out/inside")).await.unwrap();
    // And without an allowed folder there is none.
    let none = MediaFolder::new(folders.at("media"), &[]).unwrap();
    let copied = none.copy(&folders.at("out/plain/a"), 10).await;
    assert!(matches!(copied, Err(CopyError::NotAllowed)));
    assert!(MediaFolder::new(folders.at("media"), &[folders.at("none")]).is_err());
}

#[tokio::test]
async fn a_file_is_kept_for_as_long_as_a_message_needs_it() {
    let place = Place::new();
    let (store, _) = place.open();
    let kept = Retention {
        messages: Duration::from_secs(100),
        rows: 1000,
        content: Duration::from_secs(100),
        media: Duration::from_millis(100),
    };
    let (upload, unused, copied) = (record(1000), record(1000), record(0));
    store.add_media(upload.clone()).await.unwrap();
    store.add_media(unused.clone()).await.unwrap();
    assert_eq!(store.media(&upload.id).await.unwrap(), Some(upload.clone()));
    let (first, second) = (of(&upload, false), of(&copied, true));
    added(&store, &first).await;
    added(&store, &second).await;
    let head = store.next(id(1)).await.unwrap().unwrap();
    assert_eq!(head.content, first.content);
    assert_eq!(
        store.all_media().await.unwrap(),
        BTreeSet::from([upload.id.clone(), unused.id.clone(), copied.id.clone()])
    );

    assert_eq!(store.prune(Timestamp(1099), kept).await.unwrap(), []);
    assert_eq!(
        store.prune(Timestamp(1100), kept).await.unwrap(),
        [unused.id]
    );
    for key in [&first.key, &second.key] {
        for to in [MessageStatus::Sending, MessageStatus::Sent] {
            store.change(step(key, to, 1050)).await.unwrap();
        }
    }
    // A copy goes with its message, an upload when it is old.
    assert_eq!(
        store.prune(Timestamp(1099), kept).await.unwrap(),
        [copied.id]
    );
    assert_eq!(
        store.prune(Timestamp(1100), kept).await.unwrap(),
        std::slice::from_ref(&upload.id)
    );
    let gone = store.add(of(&upload, false), LIMITS).await.unwrap();
    assert_eq!(gone, session_core::ports::Added::NoMedia);
}

#[tokio::test]
async fn a_failed_message_keeps_its_file() {
    let place = Place::new();
    let (store, _) = place.open();
    let copied = record(0);
    let message = of(&copied, true);
    added(&store, &message).await;
    let failed = MessageStep::failed(message.key.clone(), FailureCode::EXPIRED, Timestamp(1100));
    store.change(failed).await.unwrap().unwrap();
    let kept = Retention {
        messages: Duration::from_secs(100),
        rows: 1000,
        content: Duration::from_secs(1),
        media: Duration::ZERO,
    };
    assert_eq!(store.prune(Timestamp(2000), kept).await.unwrap(), []);
    assert_eq!(
        store.prune(Timestamp(3000), kept).await.unwrap(),
        [copied.id]
    );
}
