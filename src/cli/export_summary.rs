//! What `underpaint export` makes of a whole round or document: a contact sheet, a time-lapse.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use super::print_line;
use crate::document::store::{Store, StoredDocument, StoredRound};
use crate::document::{RoundId, TimeLapse};
use crate::picture::{AnimationKind, ContactPicture, FileKind, contact_sheet, encode, read, write_new_file};

/// A contact sheet or a time-lapse beside the pictures, or instead of them.
#[derive(clap::Args, Clone, Debug, Default, PartialEq)]
pub struct SummaryArgs {
    /// Write the results of one round as one picture with prompt, settings and seeds (.png, .jpg or .webp)
    #[arg(long, value_name = "FILE")]
    pub contact_sheet: Option<PathBuf>,
    /// The round on the contact sheet [default: the last one with results]
    #[arg(long, value_name = "N", requires = "contact_sheet")]
    pub round: Option<RoundId>,
    /// Write how the canvas came to be as an animation (.gif, or .png with all colours)
    #[arg(long, value_name = "FILE")]
    pub time_lapse: Option<PathBuf>,
    /// Length of the time-lapse in seconds, 1 to 120 [default: 12]
    #[arg(long, value_name = "N", value_parser = seconds, requires = "time_lapse")]
    pub seconds: Option<f64>,
    /// Longer side of the time-lapse in pixels, 64 to 1024 [default: 512]
    #[arg(long, value_name = "PIXELS", value_parser = side, requires = "time_lapse")]
    pub size: Option<u32>,
}

impl SummaryArgs {
    /// Whether any is wanted.
    pub fn is_given(&self) -> bool {
        self.contact_sheet.is_some() || self.time_lapse.is_some()
    }
}

/// Writes what is wanted, and prints the name of each file on a line. Nothing is written over.
pub(super) fn export_summary(args: &SummaryArgs, store: &Store, stored: &StoredDocument) -> anyhow::Result<()> {
    // Nothing is made before all names are known to be right.
    let sheet_kind = args.contact_sheet.as_ref().map(|path| {
        FileKind::from_path(path)
            .ok_or_else(|| anyhow!("{} is no name for a contact sheet; end it in .png, .jpg or .webp.", path.display()))
    });
    let lapse_kind = args.time_lapse.as_ref().map(|path| {
        AnimationKind::from_path(path)
            .ok_or_else(|| anyhow!("{} is no name for a time-lapse; end it in .gif or .png.", path.display()))
    });
    let (sheet_kind, lapse_kind) = (sheet_kind.transpose()?, lapse_kind.transpose()?);
    if let (Some(path), Some(kind)) = (&args.contact_sheet, sheet_kind) {
        let sheet = sheet(args.round, store, stored)?;
        write(path, &encode(&sheet, kind, None)?)?;
    }
    if let (Some(path), Some(kind)) = (&args.time_lapse, lapse_kind) {
        let usual = TimeLapse::default();
        let lapse =
            TimeLapse { kind, seconds: args.seconds.unwrap_or(usual.seconds), side: args.size.unwrap_or(usual.side) };
        write(path, &lapse.make(store)?)?;
    }
    Ok(())
}

fn sheet(round: Option<RoundId>, store: &Store, stored: &StoredDocument) -> anyhow::Result<image::RgbImage> {
    let is_shown = |round: &&StoredRound| !round.deleted && round.results.iter().any(|result| !result.deleted);
    let mut with_results = stored.rounds.iter().filter(is_shown);
    let shown = match round {
        Some(id) => with_results.find(|round| round.id == id),
        None => with_results.next_back(),
    };
    let Some(shown) = shown else {
        match round {
            Some(id) => bail!("The document has no round {id} with results. underpaint rounds lists those it has."),
            None => bail!("The document has no results yet, so there is nothing for a contact sheet."),
        }
    };
    let mut pictures = Vec::new();
    for result in shown.results.iter().filter(|result| !result.deleted) {
        let picture = read(&store.picture(result.picture)?, "The result")?;
        pictures.push(ContactPicture { picture, recipe: (*result.recipe).clone(), image: result.id.image });
    }
    Ok(contact_sheet(&format!("Round {}", shown.id), &pictures))
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write_new_file(path, bytes)?;
    print_line(&path.display().to_string());
    Ok(())
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.trim().replace(',', ".").parse() {
        Ok(seconds) if TimeLapse::SECONDS.contains(&seconds) => Ok(seconds),
        _ => Err("give a number between 1 and 120".into()),
    }
}

fn side(text: &str) -> Result<u32, String> {
    match text.trim().parse() {
        Ok(side) if TimeLapse::SIDES.contains(&side) => Ok(side),
        _ => Err("give a number between 64 and 1024".into()),
    }
}
