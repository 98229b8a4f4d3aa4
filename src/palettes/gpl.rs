//! GIMP's palettes (`.gpl`), which Krita, Inkscape and MyPaint read too.
//!
//! A text: the line `GIMP Palette`, lines such as `Name: Apples` and `Columns: 8`, then a line for each colour with red,
//! green and blue in `0..=255` and a name. Empty lines and those that begin with `#` are left out.

use super::{MOST_SWATCHES, Palette, Swatch};
use crate::paint::Rgb;

/// The longest text that is read, in bytes.
pub(super) const LONGEST: u64 = 1 << 20;

/// What the first line says.
const TITLE: &str = "GIMP Palette";

/// Why a text is no palette, as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GplError {
    /// The text is far too long for a palette.
    #[error("it is far too long for a palette")]
    TooLong,
    /// The text is binary.
    #[error("it is not a text")]
    NoText,
    /// The first line says something else.
    #[error("its first line is not \"GIMP Palette\"")]
    NoPalette,
    /// A line has no colour.
    #[error("line {line} is no colour: three numbers from 0 to 255 are needed")]
    NoColor {
        /// Which line, from 1.
        line: usize,
    },
    /// There are more colours than a palette may have.
    #[error("it has more than {MOST_SWATCHES} colours")]
    TooManyColors,
}

/// Reads a palette. Line ends may be those of any system; text that is not UTF-8 is taken for Latin-1.
///
/// # Errors
/// Text that is no palette, or has a line that is no colour.
pub fn read_gpl(bytes: &[u8]) -> Result<Palette, GplError> {
    if bytes.len() as u64 > LONGEST {
        return Err(GplError::TooLong);
    }
    if bytes.contains(&0) {
        return Err(GplError::NoText);
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // Old systems end lines with a carriage return alone.
    let mut lines = (1..).zip(text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r')));
    if lines.next().is_none_or(|(_, first)| first.trim() != TITLE) {
        return Err(GplError::NoPalette);
    }
    let mut palette = Palette::default();
    let mut has_alpha = false;
    for (number, line) in lines {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // What stands before the first colour says something about all of them.
        if palette.swatches().is_empty()
            && !line.starts_with(|c: char| c.is_ascii_digit())
            && let Some((key, value)) = line.split_once(':')
        {
            match key.trim() {
                "Name" => palette.rename(value),
                "Columns" => palette.set_columns(value.trim().parse().unwrap_or_default()),
                "Channels" => has_alpha = value.trim() == "RGBA",
                _ => {}
            }
            continue;
        }
        let swatch = swatch(line, has_alpha).ok_or(GplError::NoColor { line: number })?;
        if !palette.push(swatch) {
            return Err(GplError::TooManyColors);
        }
    }
    Ok(palette)
}

/// Red, green, blue, and the rest of the line as the name.
fn swatch(line: &str, has_alpha: bool) -> Option<Swatch> {
    let mut rest = line;
    let mut number = || {
        let (word, after) = match rest.split_once([' ', '\t']) {
            Some((word, after)) => (word, after.trim_start()),
            None => (rest, ""),
        };
        rest = after;
        word.parse::<u8>().ok()
    };
    let color = Rgb([number()?, number()?, number()?]);
    if has_alpha {
        number()?;
    }
    Some(Swatch::new(color, rest))
}

/// Writes a palette as GIMP does.
pub fn write_gpl(palette: &Palette) -> String {
    let name = if palette.name().is_empty() { "Untitled" } else { palette.name() };
    let mut text = format!("{TITLE}\nName: {name}\nColumns: {}\n#\n", palette.columns());
    for swatch in palette.swatches() {
        let ([r, g, b], name) = (swatch.color.0, swatch.name());
        let name = if name.is_empty() { "Untitled" } else { name };
        text += &format!("{r:3} {g:3} {b:3}\t{name}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Palette, GplError> {
        read_gpl(text.as_bytes())
    }

    #[test]
    fn a_palette_of_gimp_is_read_with_its_names() {
        let text = "GIMP Palette\nName: Apples & pears\nColumns: 4\n# from the garden\n\n 88 166  46\tApple green\n255   0   0\tA 2nd  red\n0 0 0\n";
        let palette = read(text).expect("reads");
        assert_eq!((palette.name(), palette.columns()), ("Apples & pears", 4));
        let list: Vec<_> = palette.swatches().iter().map(|swatch| (swatch.color.hex(), swatch.name())).collect();
        let expected = [("#58a62e", "Apple green"), ("#ff0000", "A 2nd red"), ("#000000", "")];
        assert_eq!(list, expected.map(|(hex, name)| (hex.to_owned(), name)));
    }

    #[test]
    fn line_ends_of_all_systems_and_a_byte_order_mark_are_read() {
        let text = "GIMP Palette\nName: n\n#c\n1 2 3\tone\n4 5 6\ttwo\n";
        let palette = read(text).expect("reads");
        for end in ["\r\n", "\r"] {
            assert_eq!(read(&text.replace('\n', end)), Ok(palette.clone()), "{end:?}");
        }
        assert_eq!(read(&format!("\u{feff}{text}")), Ok(palette.clone()));
        assert_eq!(read(text.trim_end()), Ok(palette), "without the last line end");
    }

    #[test]
    fn other_programs_write_other_headers() {
        // The first version of the format has neither name nor columns; Aseprite adds the opacity.
        assert_eq!(read("GIMP Palette\n#\n1 2 3 x\n").expect("reads").swatches()[0], Swatch::new(Rgb([1, 2, 3]), "x"));
        let text = "GIMP Palette\nChannels: RGBA\n#\n1 2 3 255 40 winks\n";
        assert_eq!(read(text).expect("reads").swatches()[0], Swatch::new(Rgb([1, 2, 3]), "40 winks"));
        assert_eq!(read("GIMP Palette\nName: \nColumns: many\nLater: 7\n").expect("reads"), Palette::default());
        let latin = b"GIMP Palette\nName: Gr\xfcn\n";
        assert_eq!(read_gpl(latin).expect("reads").name(), "Grün");
    }

    #[test]
    fn what_is_no_palette_is_refused_with_the_line() {
        for text in ["", "JASC-PAL\n0100\n", "GIMP Palettes\n1 2 3\n", "1 2 3\n"] {
            assert_eq!(read(text), Err(GplError::NoPalette), "{text:?}");
        }
        for line in ["1 2", "1 2 x", "256 0 0", "-1 0 0", "1.5 2 3", "red", "1,2,3", "٣ 2 1"] {
            let text = format!("GIMP Palette\nName: n\n\n0 0 0 black\n{line}\n");
            assert_eq!(read(&text), Err(GplError::NoColor { line: 5 }), "{line:?}");
        }
        assert_eq!(read("GIMP Palette\nred\n"), Err(GplError::NoColor { line: 2 }));
        assert_eq!(read("GIMP Palette\n\0\n"), Err(GplError::NoText));
        assert_eq!(read(&" ".repeat(LONGEST as usize + 1)), Err(GplError::TooLong));
        let many = format!("GIMP Palette\n{}", "1 2 3\n".repeat(MOST_SWATCHES + 1));
        assert_eq!(read(&many), Err(GplError::TooManyColors));
    }

    #[test]
    fn what_is_written_is_what_gimp_writes() {
        let mut palette = Palette::new("Mine");
        palette.push(Swatch::new(Rgb([1, 20, 255]), "#14"));
        palette.push(Swatch::new(Rgb::BLACK, ""));
        assert_eq!(
            write_gpl(&palette),
            "GIMP Palette\nName: Mine\nColumns: 0\n#\n  1  20 255\t#14\n  0   0   0\tUntitled\n"
        );
    }
}
