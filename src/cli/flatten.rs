//! `underpaint flatten`: layers composed to one picture, without a window.

use std::path::{Path, PathBuf};

use anyhow::bail;
use image::{DynamicImage, RgbaImage};

use super::export::canvas;
use super::{print_error_line, print_line};
use crate::document::open_raster;
use crate::document::store::{Store, is_document};
use crate::picture::{FileKind, encode_png, encode_png_with_alpha, write_new_file};

/// What `underpaint flatten` composes.
#[derive(clap::Args, Debug)]
pub struct FlattenArgs {
    /// An OpenRaster picture (.ora) or a document (.underpaint)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The picture that is written (.png); nothing is written over
    #[arg(long, value_name = "PNG")]
    pub out: Option<PathBuf>,
}

/// Composes the layers of a file and writes them as one PNG, with alpha where an OpenRaster picture is transparent.
/// Prints its name on a line, and what could not be composed as it was meant on standard error.
///
/// # Errors
/// If the file cannot be opened, or the picture is there already or cannot be written.
pub fn flatten(args: &FlattenArgs) -> anyhow::Result<()> {
    let Some(out) = &args.out else { bail!("underpaint flatten needs a name for the picture: --out PNG") };
    if FileKind::from_path(out) != Some(FileKind::Png) {
        bail!("{} is no name for a PNG; end it in .png.", out.display());
    }
    if out.try_exists().unwrap_or(true) {
        bail!("{} exists already. Choose another name, so that nothing is written over.", out.display());
    }
    let picture = composed(&args.file)?;
    let bytes = match picture.pixels().all(|pixel| pixel.0[3] == 255) {
        true => encode_png(&DynamicImage::ImageRgba8(picture).into_rgb8(), None)?,
        false => encode_png_with_alpha(&picture)?,
    };
    write_new_file(out, &bytes)?;
    print_line(&out.display().to_string());
    Ok(())
}

fn composed(file: &Path) -> anyhow::Result<RgbaImage> {
    if is_document(file) {
        let stored = Store::open_read_only(file)?.load()?;
        return Ok(DynamicImage::ImageRgb8(canvas(&stored)).into_rgba8());
    }
    if file.is_file() && !open_raster::is_open_raster(file) {
        bail!("{} is neither an OpenRaster picture (.ora) nor a document (.underpaint).", file.display());
    }
    let picture = open_raster::open(file)?;
    picture.notes.iter().for_each(|note| print_error_line(note));
    Ok(picture.flattened())
}
