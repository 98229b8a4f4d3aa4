//! `underpaint export`: every picture of a document file as a file of its own.

use std::path::PathBuf;

use anyhow::bail;

use super::args::ExportArgs;
use super::rounds::{counted, document_json};
use super::{print_error_line, print_line};
use crate::document::store::{BlobHash, Store, StoredDocument};
use crate::picture::{check_folder, encode_png, write_new_file};

/// Writes the canvas, the start images, the results with their settings text, and `document.json` into a
/// folder, made when missing. Nothing is written over. Prints the name of each file on a line; gives whether
/// every picture could be read.
///
/// # Errors
/// If the document cannot be read, a file of one of the names is there already (nothing is written then), or
/// a file cannot be written.
pub fn export(args: &ExportArgs) -> anyhow::Result<bool> {
    let store = Store::open_read_only(&args.file)?;
    let stored = store.load()?;
    let out = args.out.clone().unwrap_or_default();
    check_folder(&out)?;
    let pictures = pictures(&stored);
    let names = pictures.iter().map(|(name, _)| name.as_str()).chain(["canvas.png", "document.json"]);
    let paths: Vec<PathBuf> = names.map(|name| out.join(name)).collect();
    if let Some(there) = paths.iter().find(|path| path.try_exists().unwrap_or(true)) {
        bail!("{} exists already. Choose an empty folder, so that nothing is written over.", there.display());
    }
    let write = |path: &PathBuf, bytes: &[u8]| -> anyhow::Result<()> {
        write_new_file(path, bytes)?;
        print_line(&path.display().to_string());
        Ok(())
    };
    let mut unread = 0;
    for ((name, hash), path) in pictures.iter().zip(&paths) {
        match store.picture(*hash) {
            Ok(bytes) => write(path, &bytes)?,
            Err(error) => {
                unread += 1;
                print_error_line(&format!("{name} was not written. {error}"));
            }
        }
    }
    write(&out.join("canvas.png"), &encode_png(&canvas(&stored), None)?)?;
    let json = serde_json::to_string_pretty(&document_json(&args.file, &stored))?;
    write(&out.join("document.json"), json.as_bytes())?;
    if unread > 0 {
        print_error_line(&format!("{} could not be read.", counted(unread, "picture")));
    }
    Ok(unread == 0)
}

/// The pictures of all rounds, and what their files are called.
fn pictures(stored: &StoredDocument) -> Vec<(String, BlobHash)> {
    let mut pictures = Vec::new();
    for round in &stored.rounds {
        if let Some(start) = &round.start {
            pictures.push((format!("round-{:03}-start.png", round.id), start.picture));
        }
        for result in &round.results {
            let name = format!("round-{:03}-result-{}-seed-{}.png", round.id, result.id.image + 1, result.recipe.seed);
            pictures.push((name, result.picture));
        }
    }
    pictures
}

fn canvas(stored: &StoredDocument) -> image::RgbImage {
    let (width, height) = (stored.canvas.width() as u32, stored.canvas.height() as u32);
    // The bytes have the picture's size, so the empty picture is never used.
    image::RgbImage::from_raw(width, height, stored.canvas.to_rgb()).unwrap_or_default()
}
