use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::file::{self, ReadError};
use super::*;

fn folder() -> (TempDir, PathBuf, KeyStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api-keys.json");
    let keys = KeyStore::in_folder(folder.path());
    (folder, path, keys)
}

fn reads() -> Scopes {
    Scopes::new([Scope::Read]).unwrap()
}

fn lets_in(keys: &KeyStore, secret: &Secret) -> bool {
    keys.verify(secret.reveal().as_bytes()).is_some()
}

#[test]
fn a_key_lives_from_its_creation_to_its_end() {
    let (_folder, _, keys) = folder();
    assert!(!keys.has_keys());
    let (key, secret) = keys.create(" panel ", reads()).unwrap();
    assert_eq!((key.name.as_str(), key.id.len()), ("panel", 8));
    let found = keys.verify(secret.reveal().as_bytes()).unwrap();
    assert_eq!(found.id, key.id);
    assert!(keys.still(&found));
    for wrong in ["", "smk_", "panel", &key.id, &secret.reveal()[..46]] {
        assert!(keys.verify(wrong.as_bytes()).is_none(), "{wrong}");
    }
    let (rotated, other) = keys.rotate("panel").unwrap();
    assert_eq!(
        (rotated.id, rotated.scopes),
        (key.id.clone(), key.scopes.clone())
    );
    assert!(!lets_in(&keys, &secret) && lets_in(&keys, &other));
    assert!(!keys.still(&found), "what was let in before goes on");
    assert_eq!(keys.revoke(&key.id).unwrap().name, "panel");
    assert!(!lets_in(&keys, &other));
    assert!(matches!(keys.revoke("panel"), Err(KeyError::NotFound)));
    assert!(matches!(keys.rotate("panel"), Err(KeyError::NotFound)));
}

#[test]
fn names_are_words_and_each_is_there_once() {
    let (_folder, _, keys) = folder();
    keys.create("Año 1_a.b-c", reads()).unwrap();
    assert!(matches!(
        keys.create("Año 1_a.b-c", reads()),
        Err(KeyError::Exists)
    ));
    let long = "x".repeat(61);
    for name in ["", "  ", "a\nb", "a\"b", "<b>", &long] {
        assert!(
            matches!(keys.create(name, reads()), Err(KeyError::Name(_))),
            "{name}"
        );
    }
}

#[test]
fn the_file_holds_no_secret_and_is_for_its_owner() {
    let (folder, path, keys) = folder();
    // Left behind by a program that died, and readable by all.
    fs::write(folder.path().join("api-keys.json.new"), "x").unwrap();
    let (_, secret) = keys.create("panel", reads()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(&secret.reveal()[4..]), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "api-keys.json" && name != "api-keys.lock")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_another_program_changes_holds_at_once() {
    let (folder, path, keys) = folder();
    let other = KeyStore::in_folder(folder.path());
    let (_, secret) = other.create("a", reads()).unwrap();
    assert!(lets_in(&keys, &secret));
    // Within one tick of a clock, and of the same length.
    for _ in 0..50 {
        let (_, first) = keys.rotate("a").unwrap();
        let (_, second) = keys.rotate("a").unwrap();
        assert!(!lets_in(&keys, &first) && lets_in(&keys, &second));
    }
    other.revoke("a").unwrap();
    assert!(!lets_in(&keys, &secret));
    let (_, secret) = other.create("b", reads()).unwrap();
    assert!(lets_in(&keys, &secret));
    fs::remove_file(path).unwrap();
    assert!(!lets_in(&keys, &secret));
}

#[test]
fn programs_that_change_keys_at_once_lose_none() {
    let (folder, _, keys) = folder();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let path = folder.path();
            scope.spawn(move || {
                let keys = KeyStore::in_folder(path);
                for number in 0..5 {
                    keys.create(&format!("{thread}-{number}"), reads()).unwrap();
                }
            });
        }
    });
    assert_eq!(keys.list().unwrap().len(), 20);
}

#[test]
fn there_is_an_end_to_keys() {
    let (_folder, _, keys) = folder();
    for number in 0..100 {
        keys.create(&format!("k{number}"), reads()).unwrap();
    }
    assert!(matches!(
        keys.create("more", reads()),
        Err(KeyError::TooMany)
    ));
}

#[test]
fn a_damaged_file_is_set_aside_and_lets_nobody_in() {
    let (folder, path, keys) = folder();
    let (_, secret) = keys.create("panel", reads()).unwrap();
    let whole = fs::read_to_string(&path).unwrap();
    let cut = &whole[..whole.len() / 2];
    fs::write(&path, cut).unwrap();
    assert!(!lets_in(&keys, &secret));
    let aside = keys.set_aside().unwrap();
    assert_eq!(fs::read_to_string(&aside).unwrap(), cut);
    assert!(!path.exists());
    let (_, new) = keys.create("panel", reads()).unwrap();
    assert!(lets_in(&keys, &new) && !lets_in(&keys, &secret));
    assert_eq!(aside.parent(), Some(folder.path()));
}

#[test]
fn a_file_of_a_newer_version_is_left_alone_and_lets_nobody_in() {
    let (_folder, path, keys) = folder();
    let (_, secret) = keys.create("panel", reads()).unwrap();
    let newer = fs::read_to_string(&path)
        .unwrap()
        .replace("\"version\": 1", "\"version\": 2");
    fs::write(&path, &newer).unwrap();
    assert!(!lets_in(&keys, &secret));
    assert!(matches!(
        keys.create("other", reads()),
        Err(KeyError::Newer)
    ));
    assert!(matches!(keys.list(), Err(KeyError::Newer)));
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);
}

#[test]
fn a_use_is_written_down_once_a_day() {
    let (folder, _, keys) = folder();
    let (_, secret) = keys.create("panel", reads()).unwrap();
    let key = keys.verify(secret.reveal().as_bytes()).unwrap();
    assert!(keys.is_first_today(&key));
    keys.write_use(&key);
    assert!(!keys.is_first_today(&key));
    let used = keys.list().unwrap()[0].last_used.unwrap();
    assert_eq!(used % 86_400_000, 0);
    let key = keys.verify(secret.reveal().as_bytes()).unwrap();
    assert!(!keys.is_first_today(&key));
    // Rotated meanwhile: the use of the old secret says nothing of the new one.
    keys.rotate("panel").unwrap();
    keys.write_use(&key);
    assert_eq!(keys.list().unwrap()[0].last_used, None);
    // Rotated by another program, and used again on the same day.
    let (_, secret) = KeyStore::in_folder(folder.path()).rotate("panel").unwrap();
    let key = keys.verify(secret.reveal().as_bytes()).unwrap();
    assert!(keys.is_first_today(&key));
}

#[test]
fn what_is_wrong_with_a_file_is_told_without_quoting_it() {
    for text in [
        "",
        "{",
        "[]",
        r#"{"version":1}"#,
        r#"{"version":0,"keys":[]}"#,
        r#"{"version":1,"keys":[{"id":"smk_hunter2"}]}"#,
        r#"{"version":1,"keys":[{"id":"a","name":"n","scopes":["smk_hunter2"],"created":1,"sha256":"AA"}]}"#,
        r#"{"version":1,"keys":[{"id":"a","name":"n","scopes":[],"created":1,"sha256":"AA"}]}"#,
    ] {
        match file::parse(text.as_bytes()) {
            Err(ReadError::Damaged(detail)) => {
                assert!(!detail.contains("hunter2"), "{detail}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn keys_survive_being_written_and_read(
        names in proptest::collection::btree_set("[a-zA-Zñ0-9]{1,60}", 0..20),
        scopes in proptest::sample::subsequence(Scope::ALL.to_vec(), 1..=3),
        used in proptest::option::of(any::<u64>()),
    ) {
        let (_folder, path, _) = folder();
        let keys: Vec<_> = names.into_iter().map(|name| Key {
            id: format!("id-{name}"),
            sha256: Digest::of(name.as_bytes()),
            name,
            scopes: Scopes::new(scopes.clone()).unwrap(),
            created: 1,
            last_used: used,
        }).collect();
        file::write(&path, &keys).unwrap();
        let read = file::read(&path).unwrap();
        prop_assert_eq!(read.len(), keys.len());
        for (read, key) in read.iter().zip(&keys) {
            prop_assert_eq!((&read.id, &read.name, &read.scopes), (&key.id, &key.name, &key.scopes));
            prop_assert_eq!(read.last_used, key.last_used);
            prop_assert!(bool::from(read.sha256.is(&key.sha256)));
        }
    }

    /// However a file is damaged, it is refused whole or read as it is; it never lets in what it did not.
    #[test]
    fn a_damaged_file_never_opens_anything(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let (_folder, path, keys) = folder();
        let (key, secret) = keys.create("panel", reads()).unwrap();
        let mut text = fs::read(&path).unwrap();
        let at = at.index(text.len());
        if cut {
            text.truncate(at);
        } else {
            text[at] = byte;
        }
        if let Ok(read) = file::parse(&text) {
            prop_assert!(read.len() <= 1);
            for other in read {
                let same = bool::from(other.sha256.is(&Digest::of(secret.reveal().as_bytes())));
                prop_assert!(!same || other.scopes == key.scopes);
            }
        }
    }
}
