//! What a picture file is and what this program would make of it, for `underpaint inspect` and for the
//! window, without using it for anything.

use std::path::Path;

use image::ExtendedColorType;
use image::metadata::Orientation;
use serde::Serialize;

use super::color::Conversion;
use super::format::{Content, Format, START_LENGTH, recognise};
use super::open::{DecodedPicture, contents, decode, name_of};
use super::parameters::{NotTaken, Parameters};
use super::region_masks::region_masks;
use super::settings_text::settings_text;
use crate::engine::Settings;

/// What kind of thing a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InspectionKind {
    /// A picture, whether or not it can be opened.
    Picture,
    /// A file of tensors: a model, LoRA, textual inversion or VAE.
    Tensors,
    /// A folder.
    Folder,
    /// Something else that is known by its first bytes.
    Other,
    /// Nothing is known about it.
    Unknown,
    /// It is not there, or cannot be read.
    Unreadable,
}

/// What a file is, and what this program would make of it.
///
/// As JSON it is one flat object: `file`, `kind`, `usable`, `sentence`, and the fields of `details`.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// The path as it was given; what is not UTF-8 in it is replaced.
    pub file: String,
    /// What kind of thing it is.
    pub kind: InspectionKind,
    /// Whether this program can use it.
    pub usable: bool,
    /// What it is, or why it cannot be used and what to do, as one sentence.
    pub sentence: String,
    /// What else is known.
    #[serde(flatten)]
    pub details: InspectionDetails,
}

/// What else is known about a file, by its kind.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum InspectionDetails {
    /// A picture that could be opened.
    Picture(Box<PictureReport>),
    /// Nothing more.
    None {},
}

impl Inspection {
    /// A file that cannot be used, and why.
    pub fn unusable(path: &Path, kind: InspectionKind, sentence: String) -> Self {
        Self {
            file: path.to_string_lossy().into_owned(),
            kind,
            usable: false,
            sentence,
            details: InspectionDetails::None {},
        }
    }
}

/// A picture that could be opened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PictureReport {
    /// The file's format.
    pub format: Format,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
    /// How the pixels in the file are turned before they are upright; `upright` when they are not.
    pub orientation: &'static str,
    /// How the file keeps its colours, such as `RGB, 8 bits`.
    pub color: String,
    /// The name of the embedded colour profile.
    pub color_profile: Option<String>,
    /// What is done about it.
    pub color_conversion: Option<Conversion>,
    /// How many frames an animation has, of which the first is used; 1 for a still picture.
    pub frames: usize,
    /// What it says about how it was made.
    pub settings: Option<SettingsReport>,
}

/// What a picture says about how it was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingsReport {
    /// The prompt.
    pub prompt: String,
    /// The negative prompt.
    pub negative_prompt: String,
    /// The settings, name and value, in their order in the file.
    pub fields: Vec<(String, String)>,
    /// Lines below the settings.
    pub extra_lines: Vec<String>,
    /// What would not be taken over, or not as it stands.
    pub not_taken: Vec<NotTaken>,
}

/// Reports on a file that should be a picture.
pub fn inspect(path: &Path) -> Inspection {
    let bytes = match contents(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let kind = if path.is_dir() { InspectionKind::Folder } else { InspectionKind::Unreadable };
            return Inspection::unusable(path, kind, error.to_string());
        }
    };
    let name = name_of(path);
    match decode(&bytes, &name) {
        Ok(opened) => {
            let report = picture_report(&opened, &bytes);
            Inspection {
                file: path.to_string_lossy().into_owned(),
                kind: InspectionKind::Picture,
                usable: true,
                sentence: sentence(&name, &report),
                details: InspectionDetails::Picture(Box::new(report)),
            }
        }
        Err(error) => {
            let kind = match recognise(&bytes[..bytes.len().min(START_LENGTH)], &name) {
                Content::Picture(_) => InspectionKind::Picture,
                Content::Tensors => InspectionKind::Tensors,
                Content::Foreign(what) if what.ends_with(" picture") => InspectionKind::Picture,
                Content::Foreign(_) => InspectionKind::Other,
                Content::Empty | Content::Unknown => InspectionKind::Unknown,
            };
            Inspection::unusable(path, kind, error.to_string())
        }
    }
}

fn picture_report(opened: &DecodedPicture, bytes: &[u8]) -> PictureReport {
    let settings = settings_text(bytes)
        .map(|text| settings_report(&Parameters::read(&text).with_region_masks(region_masks(bytes))));
    let (profile, conversion) = opened.profile.clone().unzip();
    PictureReport {
        format: opened.format,
        width: opened.pixels.width(),
        height: opened.pixels.height(),
        orientation: turn(opened.orientation),
        color: color(opened),
        color_profile: profile,
        color_conversion: conversion,
        frames: opened.frames,
        settings,
    }
}

/// What settings of another picture would do to the usual ones.
fn settings_report(read: &Parameters) -> SettingsReport {
    let not_taken = read.apply_to(&mut Settings::default());
    SettingsReport {
        prompt: read.prompt.clone(),
        negative_prompt: read.negative.clone(),
        fields: read.fields.clone(),
        extra_lines: read.extra_lines.clone(),
        not_taken,
    }
}

fn sentence(name: &str, report: &PictureReport) -> String {
    let animated = if report.frames > 1 {
        format!(", an animation of {} frames of which the first is used", report.frames)
    } else {
        String::new()
    };
    let settings = match &report.settings {
        Some(settings) if !settings.fields.is_empty() => " with the settings that made it",
        _ => "",
    };
    let format = report.format.label();
    format!("{name} is a {format} picture of {} by {} pixels{settings}{animated}.", report.width, report.height)
}

fn turn(orientation: Orientation) -> &'static str {
    match orientation {
        Orientation::NoTransforms => "upright",
        Orientation::Rotate90 => "turned by 90 degrees clockwise",
        Orientation::Rotate180 => "turned by 180 degrees",
        Orientation::Rotate270 => "turned by 90 degrees counterclockwise",
        Orientation::FlipHorizontal => "mirrored left to right",
        Orientation::FlipVertical => "mirrored top to bottom",
        Orientation::Rotate90FlipH => "turned by 90 degrees clockwise, then mirrored left to right",
        Orientation::Rotate270FlipH => "turned by 90 degrees counterclockwise, then mirrored left to right",
    }
}

fn color(opened: &DecodedPicture) -> String {
    use ExtendedColorType::{Cmyk8, Cmyk16, L1, L8, L16, La8, La16, Rgb8, Rgb16, Rgb32F, Rgba8, Rgba16, Rgba32F};
    if opened.format == Format::Jpeg && opened.components == 4 {
        return "CMYK, 8 bits".into();
    }
    match opened.color {
        L1 => "black and white".into(),
        L8 => "grey, 8 bits".into(),
        La8 => "grey with transparency, 8 bits".into(),
        L16 => "grey, 16 bits".into(),
        La16 => "grey with transparency, 16 bits".into(),
        Rgb8 => "RGB, 8 bits".into(),
        Rgba8 => "RGB with transparency, 8 bits".into(),
        Rgb16 => "RGB, 16 bits".into(),
        Rgba16 => "RGB with transparency, 16 bits".into(),
        Rgb32F => "RGB, 32-bit floats".into(),
        Rgba32F => "RGB with transparency, 32-bit floats".into(),
        Cmyk8 => "CMYK, 8 bits".into(),
        Cmyk16 => "CMYK, 16 bits".into(),
        other => format!("{other:?}"),
    }
}
