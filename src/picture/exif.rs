//! EXIF data: the settings text that programs keep in the user comment of JPEG and WebP files, and the
//! few other fields that matter here.

use exif::{In, Reader, Tag, Value};

use super::metadata::plain_text;

/// What EXIF data says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// The user comment.
    pub comment: Option<String>,
    /// The image description, camera make and camera model, in this order, where they are given:
    /// ComfyUI keeps its settings in the latter two.
    pub others: Vec<String>,
    /// Whether the pixels are Adobe RGB by the rules for cameras (DCF), which need no embedded profile
    /// for this.
    pub is_adobe_rgb: bool,
    /// Orientation, 1 to 8, where it is given.
    pub orientation: Option<u8>,
}

/// Reads EXIF data, which is a TIFF structure; damaged data gives what can be read.
pub(super) fn read(data: &[u8]) -> Facts {
    // The data is a stranger's: a bug in the library must not cost more than what stands in it.
    std::panic::catch_unwind(|| parse(data)).unwrap_or_default()
}

fn parse(data: &[u8]) -> Facts {
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    let parsed = match reader.read_raw(data.to_vec()) {
        Ok(parsed) => parsed,
        Err(error) => match error.distill_partial_result(|_| {}) {
            Ok(parsed) => parsed,
            Err(_) => return Facts::default(),
        },
    };
    let value = |tag| parsed.get_field(tag, In::PRIMARY).map(|field| &field.value);
    let text = |tag| {
        let text = match value(tag)? {
            Value::Ascii(lines) => plain_text(lines.first()?),
            Value::Byte(bytes) | Value::Undefined(bytes, _) => plain_text(bytes),
            _ => return None,
        };
        let text = text.trim_matches('\0').trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let comment = match value(Tag::UserComment) {
        Some(Value::Undefined(bytes, _) | Value::Byte(bytes)) => user_comment(bytes),
        Some(Value::Ascii(lines)) => lines.first().and_then(|line| user_comment(line)),
        _ => None,
    };
    let index = text(Tag::InteroperabilityIndex);
    let orientation = value(Tag::Orientation).and_then(|value| value.get_uint(0));
    Facts {
        comment,
        others: [Tag::ImageDescription, Tag::Make, Tag::Model].into_iter().filter_map(text).collect(),
        is_adobe_rgb: index.is_some_and(|index| index.starts_with("R03")),
        orientation: orientation.and_then(|number| u8::try_from(number).ok()).filter(|number| (1..=8).contains(number)),
    }
}

/// The colour profile that a TIFF file embeds. `image` finds it only where it is written as bytes, and most
/// programs write it as the standard says, as undefined data.
pub(super) fn tiff_profile(file: &[u8]) -> Option<Vec<u8>> {
    const ICC_PROFILE: Tag = Tag(exif::Context::Tiff, 34675);
    let parsed = std::panic::catch_unwind(|| exif::parse_exif(file)).ok()?;
    let (fields, _) = parsed.ok()?;
    fields.into_iter().find(|field| field.tag == ICC_PROFILE && field.ifd_num == In::PRIMARY).and_then(|field| {
        match field.value {
            Value::Undefined(bytes, _) | Value::Byte(bytes) => Some(bytes),
            _ => None,
        }
    })
}

/// A user comment: eight bytes that name the encoding, and the text.
fn user_comment(bytes: &[u8]) -> Option<String> {
    let text = match bytes.split_first_chunk::<8>() {
        Some((b"UNICODE\0" | b"Unicode\0", text)) => unicode(text),
        Some((b"ASCII\0\0\0" | b"\0\0\0\0\0\0\0\0" | b"        ", text)) if !looks_like_utf16(text) => plain_text(text),
        Some((b"ASCII\0\0\0" | b"\0\0\0\0\0\0\0\0" | b"        ", text)) => unicode(text),
        // Some programs leave the name of the encoding out.
        _ if looks_like_utf16(bytes) => unicode(bytes),
        _ => plain_text(bytes),
    };
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    (!text.is_empty()).then(|| text.to_owned())
}

/// Half of the bytes of most texts in UTF-16 are 0. Zeros at the end say nothing: cameras fill their
/// comments up with them.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let bytes = &bytes[..length];
    bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff")
        || bytes.len() >= 4 && bytes.iter().filter(|byte| **byte == 0).count() * 3 > bytes.len()
}

/// UTF-16 in either byte order. EXIF does not say which one a comment has: some programs use that of the
/// TIFF structure around it, others always the same. So a byte order mark counts, and without one where
/// the zeros are: a line of settings always has plain letters. Text without any zero may be UTF-8 under
/// the wrong name.
fn unicode(bytes: &[u8]) -> String {
    if let Some(bytes) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return plain_text(bytes);
    }
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if (even, odd) == (0, 0)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return text.to_owned();
    }
    let (text, big_endian) = match bytes {
        [0xfe, 0xff, text @ ..] => (text, true),
        [0xff, 0xfe, text @ ..] => (text, false),
        text => (text, even >= odd),
    };
    let units = text
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) });
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// EXIF data with one field, a user comment in UTF-16: what AUTOMATIC1111 writes into JPEG and WebP
/// files, with the same byte order.
pub(super) fn with_comment(text: &str) -> Vec<u8> {
    const EXIF_IFD: u16 = 0x8769;
    const USER_COMMENT: u16 = 0x9286;
    const LONG: u16 = 4;
    const UNDEFINED: u16 = 7;
    let mut comment = b"UNICODE\0".to_vec();
    comment.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    // A big-endian TIFF header, then two directories of one entry each, then the comment.
    let mut data = b"MM\0\x2a".to_vec();
    let directory = |start: u32, tag: u16, kind: u16, count: u32, value: u32| {
        let mut bytes = start.to_be_bytes().to_vec();
        bytes.extend([1u16, tag, kind].into_iter().flat_map(u16::to_be_bytes));
        bytes.extend([count, value].into_iter().flat_map(u32::to_be_bytes));
        bytes
    };
    data.extend(directory(8, EXIF_IFD, LONG, 1, 26));
    data.extend(directory(0, USER_COMMENT, UNDEFINED, comment.len() as u32, 44));
    // No directory after the last.
    data.extend([0; 4]);
    data.extend(comment);
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "苹果, an apple é\nSteps: 20, Seed: 1";

    fn comment(head: &[u8], text: impl IntoIterator<Item = u8>) -> Option<String> {
        user_comment(&head.iter().copied().chain(text).collect::<Vec<u8>>())
    }

    #[test]
    fn a_written_comment_is_read_back() {
        assert_eq!(read(&with_comment(TEXT)).comment.as_deref(), Some(TEXT));
        assert_eq!(read(&with_comment("")).comment, None);
    }

    #[test]
    fn every_encoding_that_programs_write_is_read() {
        let big = || TEXT.encode_utf16().flat_map(u16::to_be_bytes);
        let little = || TEXT.encode_utf16().flat_map(u16::to_le_bytes);
        for (what, read) in [
            ("big endian", comment(b"UNICODE\0", big())),
            ("little endian", comment(b"UNICODE\0", little())),
            ("with a mark, big", comment(b"UNICODE\0\xfe\xff", big())),
            ("with a mark, little", comment(b"UNICODE\0\xff\xfe", little())),
            ("UTF-8 called UNICODE", comment(b"UNICODE\0", TEXT.bytes())),
            ("UTF-8 called ASCII", comment(b"ASCII\0\0\0", TEXT.bytes())),
            ("UTF-16 called ASCII", comment(b"ASCII\0\0\0", little())),
            ("no name of an encoding", comment(b"\0\0\0\0\0\0\0\0", TEXT.bytes())),
            ("nothing before it", comment(b"", TEXT.bytes())),
            ("zeros after it", comment(b"ASCII\0\0\0", TEXT.bytes().chain([0; 500]))),
        ] {
            assert_eq!(read.as_deref(), Some(TEXT), "{what}");
        }
        let latin = comment(b"ASCII\0\0\0", *b"caf\xe9, Steps: 3");
        assert_eq!(latin.as_deref(), Some("café, Steps: 3"));
    }

    #[test]
    fn damaged_data_says_nothing_and_never_panics() {
        let whole = with_comment(TEXT);
        for length in 0..whole.len() {
            let _ = read(&whole[..length]);
        }
        for at in 0..44 {
            for value in [0, 1, 0x7f, 0xff] {
                let mut spoiled = whole.clone();
                spoiled[at] = value;
                let _ = read(&spoiled);
            }
        }
        assert_eq!(read(b""), Facts::default());
    }
}
