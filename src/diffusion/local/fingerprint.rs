//! A quick fingerprint of a model's files, to tell whether two pictures were made with the same weights.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::file_stamp::FileStamp;
use crate::diffusion::files::source::starter_files;
use crate::engine::ModelChoice;

/// How many bytes are read at the beginning and the end of each file.
const END: u64 = 64 << 10;
/// How many blocks are read in between, evenly spaced.
const BLOCKS: u64 = 64;
/// The length of such a block in bytes.
const BLOCK: u64 = 4 << 10;

/// The fingerprint of the model whose files were asked for last.
#[derive(Default)]
pub(super) struct Fingerprints {
    known: Option<(ModelChoice, FileStamp, String)>,
}

impl Fingerprints {
    /// The fingerprint of a model, 16 hexadecimal digits; empty if its files cannot be read. Reading takes
    /// milliseconds, and is done again only after a file was replaced.
    pub fn of(&mut self, choice: &ModelChoice) -> String {
        let stamp = FileStamp::of(choice);
        if let Some((known, of, text)) = &self.known
            && (known, of) == (choice, &stamp)
        {
            return text.clone();
        }
        let text = match choice {
            ModelChoice::Starter => Ok(starter()),
            ModelChoice::Path(path) => files(path, &stamp),
        };
        let text = text.unwrap_or_default();
        self.known = Some((choice.clone(), stamp, text.clone()));
        text
    }
}

fn starter() -> String {
    let mut hash = Sha256::new();
    starter_files().for_each(|(name, bytes)| {
        hash.update(name);
        hash.update(bytes);
    });
    digits(hash)
}

/// A checkpoint's name does not count, the names of the files in a folder do.
fn files(model: &Path, stamp: &FileStamp) -> io::Result<String> {
    let mut hash = Sha256::new();
    for (path, length) in stamp.files() {
        hash.update(path.strip_prefix(model).unwrap_or(path).to_string_lossy().as_bytes());
        hash.update(length.to_le_bytes());
        samples(path, length, &mut hash)?;
    }
    Ok(digits(hash))
}

fn samples(path: &Path, length: u64, hash: &mut Sha256) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut take = |from: u64, count: u64| -> io::Result<()> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        file.by_ref().take(count).read_to_end(&mut bytes)?;
        hash.update(&bytes);
        Ok(())
    };
    if length <= 2 * END + BLOCKS * BLOCK {
        return take(0, length);
    }
    take(0, END)?;
    let between = length - 2 * END;
    for block in 0..BLOCKS {
        take(END + between / BLOCKS * block, BLOCK)?;
    }
    take(length - END, END)
}

fn digits(hash: Sha256) -> String {
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_follows_the_bytes_and_not_the_name() {
        let folder = tempfile::tempdir().expect("folder");
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("writes");
            ModelChoice::Path(path)
        };
        let of = |choice: &ModelChoice| Fingerprints::default().of(choice);
        let mut large: Vec<u8> = (0..900_000u32).map(|i| (i % 251) as u8).collect();
        let first = of(&write("a.safetensors", &large));
        assert_eq!(first.len(), 16);
        assert_eq!(of(&write("b.safetensors", &large)), first);
        large.push(0);
        let longer = of(&write("a.safetensors", &large));
        assert_ne!(longer, first);
        let end = large.len() - 1;
        large[end] = 1;
        let mut fingerprints = Fingerprints::default();
        let changed = write("c.safetensors", &large);
        assert_ne!(fingerprints.of(&changed), longer);
        assert_eq!(fingerprints.of(&changed), of(&changed), "known the second time");
        assert_eq!(of(&ModelChoice::Path("/no/such/model".into())), of(&ModelChoice::Path("/none".into())));
        assert_eq!(of(&ModelChoice::Starter).len(), 16);
    }
}
