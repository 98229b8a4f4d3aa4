//! Whether the bytes are what they should be.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::hub::progress::ProgressMeter;
use crate::hub::{Control, FetchStage, HubError};

/// How much is read at once.
const CHUNK: usize = 1 << 20;

/// The hashes of a file's content, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::hub) struct Hashes {
    /// The sha256, which the hub names large files by.
    pub sha256: String,
    /// Git's hash of the content, which the hub names small files by.
    pub git_sha1: String,
}

/// Reads a whole file and computes its hashes.
///
/// # Errors
/// [`HubError::Cancelled`], or [`HubError::Storage`] where it cannot be read.
pub(in crate::hub) fn hashes(
    path: &Path,
    control: &Control,
    meter: &mut ProgressMeter<'_>,
) -> Result<Hashes, HubError> {
    let failed = |error| HubError::read(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    meter.enter(FetchStage::Checking, 0, Some(size));
    let (mut sha256, mut sha1) = (Sha256::new(), Sha1::new());
    sha1.update(format!("blob {size}\0"));
    // Git's hash names small files only; large ones would be hashed twice for nothing.
    let needs_sha1 = size <= 64 << 20;
    let mut chunk = vec![0; CHUNK];
    loop {
        control.check()?;
        let count = file.read(&mut chunk).map_err(failed)?;
        if count == 0 {
            break;
        }
        sha256.update(&chunk[..count]);
        if needs_sha1 {
            sha1.update(&chunk[..count]);
        }
        meter.advance(count as u64);
    }
    let git_sha1 = if needs_sha1 { format!("{:x}", sha1.finalize()) } else { String::new() };
    Ok(Hashes { sha256: format!("{:x}", sha256.finalize()), git_sha1 })
}

/// Whether a file begins as its ending says; the end of a sentence about it where it does not.
///
/// # Errors
/// [`HubError::Storage`] where it cannot be read.
pub(in crate::hub) fn looks_like_its_name(path: &Path, name: &str) -> Result<Result<(), &'static str>, HubError> {
    let failed = |error| HubError::read(path, &error);
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let mut start = Vec::new();
    file.take(512).read_to_end(&mut start).map_err(failed)?;
    Ok(begins_as_named(&start, size, name))
}

fn begins_as_named(start: &[u8], size: u64, name: &str) -> Result<(), &'static str> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let text = String::from_utf8_lossy(start).trim_start().to_ascii_lowercase();
    let is_page = text.starts_with("<!doctype html") || text.starts_with("<html");
    if is_page && ending != "html" && ending != "htm" {
        return Err("a web page, perhaps one that asks to sign in");
    }
    if text.starts_with("version https://git-lfs") {
        return Err("a note of where the file is kept (Git LFS), and not the file");
    }
    match ending.as_str() {
        "safetensors" => {
            let header = start.first_chunk().map_or(0, |length| u64::from_le_bytes(*length));
            let fits = header >= 2 && header <= size.saturating_sub(8) && start.get(8) == Some(&b'{');
            if fits { Ok(()) } else { Err("no safetensors file") }
        }
        // PyTorch's files are zip archives, or pickles since before version 1.6.
        "ckpt" | "pt" | "pth" | "bin" if !start.starts_with(b"PK\x03\x04") && !start.starts_with(b"\x80") => {
            Err("no PyTorch file")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashes_are_those_of_sha256sum_and_git() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a");
        std::fs::write(&path, "hello\n").expect("writes");
        let found = hashes(&path, &Control::default(), &mut ProgressMeter::new(&mut |_| ())).expect("reads");
        assert_eq!(found.sha256, "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
        assert_eq!(found.git_sha1, "ce013625030ba8dba906f756967f9e9ca394464a");
    }

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_known_by_its_start() {
        let header = b"\x10\0\0\0\0\0\0\0{\"a\":{}}       ";
        for (start, name, is_good) in [
            (&header[..], "x.safetensors", true),
            (b"\xff\0\0\0\0\0\0\0{", "x.safetensors", false),
            (b"PK\x03\x04", "x.safetensors", false),
            (b"", "x.safetensors", false),
            (b"PK\x03\x04", "x.ckpt", true),
            (b"\x80\x02}", "x.pt", true),
            (b"what", "x.PT", false),
            (b"  <!DOCTYPE html><html>", "x.json", false),
            (b"<html>", "x.html", true),
            (b"version https://git-lfs.github.com/spec/v1", "x.txt", false),
            (b"{}", "x.json", true),
        ] {
            assert_eq!(begins_as_named(start, 24, name).is_ok(), is_good, "{name}");
        }
    }
}
