//! `underpaint select`: the object at a click, as a mask.

use std::path::{Path, PathBuf};

use anyhow::bail;
use image::DynamicImage;
use serde_json::json;

use super::models::selection_model;
use super::{print_error_line, print_line};
use crate::engine::Cancel;
use crate::picture::{FileKind, encode_png, open, write_new_file};
use crate::vision::{ObjectPrompt, PromptBox, PromptPoint, Segmenter};

/// What `underpaint select` selects.
#[derive(clap::Args, Debug)]
pub struct SelectArgs {
    /// The picture
    #[arg(value_name = "FILE")]
    pub picture: PathBuf,
    /// A pixel of the object, counted from the left top corner; may be given several times
    #[arg(long, value_parser = point, value_name = "X,Y")]
    pub at: Vec<(f32, f32)>,
    /// A pixel that does not belong to the object; may be given several times
    #[arg(long, value_parser = point, value_name = "X,Y")]
    pub without: Vec<(f32, f32)>,
    /// A box around the object: its left, top, right and bottom edges
    #[arg(long = "box", value_parser = area, value_name = "X0,Y0,X1,Y1")]
    pub area: Option<PromptBox>,
    /// The file of MobileSAM, or its name in underpaint models list [default: the one that is found]
    #[arg(long, value_name = "PATH|NAME")]
    pub model: Option<PathBuf>,
    /// The mask that is written (.png), white where the object is; nothing is written over
    #[arg(long, value_name = "PNG")]
    pub out: Option<PathBuf>,
    /// Print one JSON object instead of the file's name
    #[arg(long)]
    pub json: bool,
}

impl SelectArgs {
    fn prompt(&self) -> ObjectPrompt {
        let points = |list: &[(f32, f32)], is_inside: bool| {
            list.iter().map(|&(x, y)| PromptPoint { x, y, is_inside }).collect::<Vec<_>>()
        };
        ObjectPrompt { points: [points(&self.at, true), points(&self.without, false)].concat(), area: self.area }
    }
}

/// Writes the object at the points or in the box as a mask in the size of the picture, and prints the name of its file.
///
/// # Errors
/// If nothing is pointed at, a point lies outside, the picture or the model cannot be read, nothing is found, or the mask is
/// there already or cannot be written.
pub fn select(args: &SelectArgs) -> anyhow::Result<()> {
    let Some(out) = &args.out else { bail!("underpaint select needs a name for the mask: --out PNG") };
    check_name(out)?;
    let prompt = args.prompt();
    if prompt == ObjectPrompt::default() {
        bail!("Say what to select: a pixel of the object with --at X,Y, or a box around it with --box X0,Y0,X1,Y1.");
    }
    prompt.check()?;
    let picture = open(&args.picture)?;
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let outside = prompt.points.iter().find(|p| p.x < 0.0 || p.y < 0.0 || p.x >= width || p.y >= height);
    if let Some(point) = outside {
        bail!("{},{} lies outside the picture, which is {width} by {height} pixels.", point.x, point.y);
    }
    let segmenter = Segmenter::load(&selection_model(args.model.as_deref())?, &Cancel::default())?;
    let embedding = segmenter.embed(&picture, &Cancel::default())?;
    let mask = segmenter.select(&embedding, &prompt, &Cancel::default())?;
    let selected = mask.pixels().filter(|pixel| pixel.0[0] >= 128).count();
    if selected == 0 {
        bail!("Nothing was found there; give another point, or a box around the object.");
    }
    let is_all = selected == mask.pixels().len();
    write_new_file(out, &encode_png(&DynamicImage::ImageLuma8(mask).into_rgb8(), None)?)?;
    match args.json {
        true => print_line(&json!({"file": out.to_string_lossy(), "pixels": selected}).to_string()),
        false => print_line(&out.display().to_string()),
    }
    if is_all {
        print_error_line("All of the picture was selected; give more points, or a box around the object.");
    }
    Ok(())
}

fn check_name(out: &Path) -> anyhow::Result<()> {
    if FileKind::from_path(out) != Some(FileKind::Png) {
        bail!("{} is no name for a PNG; end it in .png.", out.display());
    }
    if out.try_exists().unwrap_or(true) {
        bail!("{} exists already. Choose another name, so that nothing is written over.", out.display());
    }
    Ok(())
}

fn point(text: &str) -> Result<(f32, f32), String> {
    match numbers(text).as_deref() {
        Some(&[x, y]) => Ok((x, y)),
        _ => Err("give a pixel as X,Y such as 120,300".into()),
    }
}

fn area(text: &str) -> Result<PromptBox, String> {
    match numbers(text).as_deref() {
        Some(&[left, top, right, bottom]) if left < right && top < bottom => Ok(PromptBox { left, top, right, bottom }),
        _ => Err("give the edges of a box as LEFT,TOP,RIGHT,BOTTOM such as 100,80,300,420".into()),
    }
}

fn numbers(text: &str) -> Option<Vec<f32>> {
    text.split(',').map(|part| part.trim().parse().ok().filter(|number: &f32| number.is_finite())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_and_boxes_are_read() {
        assert_eq!(point("12, 30.5"), Ok((12.0, 30.5)));
        let read = PromptBox { left: 1.0, top: 2.0, right: 3.0, bottom: 4.0 };
        assert_eq!(area("1,2,3,4"), Ok(read));
        for text in ["", "1", "1,2,3", "a,2", "inf,2", "1,nan"] {
            assert!(point(text).is_err(), "{text}");
        }
        for text in ["1,2", "3,2,1,4", "1,4,3,2", "1,1,1,1"] {
            assert!(area(text).is_err(), "{text}");
        }
    }
}
