//! The SHA-256 of a file's bytes, a piece at a time, so that it can be interrupted.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::stamp::Stamp;
use crate::engine::{Cancel, Error};

/// Bytes of one piece: about ten milliseconds of work.
const PIECE: usize = 8 << 20;

/// How many digits AUTOMATIC1111's web UI writes as `Model hash`.
pub const WEB_HASH: usize = 10;

/// Whether a text is a SHA-256: 64 hexadecimal digits in lower case.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A hash that is being computed.
pub struct Hashing {
    path: PathBuf,
    stamp: Stamp,
    file: File,
    hasher: Sha256,
    buffer: Vec<u8>,
    done: u64,
}

impl Hashing {
    /// Opens a file to be read from its beginning.
    ///
    /// # Errors
    /// Why it cannot be read, as one sentence. A folder has no hash.
    pub fn begin(path: &Path) -> Result<Self, Error> {
        let fail = |source| Error::Unreadable { path: path.to_path_buf(), source };
        // A pipe that never ends would hold up everything after it.
        if !std::fs::metadata(path).map_err(fail)?.is_file() {
            return Err(Error::File(format!("{} is no file, so it has no hash.", path.display())));
        }
        let file = File::open(path).map_err(fail)?;
        let stamp = Stamp::of(path).unwrap_or_default();
        Ok(Self { path: path.to_path_buf(), stamp, file, hasher: Sha256::new(), buffer: vec![0; PIECE], done: 0 })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Size and time of change of the file when it was opened.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Bytes read so far.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Reads the next piece, 8 MiB at most. Gives the hash, 64 hexadecimal digits, at the end of the file.
    ///
    /// # Errors
    /// Why it cannot be read further, or that it was changed meanwhile.
    pub fn step(&mut self) -> Result<Option<String>, Error> {
        let fail = |source| Error::Unreadable { path: self.path.clone(), source };
        let count = self.file.read(&mut self.buffer).map_err(fail)?;
        self.hasher.update(&self.buffer[..count]);
        self.done = self.done.saturating_add(count as u64);
        if count > 0 && self.done <= self.stamp.size {
            return Ok(None);
        }
        if Stamp::of(&self.path) != Some(self.stamp) || self.done != self.stamp.size {
            let text = format!("{} was changed while its hash was computed; try again.", self.path.display());
            return Err(Error::File(text));
        }
        let digest = std::mem::take(&mut self.hasher).finalize();
        Ok(Some(digest.iter().map(|byte| format!("{byte:02x}")).collect()))
    }
}

/// The SHA-256 of a file, 64 hexadecimal digits. `on_progress` gets the bytes read so far after every piece.
///
/// # Errors
/// [`Error::Cancelled`], or why the file cannot be read.
pub fn sha256_of(path: &Path, cancel: &Cancel, on_progress: &mut dyn FnMut(u64)) -> Result<String, Error> {
    let mut hashing = Hashing::begin(path)?;
    loop {
        cancel.check()?;
        if let Some(hash) = hashing.step()? {
            return Ok(hash);
        }
        on_progress(hashing.done());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_all_bytes_whatever_the_pieces() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("a.safetensors");
        let of = |bytes: &[u8]| {
            std::fs::write(&file, bytes).expect("writes");
            sha256_of(&file, &Cancel::default(), &mut |_| {}).expect("reads")
        };
        assert_eq!(of(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(of(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let long = vec![7u8; PIECE + 12_345];
        assert_eq!(of(&long), format!("{:x}", Sha256::digest(&long)));
        assert!(is_sha256(&of(&long)));
    }

    #[test]
    fn it_can_be_cancelled_and_a_file_changed_meanwhile_is_told() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("a.safetensors");
        std::fs::write(&file, vec![0; 3 * PIECE]).expect("writes");
        let cancel = Cancel::default();
        let stop = cancel.clone();
        assert!(matches!(sha256_of(&file, &cancel, &mut |_| stop.cancel()), Err(Error::Cancelled)));
        let mut hashing = Hashing::begin(&file).expect("opens");
        assert_eq!(hashing.step().expect("reads"), None);
        std::fs::write(&file, "short").expect("writes");
        let error = (0..5).find_map(|_| hashing.step().err()).expect("is told").to_string();
        assert!(error.contains("was changed"), "{error}");
        for path in [folder.path(), &folder.path().join("none")] {
            assert!(Hashing::begin(path).is_err());
        }
        assert!(!is_sha256("abc") && !is_sha256(&"A".repeat(64)));
    }
}
