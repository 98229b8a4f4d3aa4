//! What a picture file carries beside its pixels: texts, EXIF data, and how many frames there are.
//!
//! The blocks of each format are walked here, since the decoders do not hand out all of them: PNG texts
//! after the pixels, and comments. Damaged or truncated files give what was found up to the damage.

use std::io::Read;

use super::format::Format;

/// How many bytes of text are read from one file, counted after decompression.
const MAX_TEXT: usize = 8 << 20;
/// What a text costs beside its own length, so that a million empty ones are not read either.
const COST_OF_A_TEXT: usize = 64;

/// What was found.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Metadata {
    /// Texts with their keywords, in the order of the file. Comments of JPEG and GIF files have the
    /// keyword `comment`.
    pub texts: Vec<(String, String)>,
    /// EXIF data: a TIFF structure, without the words `Exif\0\0` before it.
    pub exif: Option<Vec<u8>>,
    /// A WebP file's colour profile.
    pub webp_profile: Option<Vec<u8>>,
    /// How many frames an animation has; 1 for a still picture.
    pub frames: usize,
    /// How many colour components a JPEG has; 0 for other formats.
    pub components: u8,
    /// Whether a JPEG is progressive, which takes more memory to decode.
    pub progressive: bool,
    /// How many bytes of text may still be read.
    room: usize,
}

impl Metadata {
    /// Reads the blocks of a file.
    pub fn read(bytes: &[u8], format: Format) -> Self {
        let mut found = Self { frames: 1, room: MAX_TEXT, ..Self::default() };
        match format {
            Format::Png => found.png(bytes),
            Format::Jpeg => found.jpeg(bytes),
            Format::WebP => found.webp(bytes),
            Format::Gif => found.gif(bytes).unwrap_or(()),
            Format::Bmp | Format::Tiff => {}
        }
        found
    }

    /// The first text under a keyword.
    pub fn text(&self, keyword: &str) -> Option<&str> {
        self.texts.iter().find(|(key, _)| key == keyword).map(|(_, text)| text.as_str())
    }

    fn add(&mut self, keyword: String, text: String) {
        match self.room.checked_sub(keyword.len() + text.len() + COST_OF_A_TEXT) {
            Some(room) => {
                self.room = room;
                self.texts.push((keyword, text));
            }
            None => self.room = 0,
        }
    }

    /// A zlib stream's content; `None` when it is damaged or longer than the room that is left.
    fn inflated(&mut self, data: &[u8]) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        let mut reader = flate2::read::ZlibDecoder::new(data).take(self.room as u64 + 1);
        reader.read_to_end(&mut text).ok()?;
        if text.len() > self.room {
            // Others would be as long, so none is tried after this one.
            self.room = 0;
            return None;
        }
        Some(text)
    }

    fn png(&mut self, bytes: &[u8]) {
        for (kind, data) in png_chunks(bytes) {
            match kind {
                b"tEXt" | b"zTXt" | b"iTXt" => {
                    if let Some((keyword, text)) = self.png_text(kind, data) {
                        self.add(keyword, text);
                    }
                }
                b"eXIf" => self.exif = Some(without_exif_word(data).to_vec()),
                b"acTL" => {
                    if let Some(count) = data.first_chunk::<4>() {
                        self.frames = (u32::from_be_bytes(*count) as usize).max(1);
                    }
                }
                _ => {}
            }
        }
    }

    fn png_text(&mut self, kind: &[u8; 4], data: &[u8]) -> Option<(String, String)> {
        let (keyword, data) = until_zero(data)?;
        let text = match kind {
            b"tEXt" => plain_text(data),
            b"zTXt" => plain_text(&self.inflated(data.get(1..)?)?),
            _ => {
                let [compressed, _method, data @ ..] = data else { return None };
                let (_language, data) = until_zero(data)?;
                let (_translated, data) = until_zero(data)?;
                if *compressed == 1 { plain_text(&self.inflated(data)?) } else { plain_text(data) }
            }
        };
        Some((plain_text(keyword), text))
    }

    fn jpeg(&mut self, bytes: &[u8]) {
        let mut rest = bytes.get(2..).unwrap_or_default();
        while let [0xff, marker, after @ ..] = rest {
            // Fill bytes may stand before a marker, and some markers stand alone.
            if matches!(marker, 0xff) {
                rest = &rest[1..];
                continue;
            }
            if matches!(marker, 0x01 | 0xd0..=0xd8) {
                rest = after;
                continue;
            }
            // The pixels, or the end.
            if matches!(marker, 0xd9 | 0xda) {
                return;
            }
            let Some((length, data)) = after.split_first_chunk::<2>() else { return };
            let length = usize::from(u16::from_be_bytes(*length)).saturating_sub(2);
            let Some(data) = data.get(..length) else { return };
            rest = &after[2 + length..];
            match marker {
                0xe1 if data.starts_with(b"Exif\0\0") && self.exif.is_none() => {
                    self.exif = Some(without_exif_word(data).to_vec());
                }
                0xfe => self.add("comment".into(), plain_text(data)),
                // Start of frame: precision, height, width, number of components.
                0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                    self.components = data.get(5).copied().unwrap_or(0);
                    self.progressive = matches!(marker, 0xc2 | 0xc6 | 0xca | 0xce);
                }
                _ => {}
            }
        }
    }

    fn webp(&mut self, bytes: &[u8]) {
        let mut rest = bytes.get(12..).unwrap_or_default();
        let mut frames = 0;
        while let Some((kind, after)) = rest.split_first_chunk::<4>() {
            let Some((length, after)) = after.split_first_chunk::<4>() else { break };
            let length = u32::from_le_bytes(*length) as usize;
            let Some(data) = after.get(..length) else { break };
            // Chunks begin at even places.
            rest = after.get(length.saturating_add(length % 2)..).unwrap_or_default();
            match kind {
                b"EXIF" => self.exif = Some(without_exif_word(data).to_vec()),
                b"ICCP" => self.webp_profile = Some(data.to_vec()),
                b"ANMF" => frames += 1,
                _ => {}
            }
        }
        self.frames = frames.max(1);
    }

    /// `None` where the file ends early.
    fn gif(&mut self, bytes: &[u8]) -> Option<()> {
        let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
        let mut at = 13 + table(*bytes.get(10)?);
        let mut frames = 0;
        loop {
            match *bytes.get(at)? {
                0x2c => {
                    frames += 1;
                    self.frames = frames;
                    at += 10 + table(*bytes.get(at + 9)?) + 1;
                    at = sub_blocks(bytes, at, &mut Vec::new())?;
                }
                0x21 => {
                    let label = *bytes.get(at + 1)?;
                    let mut data = Vec::new();
                    at = sub_blocks(bytes, at + 2, &mut data)?;
                    if label == 0xfe {
                        self.add("comment".into(), plain_text(&data));
                    }
                }
                _ => return Some(()),
            }
        }
    }
}

/// The chunks of a PNG file, kind and data, up to the first damage.
pub(super) fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (kind, data, after) = png_chunk(rest)?;
        rest = after;
        Some((kind, data))
    })
}

/// A chunk's kind and data, and what follows it.
fn png_chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (data, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some((kind, data, rest.get(4..).unwrap_or_default()))
}

fn until_zero(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|byte| *byte == 0)?;
    Some((&data[..end], &data[end + 1..]))
}

/// Text as UTF-8 where it is that, and else as Latin-1. Programs write UTF-8 where a format asks for
/// Latin-1; true Latin-1 text hardly ever is valid UTF-8 beyond ASCII.
pub(super) fn plain_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// EXIF data as a TIFF structure: some programs keep JPEG's word before it in other formats as well.
fn without_exif_word(data: &[u8]) -> &[u8] {
    data.strip_prefix(b"Exif\0\0").unwrap_or(data)
}

/// Appends the sub-blocks of a GIF block to `data`; gives the place after them.
fn sub_blocks(bytes: &[u8], mut at: usize, data: &mut Vec<u8>) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1;
        if length == 0 {
            return Some(at);
        }
        data.extend_from_slice(bytes.get(at..at + length)?);
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(text).expect("packs");
        writer.finish().expect("packs")
    }

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        [&(data.len() as u32).to_be_bytes(), &kind[..], data, &[0; 4]].concat()
    }

    fn png(chunks: &[Vec<u8>]) -> Metadata {
        Metadata::read(&[&b"\x89PNG\r\n\x1a\n"[..], &chunks.concat()].concat(), Format::Png)
    }

    #[test]
    fn all_three_kinds_of_text_chunks_are_read_on_both_sides_of_the_pixels() {
        let found = png(&[
            chunk(b"tEXt", b"a\0caf\xe9"),
            chunk(b"IDAT", b"pixels"),
            chunk(b"zTXt", &[&b"b\0\0"[..], &packed(b"two")].concat()),
            chunk(b"iTXt", "c\0\0\0en\0c\0苹果".as_bytes()),
            chunk(b"iTXt", &[&b"d\0\x01\0\0\0"[..], &packed("苹".as_bytes())].concat()),
            chunk(b"iTXt", b"broken\0"),
            chunk(b"zTXt", b"broken\0\0not packed"),
            chunk(b"acTL", &[0, 0, 0, 7, 0, 0, 0, 0]),
        ]);
        let texts: Vec<(&str, &str)> = found.texts.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
        assert_eq!(texts, [("a", "café"), ("b", "two"), ("c", "苹果"), ("d", "苹")]);
        assert_eq!(found.frames, 7);
    }

    #[test]
    fn texts_that_unfold_without_end_are_left_out_quickly() {
        let bomb = [&b"a\0\0"[..], &packed(&vec![b'x'; MAX_TEXT + 1])].concat();
        let bombs = vec![chunk(b"zTXt", &bomb); 5000];
        let found = png(&bombs);
        assert!(found.texts.is_empty() && found.room == 0);
        let many = png(&vec![chunk(b"tEXt", b"a\0"); 1_000_000]);
        assert!(many.texts.len() <= MAX_TEXT / COST_OF_A_TEXT);
    }

    #[test]
    fn comments_and_frames_of_a_gif_are_found() {
        let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xfe\x05Steps\x01:\0,\0\0\0\0\x01\0\x01\0\0\x02\x01\x44\0,\0\0\0\0\x01\0\x01\0\0\x02\x01\x44\0;";
        let found = Metadata::read(gif, Format::Gif);
        assert_eq!((found.frames, found.text("comment")), (2, Some("Steps:")));
    }

    #[test]
    fn truncated_files_give_what_was_found_so_far() {
        let whole = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"tEXt", b"a\0text"), &chunk(b"IDAT", b"pixels")].concat();
        for length in 0..whole.len() {
            for format in [Format::Png, Format::Jpeg, Format::WebP, Format::Gif, Format::Bmp, Format::Tiff] {
                let _ = Metadata::read(&whole[..length], format);
            }
        }
        assert_eq!(Metadata::read(&whole[..30], Format::Png).text("a"), Some("text"));
    }
}
