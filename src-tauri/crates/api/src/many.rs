//! Many clientes at once: an import, all of it or nothing, and a file for the person to keep.

use serde::{Deserialize, Serialize};
use session_core::{AddAllError, ClienteId, Reason};
use ts_rs::TS;

use crate::control::{ControlRoom, NAME, NOTE, unusable};
use crate::dto::{ClienteView, CommandError};
use crate::view;

/// Most clientes in one import.
const MOST: usize = 500;
/// Longest name of a file to save, in characters.
const FILE_NAME: usize = 80;
/// Largest file to save, bytes.
const FILE: usize = 8 * 1024 * 1024;

/// Clientes to add together.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportArgs {
    /// They; 500 at most.
    pub clientes: Vec<ImportRow>,
    /// Whether to start them; they wait for their turn.
    pub start: bool,
}

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportRow {
    /// The id; null takes the next free one.
    #[ts(type = "number | null")]
    pub id: Option<u64>,
    /// What people call it.
    pub name: String,
    /// A free remark.
    pub note: String,
}

/// What came of an import: all were added, or none and why.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportView {
    /// Those that were added, in their order; none if one was refused.
    pub added: Vec<ClienteView>,
    /// What is wrong with which.
    pub refused: Vec<RefusedRow>,
    /// Why they were added and not all of them started.
    pub unstarted: Option<CommandError>,
}

/// One that cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefusedRow {
    /// Its place in the list, from 0.
    pub row: u32,
    /// Why.
    pub problem: RowProblem,
}

/// Why a cliente cannot be added with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RowProblem {
    /// The id is no whole number from 1 to 2^53-1.
    InvalidId,
    /// A cliente has this id, or another one of the list.
    IdTaken,
    /// The name is longer than 120 characters.
    NameTooLong,
    /// The remark is longer than 4000 characters.
    NoteTooLong,
}

/// A file for the person to keep.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveFileArgs {
    /// What it is called, without a folder.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// A file that was saved.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SavedFileView {
    /// Where.
    pub path: String,
}

impl ControlRoom {
    /// Adds clientes, all or none. What is wrong with some of them is the answer, not a failure.
    pub async fn import_clientes(
        &self,
        ImportArgs { clientes, start }: ImportArgs,
    ) -> Result<ImportView, CommandError> {
        if clientes.is_empty() || clientes.len() > MOST {
            return Err(unusable("an import has 1 to 500 clientes"));
        }
        let (mut new, mut refused) = (Vec::new(), Vec::new());
        for (row, cliente) in (0..).zip(clientes) {
            match checked(cliente) {
                Ok(cliente) => new.push(cliente),
                Err(problem) => refused.push(RefusedRow { row, problem }),
            }
        }
        if !refused.is_empty() {
            return Ok(nothing(refused));
        }
        let added = match self.registry.add_all(new).await {
            Ok(added) => added,
            Err(AddAllError::Taken(rows)) => {
                let problem = RowProblem::IdTaken;
                let rows = rows.into_iter().filter_map(|row| u32::try_from(row).ok());
                return Ok(nothing(
                    rows.map(|row| RefusedRow { row, problem }).collect(),
                ));
            }
            Err(AddAllError::Command(error)) => return Err(error.into()),
        };
        let mut unstarted = None;
        if start {
            for cliente in &added {
                let id = cliente.record.id;
                // They are added, whatever becomes of their start.
                if let Err(error) = self.registry.begin_known(id, Reason::StartRequested).await {
                    unstarted.get_or_insert(CommandError::from(error));
                }
            }
        }
        let now = |id: ClienteId| self.registry.snapshot(id);
        Ok(ImportView {
            added: added
                .iter()
                .filter_map(|cliente| now(cliente.record.id))
                .map(|cliente| view::cliente(&cliente))
                .collect(),
            refused: Vec::new(),
            unstarted,
        })
    }

    /// Saves a file where the person keeps downloads. Only where there is a window: a browser saves its own.
    pub async fn save_file(
        &self,
        SaveFileArgs { name, text }: SaveFileArgs,
    ) -> Result<SavedFileView, CommandError> {
        if !is_file_name(&name) {
            return Err(unusable("a file has a plain name of 80 characters at most"));
        }
        if text.len() > FILE {
            return Err(unusable("a file has 8 MiB at most"));
        }
        let path = self.host.save_file(name, text).await?;
        Ok(SavedFileView { path })
    }
}

fn nothing(refused: Vec<RefusedRow>) -> ImportView {
    ImportView {
        added: Vec::new(),
        refused,
        unstarted: None,
    }
}

fn checked(
    ImportRow { id, name, note }: ImportRow,
) -> Result<session_core::NewCliente, RowProblem> {
    let id = id
        .map(ClienteId::try_from)
        .transpose()
        .map_err(|_| RowProblem::InvalidId)?;
    let (name, note) = (name.trim(), note.trim());
    if name.chars().count() > NAME {
        return Err(RowProblem::NameTooLong);
    }
    if note.chars().count() > NOTE {
        return Err(RowProblem::NoteTooLong);
    }
    Ok(session_core::NewCliente {
        id,
        name: name.to_owned(),
        note: note.to_owned(),
    })
}

/// Letters, digits, and what stands between them: no way into another folder, and no hidden file.
fn is_file_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.chars().count() <= FILE_NAME
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::is_file_name;

    #[test]
    fn a_file_name_leads_nowhere_else() {
        assert!(is_file_name("clientes-2026-11-24.csv"));
        for bad in [
            "",
            ".bashrc",
            "../x",
            "a/b",
            r"a\b",
            "a b",
            "ñ.csv",
            &"x".repeat(81),
        ] {
            assert!(!is_file_name(bad), "{bad}");
        }
    }
}
