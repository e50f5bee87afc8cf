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
        self.text(name, &(text + "\n"))
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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn begin(target: &Path, stop: &CancellationToken) -> Result<Archive, Ended> {
        let redactor = Redactor::new(Vec::new(), Vec::new()).unwrap();
        Archive::create(target.to_owned(), Arc::new(redactor), stop.clone())
    }

    fn read(path: &Path, name: &str) -> String {
        let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
        let mut text = String::new();
        zip.by_name(name)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn everything_goes_in_redacted_and_the_file_has_its_name_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("sub/bundle.zip");
        let mut archive = begin(&target, &CancellationToken::new()).unwrap();
        archive
            .text("a-5491155551234.txt", "to 5491155551234\nno end")
            .unwrap();
        assert!(!target.exists());
        let (path, size, files) = archive.finish().unwrap();
        assert_eq!((&path, files), (&target, 1));
        assert_eq!(size, target.metadata().unwrap().len());
        assert_eq!(read(&path, "a-5491****34.txt"), "to 5491****34\nno end");
        assert_eq!(
            fs::read_dir(folder.path().join("sub")).unwrap().count(),
            1,
            "the draft is left"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                target.metadata().unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn what_is_cancelled_or_has_no_free_name_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("bundle.zip");
        let stop = CancellationToken::new();
        let mut archive = begin(&target, &stop).unwrap();
        archive.text("a", "1").unwrap();
        stop.cancel();
        assert!(matches!(archive.text("b", "2"), Err(Ended::Cancelled)));
        assert!(matches!(archive.finish(), Err(Ended::Cancelled)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        let archive = begin(&target, &CancellationToken::new()).unwrap();
        fs::write(&target, "somebody else's").unwrap();
        assert!(matches!(archive.finish(), Err(Ended::Disk(_))));
        assert_eq!(fs::read_to_string(&target).unwrap(), "somebody else's");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_line_without_end_is_cut_at_a_word_and_the_next_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive =
            begin(&folder.path().join("bundle.zip"), &CancellationToken::new()).unwrap();
        // The cut is within the number: its first half alone would not look like one.
        let long = format!(
            "{} 5491155551234 {}\nnext\n",
            "x ".repeat(LONGEST_LINE / 2 - 3),
            "y ".repeat(LONGEST_LINE)
        );
        archive.text("log", &long).unwrap();
        let (path, _, _) = archive.finish().unwrap();
        let text = read(&path, "log");
        assert!(text.ends_with(" …\nnext\n"), "{}", &text[text.len() - 40..]);
        assert!(!text.contains("549"));
    }

    #[test]
    fn a_picture_keeps_only_what_is_drawn() {
        let chunk = |kind: &[u8], content: &[u8]| {
            let mut chunk = u32::try_from(content.len()).unwrap().to_be_bytes().to_vec();
            chunk.extend_from_slice(kind);
            chunk.extend_from_slice(content);
            chunk.extend_from_slice(&[0; 4]);
            chunk
        };
        let png = |chunks: &[Vec<u8>]| [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat();
        let (head, end) = (chunk(b"IHDR", b"x"), chunk(b"IEND", b""));
        let marked = png(&[head.clone(), chunk(b"tEXt", b"secret"), end.clone()]);
        assert_eq!(drawn_only(&marked), Some(png(&[head, end])));
        assert_eq!(drawn_only(b"no picture"), None);
        assert_eq!(drawn_only(&marked[..marked.len() - 1]), None);
        let mut rest = Cursor::new("a\nb");
        skip_line(&mut rest).unwrap();
        assert_eq!(rest.position(), 2);
    }
}
