//! The pixels of a tile as they lie in the file: RGB bytes of the canvas or RGBA bytes of a layer, deflated.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// Deflates the bytes of a tile. The fastest level: a tile is written many times and read once.
pub(super) fn deflate(rgb: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(1024), Compression::fast());
    // Writing to memory cannot fail; should it, the tile is found to be damaged when it is read.
    encoder.write_all(rgb).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// Inflates a tile; `None` unless it has exactly this many bytes.
pub(super) fn inflate(deflated: &[u8], bytes: usize) -> Option<Vec<u8>> {
    let mut rgb = Vec::with_capacity(bytes);
    ZlibDecoder::new(deflated).take(bytes as u64 + 1).read_to_end(&mut rgb).ok()?;
    (rgb.len() == bytes).then_some(rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_comes_back_the_same_and_rubbish_does_not() {
        let rgb: Vec<u8> = (0..64 * 64 * 3).map(|i| (i * i / 7) as u8).collect();
        let deflated = deflate(&rgb);
        assert_eq!(inflate(&deflated, rgb.len()).as_ref(), Some(&rgb));
        assert_eq!(inflate(&deflated, rgb.len() - 1), None);
        assert_eq!(inflate(&deflated, rgb.len() + 1), None);
        assert_eq!(inflate(&deflated[..deflated.len() / 2], rgb.len()), None);
        assert_eq!(inflate(b"no zlib", 9), None);
        assert!(deflate(&[255; 64 * 64 * 3]).len() < 100, "an empty tile is small");
    }
}
