//! `underpaint models verify`: whether files are whole, by their hashes.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::{default_home, harmless_line, print_error_line, print_line};
use super::here::{keep, models_here};
use crate::engine::{Cancel, Error};
use crate::models::{
    Catalogue, FoundKind, FoundModel, Remembered, Stamp, WEB_HASH, hash_of_cached, is_usual_name, named_model,
    sha256_of,
};

/// Which models `underpaint models verify` reads.
#[derive(clap::Args, Debug)]
pub struct VerifyArgs {
    /// Names from underpaint models list, or files; without any, all that the catalogue or the hub's cache knows a
    /// hash of
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Print one JSON object a file, each on a line of its own
    #[arg(long)]
    pub json: bool,
}

/// What was found out about a file.
struct Verified {
    path: PathBuf,
    sha256: String,
    /// The hash that it should have, and who says so.
    expected: Option<(String, &'static str)>,
}

/// Reads whole files, prints their hashes and compares them with those of the catalogue and of the hub's cache. Returns
/// whether all could be read and none differs.
///
/// # Errors
/// If the folders cannot be searched.
pub(super) fn verify(args: &VerifyArgs) -> anyhow::Result<bool> {
    let found = models_here()?;
    let mut remembered = Remembered::open(default_home().as_deref());
    let mut all = true;
    let paths = match args.names.is_empty() {
        true => {
            found.list.iter().filter(|model| expected(model).is_some()).map(|model| Ok(model.path.clone())).collect()
        }
        false => args.names.iter().map(|name| path_of(name, &found.list)).collect::<Vec<_>>(),
    };
    if paths.is_empty() && !args.json {
        print_line("There is no file here whose hash is known. Name one: underpaint models verify NAME");
    }
    for path in paths {
        let verified = path.and_then(|path| {
            let stamp = Stamp::of(&path);
            let sha256 = sha256_of(&path, &Cancel::default(), &mut |_| {})?;
            if let Some(stamp) = stamp {
                remembered.note_sha256(&path, stamp, sha256.clone());
            }
            let expected = found.list.iter().find(|model| model.path == path).and_then(expected);
            Ok(Verified { path, sha256, expected })
        });
        match verified {
            Ok(verified) => all &= print(&verified, args.json),
            Err(error) => {
                print_error_line(&format!("underpaint: {error}"));
                all = false;
            }
        }
    }
    keep(&mut remembered);
    Ok(all)
}

/// Prints one line; returns whether the hash is not another one.
fn print(verified: &Verified, as_json: bool) -> bool {
    let Verified { path, sha256, expected } = verified;
    let is_right = expected.as_ref().is_none_or(|(hash, _)| hash == sha256);
    if as_json {
        let (expected, by) = match expected {
            Some((hash, by)) => (Some(hash), Some(by)),
            None => (None, None),
        };
        let object = json!({
            "path": path.to_string_lossy(), "sha256": sha256, "model_hash": sha256.get(..WEB_HASH),
            "expected": expected, "expected_by": by, "same": expected.map(|_| is_right),
        });
        print_line(&object.to_string());
        return is_right;
    }
    let verdict = match expected {
        Some((_, by)) if is_right => format!("the same as {by} says"),
        Some((hash, by)) => format!("NOT the same: {by} says {hash}. Fetch it again"),
        None => "nothing to compare it with".into(),
    };
    print_line(&harmless_line(&format!("{}: {sha256}, {verdict}.", path.display())));
    is_right
}

/// The hash that a model should have, and who says so: the catalogue of the file of this name, else the name of its
/// contents in the hub's cache.
fn expected(model: &FoundModel) -> Option<(String, &'static str)> {
    let file = model.path.file_name()?.to_str()?;
    let named = Catalogue::built_in().entries.iter().filter(|entry| {
        // Such files have one name in all repositories.
        let of_repository = model.repository.as_deref() == Some(entry.repository.as_str());
        of_repository || !is_usual_name(file)
    });
    let listed = named.flat_map(|entry| &entry.files).find(|known| known.path.rsplit('/').next() == Some(file));
    let listed = listed.and_then(|known| Some((known.sha256.clone()?, "the catalogue")));
    listed.or_else(|| Some((hash_of_cached(&model.path)?, "the hub's cache")))
}

fn path_of(name: &str, found: &[FoundModel]) -> Result<PathBuf, Error> {
    let path = Path::new(name);
    if path.is_file() {
        return Ok(std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
    }
    Ok(named_model(name, found, &FoundKind::ALL)?.path.clone())
}
