//! Any bytes as EXIF data, in the blocks of a JPEG, a PNG and a WebP file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use underpaint::picture::settings_text;

fuzz_target!(|bytes: &[u8]| {
    let word = b"Exif\0\0";
    if let Ok(length) = u16::try_from(bytes.len() + word.len() + 2) {
        let jpeg = [&b"\xff\xd8\xff\xe1"[..], &length.to_be_bytes(), word, bytes, b"\xff\xd9"].concat();
        let _ = settings_text(&jpeg);
    }
    let length = bytes.len() as u32;
    let png = [&b"\x89PNG\r\n\x1a\n"[..], &length.to_be_bytes(), b"eXIf", bytes, &[0; 4]].concat();
    let _ = settings_text(&png);
    let webp = [&b"RIFF\0\0\0\0WEBPEXIF"[..], &length.to_le_bytes(), bytes].concat();
    let _ = settings_text(&webp);
});
