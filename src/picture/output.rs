//! How results are written: kind of file, name, and what is inside besides the pixels.

use std::path::{Path, PathBuf};

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::{Attached, Encoding, NamePattern, NameWords, SaveError, encode_with, save_named, write_atomically};
use crate::engine::{Mask, Recipe};

/// The file in the data folder that keeps the choice.
const FILE: &str = "output.json";

/// How results are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputOptions {
    /// The kind of file.
    pub encoding: Encoding,
    /// What the files are called.
    pub name: NamePattern,
    /// Whether a PNG carries the start image, so that it can be opened as the round it came from.
    pub with_start: bool,
}

/// What the file of a result can carry besides its settings text, if it is a PNG.
#[derive(Clone, Copy, Debug, Default)]
pub struct Carried<'a> {
    /// The start image, in the size of the result unless it has a size of its own. It is left out where that was chosen.
    pub start: Option<&'a RgbImage>,
    /// Where the regions of the settings lie, in their order.
    pub regions: &'a [Mask],
}

/// A result in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenResult {
    /// The file.
    pub path: PathBuf,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl OutputOptions {
    /// Writes a result with its settings text into a folder, made when missing. Nothing is written over.
    ///
    /// # Errors
    /// What the encoder or the file system reports.
    pub fn write(
        &self,
        folder: &Path,
        picture: &RgbImage,
        recipe: &Recipe,
        carried: Carried<'_>,
        words: &NameWords,
    ) -> Result<WrittenResult, SaveError> {
        let bytes = self.encode(picture, recipe, carried)?;
        let path = save_named(folder, &self.name, words, self.encoding.kind.id(), &bytes)?;
        Ok(WrittenResult { path, bytes })
    }

    /// The bytes of a result's file.
    ///
    /// # Errors
    /// What the encoder reports.
    pub fn encode(&self, picture: &RgbImage, recipe: &Recipe, carried: Carried<'_>) -> Result<Vec<u8>, SaveError> {
        let text = recipe.infotext();
        let start = carried.start.filter(|_| self.with_start);
        let attached = Attached { settings: Some(&text), start, regions: carried.regions };
        encode_with(picture, self.encoding, attached)
    }

    /// The choice that was kept in the data folder; the usual one if there is none or it cannot be read.
    pub fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Keeps the choice in the data folder for the next launch.
    ///
    /// # Errors
    /// What the file system reports.
    pub fn keep(&self, folder: &Path) -> Result<(), SaveError> {
        let json = serde_json::to_string_pretty(self).unwrap_or_default();
        write_atomically(&folder.join(FILE), json.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{FileKind, open, read_parameters, read_start_image};

    #[test]
    fn a_choice_is_kept_and_a_damaged_one_is_the_usual_one() {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(OutputOptions::read(folder.path()), OutputOptions::default());
        let options = OutputOptions {
            encoding: Encoding { kind: FileKind::Jpeg, jpeg_quality: 80 },
            name: NamePattern::new("{date}-{seed}").expect("a pattern"),
            with_start: true,
        };
        options.keep(folder.path()).expect("writes");
        assert_eq!(OutputOptions::read(folder.path()), options);
        for text in ["", "{", "[]", r#"{"name": "{nonsense}"}"#, r#"{"encoding": {"jpeg_quality": 1000}}"#] {
            std::fs::write(folder.path().join(FILE), text).expect("writes");
            assert_eq!(OutputOptions::read(folder.path()), OutputOptions::default(), "{text}");
        }
    }

    #[test]
    fn a_result_is_written_as_it_was_chosen() {
        let folder = tempfile::tempdir().expect("folder");
        let picture = RgbImage::from_pixel(64, 64, image::Rgb([9, 90, 200]));
        let start = RgbImage::from_pixel(64, 64, image::Rgb([1, 1, 1]));
        let recipe = Recipe { seed: 7, from_picture: true, ..Recipe::default() };
        let words = NameWords { seed: 7, ..NameWords::example() };
        for (kind, with_start, name) in [
            (FileKind::Png, false, "00001-7.png"),
            (FileKind::Png, true, "00002-7.png"),
            (FileKind::WebP, true, "00003-7.webp"),
            (FileKind::Jpeg, true, "00004-7.jpg"),
        ] {
            let options = OutputOptions { encoding: kind.into(), with_start, ..OutputOptions::default() };
            let carried = Carried { start: Some(&start), ..Carried::default() };
            let written = options.write(folder.path(), &picture, &recipe, carried, &words).expect("writes");
            assert!(written.path.ends_with(name), "{}", written.path.display());
            assert_eq!(std::fs::read(&written.path).expect("reads"), written.bytes);
            assert_eq!(read_parameters(&written.path), Some(recipe.infotext()));
            let carried = (kind == FileKind::Png && with_start).then(|| start.clone());
            assert_eq!(read_start_image(&written.path), carried, "{name}");
            assert!(kind == FileKind::Jpeg || open(&written.path).expect("opens") == picture);
        }
    }
}
