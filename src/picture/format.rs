//! What a file is, told by its first bytes: names lie, and files are renamed.

/// A picture format that can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Portable Network Graphics; of an animation the default image.
    Png,
    /// JPEG: grey, colour, CMYK and YCCK.
    Jpeg,
    /// WebP, lossy or lossless; of an animation the first frame.
    WebP,
    /// GIF; of an animation the first frame.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF; of several pages the first.
    Tiff,
}

impl Format {
    /// Its name in messages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
        }
    }

    /// The decoder that reads it.
    pub(super) fn decoder(self) -> image::ImageFormat {
        match self {
            Self::Png => image::ImageFormat::Png,
            Self::Jpeg => image::ImageFormat::Jpeg,
            Self::WebP => image::ImageFormat::WebP,
            Self::Gif => image::ImageFormat::Gif,
            Self::Bmp => image::ImageFormat::Bmp,
            Self::Tiff => image::ImageFormat::Tiff,
        }
    }
}

/// The formats that can be opened, for messages and help texts.
pub const READABLE_FORMATS: &str = "PNG, JPEG, WebP, GIF, BMP or TIFF";

/// The endings of picture files that can be opened, for the filters of file dialogs: some systems tell
/// `IMG_1.JPG` from `img_1.jpg`, so each stands here in lower and in upper case. A dialog should offer
/// all files beside them, since a picture may have any name.
pub const READABLE_ENDINGS: &[&str] = &[
    "png", "PNG", "jpg", "JPG", "jpeg", "JPEG", "jpe", "JPE", "jfif", "JFIF", "webp", "WEBP", "gif", "GIF", "bmp",
    "BMP", "dib", "DIB", "tif", "TIF", "tiff", "TIFF",
];

/// Endings of camera raw files, which begin like TIFF files and hold a thumbnail where a TIFF has its
/// picture.
const CAMERA_RAW_ENDINGS: [&str; 14] =
    ["3fr", "arw", "cr2", "dcr", "dng", "erf", "iiq", "kdc", "mef", "nef", "nrw", "pef", "sr2", "srw"];

/// How many bytes [`recognise`] wants to see, if the file has them.
pub const START_LENGTH: usize = 1024;

/// What the first bytes of a file say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A picture that can be opened.
    Picture(Format),
    /// Something known that is no picture this program opens, such as `a HEIC picture`.
    Foreign(&'static str),
    /// A file of tensors: safetensors, or what PyTorch writes.
    Tensors,
    /// No bytes at all.
    Empty,
    /// Nothing known.
    Unknown,
}

/// Tells what a file is from its first [`START_LENGTH`] bytes. `name` only serves to tell camera raw
/// files from TIFF pictures.
pub fn recognise(start: &[u8], name: &str) -> Content {
    use Content::{Empty, Foreign, Picture, Tensors, Unknown};
    let at = |offset: usize, bytes: &[u8]| start.get(offset..).is_some_and(|rest| rest.starts_with(bytes));
    if start.is_empty() {
        return Empty;
    }
    if at(0, b"\x89PNG\r\n\x1a\n") {
        return Picture(Format::Png);
    }
    if at(0, b"\xff\xd8\xff") {
        return Picture(Format::Jpeg);
    }
    if at(0, b"RIFF") && at(8, b"WEBP") {
        return Picture(Format::WebP);
    }
    if at(0, b"GIF87a") || at(0, b"GIF89a") {
        return Picture(Format::Gif);
    }
    if at(0, b"II*\0") || at(0, b"MM\0*") || at(0, b"II+\0") || at(0, b"MM\0+") {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let raw = ending.is_some_and(|ending| CAMERA_RAW_ENDINGS.contains(&ending.as_str())) || at(8, b"CR\x02");
        return if raw { Foreign("a camera raw file") } else { Picture(Format::Tiff) };
    }
    if let Some(what) = foreign_picture(start) {
        return Foreign(what);
    }
    if is_safetensors(start) || is_pickle(start) || at(0, b"PK\x03\x04") {
        return Tensors;
    }
    // Two letters only, so after everything that says more; the reserved words are 0 in every BMP.
    if at(0, b"BM") && at(6, &[0; 4]) {
        return Picture(Format::Bmp);
    }
    if let Some(what) = foreign_text(start) {
        return Foreign(what);
    }
    Unknown
}

/// Pictures, and files taken for pictures, that cannot be opened.
fn foreign_picture(start: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, bytes: &[u8]| start.get(offset..).is_some_and(|rest| rest.starts_with(bytes));
    if at(4, b"ftyp") {
        return Some(media_brand(start));
    }
    if at(0, b"PK\x03\x04") && at(30, b"mimetype") {
        return [("application/x-krita", "a Krita document"), ("image/openraster", "an OpenRaster document")]
            .into_iter()
            .find(|(kind, _)| at(38, kind.as_bytes()))
            .map(|(_, what)| what);
    }
    let table: [(&[u8], &str); 29] = [
        (b"\xff\x0a", "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
        (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
        (b"8BPS", "a Photoshop document"),
        (b"gimp xcf", "a GIMP document"),
        (b"CSFCHUNK", "a Clip Studio document"),
        (b"\0\0\x01\0", "a Windows icon"),
        (b"\0\0\x02\0", "a Windows cursor"),
        (b"DDS ", "a DDS texture"),
        (b"qoif", "a QOI picture"),
        (b"farbfeld", "a farbfeld picture"),
        (b"\x76\x2f\x31\x01", "an OpenEXR picture"),
        (b"#?RADIANCE", "a Radiance HDR picture"),
        (b"#?RGBE", "a Radiance HDR picture"),
        (b"FUJIFILMCCD-RAW", "a camera raw file"),
        (b"IIRO", "a camera raw file"),
        (b"IIRS", "a camera raw file"),
        (b"IIU\0", "a camera raw file"),
        (b"MMOR", "a camera raw file"),
        (b"P1\n", "a PNM picture"),
        (b"P2\n", "a PNM picture"),
        (b"P3\n", "a PNM picture"),
        (b"P4\n", "a PNM picture"),
        (b"P5\n", "a PNM picture"),
        (b"P6\n", "a PNM picture"),
        (b"%PDF-", "a PDF document"),
        (b"\x1a\x45\xdf\xa3", "a video"),
        (b"\xd7\xcd\xc6\x9a", "a Windows metafile"),
    ];
    table.into_iter().find(|(magic, _)| at(0, magic)).map(|(_, what)| what)
}

/// Containers of the MPEG family say what they hold in a list of four-letter brands.
fn media_brand(start: &[u8]) -> &'static str {
    let end = start.first_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length) as usize);
    let brands = start.get(8..end.min(start.len())).unwrap_or_default();
    let has = |wanted: &[&[u8]]| brands.chunks_exact(4).any(|brand| wanted.contains(&brand));
    if has(&[b"avif", b"avis"]) {
        "an AVIF picture"
    } else if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"]) {
        "a HEIC picture"
    } else if has(&[b"crx "]) {
        "a camera raw file"
    } else {
        "a video"
    }
}

/// Text files that people take for pictures or models.
fn foreign_text(start: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if text.starts_with("<!doctype html") || text.starts_with("<html") {
        Some("a web page")
    } else if text.starts_with("<svg") || (text.starts_with("<?xml") || text.starts_with("<!")) && text.contains("<svg")
    {
        Some("an SVG drawing")
    } else if text.starts_with("version https://git-lfs") {
        Some("a Git LFS pointer, not the file it stands for")
    } else {
        None
    }
}

/// A safetensors file begins with the length of a JSON object, and that object.
fn is_safetensors(start: &[u8]) -> bool {
    let Some((length, rest)) = start.split_first_chunk::<8>() else { return false };
    (2..=100_000_000).contains(&u64::from_le_bytes(*length)) && rest.first() == Some(&b'{')
}

/// What `torch.save` wrote before its files were ZIP archives, and plain pickles.
fn is_pickle(start: &[u8]) -> bool {
    matches!(start, [0x80, 2..=5, b'\x8a' | b'}' | b']' | b'c' | b'(' | 0x95, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        let avif = b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf";
        let mut krita = b"PK\x03\x04".to_vec();
        krita.resize(30, 0);
        krita.extend_from_slice(b"mimetypeapplication/x-krita");
        let cases: [(&[u8], Content); 14] = [
            (b"", Content::Empty),
            (b"hello there", Content::Unknown),
            (b"\x89PNG\r\n\x1a\n\0\0", Content::Picture(Format::Png)),
            (b"BM\x46\0\0\0\0\0\0\0\x36", Content::Picture(Format::Bmp)),
            (b"BMW is a car", Content::Unknown),
            (heic, Content::Foreign("a HEIC picture")),
            (avif, Content::Foreign("an AVIF picture")),
            (b"\0\0\0\x18ftypmp42\0\0\0\0isom", Content::Foreign("a video")),
            (&krita, Content::Foreign("a Krita document")),
            (b"8BPS\0\x01", Content::Foreign("a Photoshop document")),
            (b"<?xml version=\"1.0\"?>\n<svg>", Content::Foreign("an SVG drawing")),
            (b"\xff\x0a\xfa", Content::Foreign("a JPEG XL picture")),
            (b"\x40\0\0\0\0\0\0\0{\"a\"", Content::Tensors),
            (b"PK\x03\x04\0\0", Content::Tensors),
        ];
        for (start, expected) in cases {
            assert_eq!(recognise(start, "x.png"), expected, "{:?}", String::from_utf8_lossy(start));
        }
    }

    #[test]
    fn a_camera_raw_file_is_not_taken_for_its_thumbnail() {
        assert_eq!(recognise(b"II*\0\x08\0\0\0", "DSC_1.NEF"), Content::Foreign("a camera raw file"));
        assert_eq!(recognise(b"II*\0\x10\0\0\0CR\x02\0", "a.tif"), Content::Foreign("a camera raw file"));
        assert_eq!(recognise(b"II*\0\x08\0\0\0", "scan.TIF"), Content::Picture(Format::Tiff));
    }

    #[test]
    fn every_ending_stands_in_both_cases() {
        for ending in READABLE_ENDINGS {
            assert!(READABLE_ENDINGS.contains(&ending.to_uppercase().as_str()), "{ending}");
            assert!(READABLE_ENDINGS.contains(&ending.to_lowercase().as_str()), "{ending}");
        }
    }
}
