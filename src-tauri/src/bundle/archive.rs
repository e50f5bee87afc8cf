//! The file itself: everything goes in through the redactor, and it has its name when it is whole.

use std::fs::{self, File};
use std::io::{self, BufRead, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Ended;
use super::redact::{LONGEST_LINE, Redactor};

/// A bundle that is being written. Nothing of it is left if it is dropped.
pub(super) struct Archive {
    /// Gone once it is finished.
    zip: Option<ZipWriter<BufWriter<File>>>,
    draft: Draft,
    target: PathBuf,
    redactor: Arc<Redactor>,
    stop: CancellationToken,
    files: u32,
}

struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        // After a success it has its new name, and nothing is here.
        let _ = fs::remove_file(&self.0);
    }
}

impl Archive {
    /// Begins one that will stand at `target`, which must be free.
    pub(super) fn create(
        target: PathBuf,
        redactor: Arc<Redactor>,
        stop: CancellationToken,
    ) -> Result<Self, Ended> {
        let folder = target.parent().unwrap_or(Path::new("."));
        if !folder.as_os_str().is_empty() {
            fs::create_dir_all(folder)?;
        }
        let name = target
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let draft = folder.join(format!(".{name}.{}.part", std::process::id()));
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = options.open(&draft)?;
        Ok(Self {
            zip: Some(ZipWriter::new(BufWriter::new(file))),
            draft: Draft(draft),
            target,
            redactor,
            stop,
            files: 0,
        })
    }

    fn begin(
        &mut self,
        name: &str,
        method: CompressionMethod,
    ) -> Result<&mut ZipWriter<BufWriter<File>>, Ended> {
        self.go_on()?;
        let zip = self.zip.as_mut().ok_or(Ended::Cancelled)?;
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .unix_permissions(0o600);
        zip.start_file(self.redactor.line(name), options)?;
        self.files += 1;
        Ok(zip)
    }

    fn go_on(&self) -> Result<(), Ended> {
        if self.stop.is_cancelled() {
            Err(Ended::Cancelled)
        } else {
            Ok(())
        }
    }

    /// Adds a text.
    pub(super) fn text(&mut self, name: &str, text: &str) -> Result<(), Ended> {
        self.lines(name, text.as_bytes(), u64::MAX)
    }

    /// Adds a value as JSON that people can read.
    pub(super) fn json(&mut self, name: &str, value: &impl Serialize) -> Result<(), Ended> {
        let text = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
        self.text(name, &text)
    }

    /// Adds a text line by line, at most so many bytes of it.
    fn lines(&mut self, name: &str, content: impl BufRead, most: u64) -> Result<(), Ended> {
        self.lines_that(name, content, most, |_| true)
    }

    /// The same, of the lines that are wanted.
    pub(super) fn lines_that(
        &mut self,
        name: &str,
        content: impl BufRead,
        most: u64,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(), Ended> {
        let redactor = Arc::clone(&self.redactor);
        let stop = self.stop.clone();
        let zip = self.begin(name, CompressionMethod::Deflated)?;
        let mut content = content.take(most);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut content)
                .take(LONGEST_LINE as u64)
                .read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(());
            }
            let whole = line.ends_with(b"\n") || read < LONGEST_LINE;
            if !whole {
                // Of a line that is cut nobody knows what the rest is.
                skip_line(&mut content)?;
                while line.last().is_some_and(|byte| !byte.is_ascii_whitespace()) {
                    line.pop();
                }
                line.extend_from_slice("…\n".as_bytes());
            }
            let line = String::from_utf8_lossy(&line);
            if wanted(&line) {
                zip.write_all(redactor.line(&line).as_bytes())?;
            }
            if stop.is_cancelled() {
                return Err(Ended::Cancelled);
            }
        }
    }

    /// Adds a picture: the chunks that it is drawn from and no other, since a remark in it would be read by nobody here.
    pub(super) fn picture(&mut self, name: &str, png: &[u8]) -> Result<(), Ended> {
        let Some(drawn) = drawn_only(png) else {
            return Ok(());
        };
        self.begin(name, CompressionMethod::Stored)?
            .write_all(&drawn)?;
        Ok(())
    }

    /// Gives it its name. Tells where it is, how large, and how many files are in it.
    pub(super) fn finish(mut self) -> Result<(PathBuf, u64, u32), Ended> {
        self.go_on()?;
        let zip = self.zip.take().ok_or(Ended::Cancelled)?;
        let file = zip
            .finish()?
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let size = file.metadata()?.len();
        drop(file);
        // A link, since a name that somebody took meanwhile is not to be taken from them.
        match fs::hard_link(&self.draft.0, &self.target) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error.into()),
            // Some file systems have no links.
            Err(_) if !self.target.exists() => fs::rename(&self.draft.0, &self.target)?,
            Err(error) => return Err(error.into()),
        }
        Ok((self.target.clone(), size, self.files))
    }
}

fn skip_line(content: &mut impl BufRead) -> io::Result<()> {
    loop {
        let (used, end) = {
            let piece = content.fill_buf()?;
            match piece.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (piece.len(), piece.is_empty()),
            }
        };
        content.consume(used);
        if end {
            return Ok(());
        }
    }
}

/// A PNG with nothing but what is drawn; nothing if it is none.
fn drawn_only(png: &[u8]) -> Option<Vec<u8>> {
    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
    const DRAWN: [&[u8]; 5] = [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"];
    let mut rest = png.strip_prefix(SIGNATURE)?;
    let mut out = SIGNATURE.to_vec();
    loop {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?);
        let kind = rest.get(4..8)?;
        let whole = usize::try_from(length).ok()?.checked_add(12)?;
        let chunk = rest.get(..whole)?;
        if DRAWN.contains(&kind) {
            out.extend_from_slice(chunk);
        }
        if kind == b"IEND" {
            return Some(out);
        }
        rest = &rest[whole..];
    }
}
