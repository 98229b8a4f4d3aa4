//! What was pasted from the clipboard.

use std::path::{Path, PathBuf};

use egui::ColorImage;
use image::{RgbImage, RgbaImage};

use super::select::came_back;

/// What a picture from the clipboard is to become.
pub(super) enum Pasted {
    /// What was copied from the canvas, where it was.
    Copied,
    /// A layer.
    Layer(RgbaImage),
    /// A picture on the canvas.
    Picture(RgbImage),
    /// It has no pixels.
    Nothing,
}

/// Reads a picture from the clipboard, on which `copied` was put before. Takes long for a large one.
pub(super) fn read(pasted: &ColorImage, copied: Option<&ColorImage>, as_layer: bool) -> Pasted {
    if copied.is_some_and(|copied| came_back(copied, pasted)) {
        return Pasted::Copied;
    }
    let has_pixels = pasted.size.iter().all(|side| *side > 0);
    let read = || match as_layer {
        true => picture_with_alpha(pasted).map(Pasted::Layer),
        false => picture(pasted).map(Pasted::Picture),
    };
    has_pixels.then(read).flatten().unwrap_or(Pasted::Nothing)
}

/// A picture from the clipboard; transparent parts show white.
fn picture(pasted: &ColorImage) -> Option<RgbImage> {
    let [width, height] = pasted.size;
    // Colours are premultiplied, so that white shows through where alpha is missing.
    let rgb = pasted.pixels.iter().flat_map(|pixel| {
        let [r, g, b, a] = pixel.to_array();
        [r, g, b].map(|c| c.saturating_add(255 - a))
    });
    RgbImage::from_raw(u32::try_from(width).ok()?, u32::try_from(height).ok()?, rgb.collect())
}

/// A picture from the clipboard with its alpha.
fn picture_with_alpha(pasted: &ColorImage) -> Option<RgbaImage> {
    let [width, height] = pasted.size;
    let rgba = pasted.pixels.iter().flat_map(|pixel| pixel.to_srgba_unmultiplied());
    RgbaImage::from_raw(u32::try_from(width).ok()?, u32::try_from(height).ok()?, rgba.collect())
}

/// The file that a pasted text names: what file managers put on the clipboard for a copied file is
/// its path or its `file://` address. `None` if the text names no existing file.
pub(super) fn file(text: &str) -> Option<PathBuf> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let path = match line.strip_prefix("file://") {
        Some(address) => PathBuf::from(decoded(address.strip_prefix("localhost").unwrap_or(address))),
        None => PathBuf::from(line),
    };
    (path.is_absolute() && path.is_file()).then_some(path)
}

/// Whether a file is probably a model and not a picture.
pub(super) fn is_model(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("safetensors") || ending.eq_ignore_ascii_case("ckpt"))
}

/// Replaces `%20` and the like by the bytes they stand for.
fn decoded(address: &str) -> String {
    let bytes = address.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code =
            address.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        plain.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_file_is_found_by_its_path_or_its_address() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("grüner apple 100%.png");
        std::fs::write(&path, "x").expect("writes");
        let plain = path.display().to_string();
        let address = format!("file://{}", plain.replace('%', "%25").replace(' ', "%20").replace('ü', "%C3%BC"));
        for text in [plain.clone(), format!("\n{plain}\r\n"), address.clone(), format!("# list\n{address}\n")] {
            assert_eq!(file(&text).as_deref(), Some(path.as_path()), "{text}");
        }
        for text in ["", "an apple", "apple.png", "/no/such/apple.png", "file:///no%", "https://example.org/apple.png"]
        {
            assert_eq!(file(text), None, "{text}");
        }
    }

    #[test]
    fn transparent_pixels_of_a_pasted_picture_show_white() {
        let half = egui::Color32::from_rgba_unmultiplied(255, 0, 0, 128);
        let pasted = ColorImage::new([2, 1], vec![half, egui::Color32::TRANSPARENT]);
        let picture = picture(&pasted).expect("two pixels");
        assert_eq!(picture.get_pixel(1, 0).0, [255; 3]);
        assert_eq!(picture.get_pixel(0, 0).0[0], 255);
        assert!((120..=135).contains(&picture.get_pixel(0, 0).0[1]));
    }
}
