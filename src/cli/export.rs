//! `underpaint export`: every picture of a document file as a file of its own.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::bail;
use image::RgbImage;

use super::export_summary::{SummaryArgs, export_summary};
use super::output_args::OutputArgs;
use super::rounds::{counted, document_json};
use super::{print_error_line, print_line};
use crate::document::RoundId;
use crate::document::store::{BlobHash, Store, StoredDocument, StoredResult, StoredRound};
use crate::picture::{
    Carried, NamePattern, NameWords, OutputOptions, check_folder, encode_png, fit, read, write_new_file,
};

/// What `underpaint export` writes where.
#[derive(clap::Args, Debug)]
pub struct ExportArgs {
    /// A document (.underpaint)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Folder that the pictures are written to; made when missing. Nothing is written over
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// As what the results are written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// A contact sheet or a time-lapse.
    #[command(flatten)]
    pub summary: SummaryArgs,
}

/// A picture of a round.
struct Picture<'a> {
    hash: BlobHash,
    /// Its round and what is known of it, of a result.
    result: Option<(&'a StoredRound, &'a StoredResult)>,
    file: PathBuf,
}

/// Writes the canvas, the start images, the results with their settings text, and `document.json` into a
/// folder, made when missing. Nothing is written over. Prints the name of each file on a line; gives whether
/// every picture could be read.
///
/// # Errors
/// If the document cannot be read, a file of one of the names is there already (nothing is written then), or
/// a file cannot be written.
pub fn export(args: &ExportArgs) -> anyhow::Result<bool> {
    let usual = NamePattern::new(NamePattern::EXPORT)?;
    let output = args.output.options(usual).map_err(anyhow::Error::msg)?;
    let store = Store::open_read_only(&args.file)?;
    let stored = store.load()?;
    export_summary(&args.summary, &store, &stored)?;
    let Some(out) = args.out.clone() else { return Ok(true) };
    check_folder(&out)?;
    let pictures = pictures(&stored, &output, &out);
    let (canvas_file, json_file) = (out.join("canvas.png"), out.join("document.json"));
    let mut files = pictures.iter().map(|picture| &picture.file).chain([&canvas_file, &json_file]);
    if let Some(there) = files.find(|path| path.try_exists().unwrap_or(true)) {
        bail!("{} exists already. Choose an empty folder, so that nothing is written over.", there.display());
    }
    let write = |path: &Path, bytes: &[u8]| -> anyhow::Result<()> {
        write_new_file(path, bytes)?;
        print_line(&path.display().to_string());
        Ok(())
    };
    let mut unread = 0;
    for picture in &pictures {
        match bytes_of(&store, picture, args.output.is_given().then_some(&output)) {
            Ok(bytes) => write(&picture.file, &bytes)?,
            Err(error) => {
                unread += 1;
                let name = picture.file.file_name().unwrap_or_default().to_string_lossy();
                print_error_line(&format!("{name} was not written. {error}"));
            }
        }
    }
    write(&canvas_file, &encode_png(&canvas(&stored), None)?)?;
    let json = serde_json::to_string_pretty(&document_json(&args.file, &stored))?;
    write(&json_file, json.as_bytes())?;
    if unread > 0 {
        print_error_line(&format!("{} could not be read.", counted(unread, "picture")));
    }
    Ok(unread == 0)
}

/// The pictures of all rounds, and what their files are called. Two results never get the same name.
fn pictures<'a>(stored: &'a StoredDocument, output: &OutputOptions, out: &Path) -> Vec<Picture<'a>> {
    let mut pictures: Vec<Picture<'a>> = Vec::new();
    let start_file = |round: RoundId| out.join(format!("round-{round:03}-start.png"));
    let starts = stored.rounds.iter().map(|round| start_file(round.id));
    // Windows and macOS take two names for one that differ in case only.
    let key = |path: &Path| path.to_string_lossy().to_lowercase();
    let fixed = starts.chain(["canvas.png", "document.json"].map(|name| out.join(name)));
    let mut names: HashSet<String> = fixed.map(|path| key(&path)).collect();
    let mut number = 0;
    // What is deleted is in document.json alone.
    for round in stored.rounds.iter().filter(|round| !is_deleted(round)) {
        if let Some(start) = &round.start {
            let file = start_file(round.id);
            pictures.push(Picture { hash: start.picture, result: None, file });
        }
        for result in round.results.iter().filter(|result| !result.deleted) {
            let time = NameWords::local_time(result.finished);
            let words = NameWords::new(&result.recipe, round.id, result.id.image, time);
            number += 1;
            let name = output.name.name(&words, number);
            let ending = output.encoding.kind.id();
            let mut file = out.join(format!("{name}.{ending}"));
            let mut again: u64 = 1;
            while !names.insert(key(&file)) {
                again += 1;
                file = out.join(format!("{name}-{again}.{ending}"));
            }
            pictures.push(Picture { hash: result.picture, result: Some((round, result)), file });
        }
    }
    pictures
}

/// Whether a round was deleted, or every result of it.
fn is_deleted(round: &StoredRound) -> bool {
    round.deleted || !round.results.is_empty() && round.results.iter().all(|result| result.deleted)
}

/// The bytes of a picture's file: as they are in the document, or a result as it was chosen.
fn bytes_of(store: &Store, picture: &Picture<'_>, output: Option<&OutputOptions>) -> anyhow::Result<Vec<u8>> {
    let bytes = store.picture(picture.hash)?;
    let (Some(output), Some((round, result))) = (output, picture.result) else { return Ok(bytes) };
    let pixels = read(&bytes, "The picture")?;
    let start = match output.with_start && result.recipe.from_picture {
        true => store.start_image(round.id)?,
        false => None,
    };
    let start: Option<RgbImage> =
        start.map(|start| fit(&start.picture, pixels.width(), pixels.height(), start.fit, start.paper.0));
    let carried = Carried { start: start.as_ref(), regions: &round.plan.regions };
    Ok(output.encode(&pixels, &result.recipe, carried)?)
}

/// The canvas of a document as a picture.
pub(super) fn canvas(stored: &StoredDocument) -> RgbImage {
    let (width, height) = (stored.canvas.width() as u32, stored.canvas.height() as u32);
    // The bytes have the picture's size, so the empty picture is never used.
    RgbImage::from_raw(width, height, stored.canvas.to_rgb()).unwrap_or_default()
}
