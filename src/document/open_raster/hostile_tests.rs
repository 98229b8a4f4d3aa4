//! Files that are damaged, foreign or made to do harm: each gives one sentence.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use image::{Rgba, RgbaImage};

use super::tests::{archive, opened, png, written};
use super::*;
use crate::paint::{LayerStack, Rgb, Size, Surface};

const TYPE: (&str, &[u8]) = ("mimetype", b"image/openraster");

fn reason(bytes: &[u8]) -> String {
    read(Cursor::new(bytes), "x.ora").expect_err("refused").to_string()
}

/// A file with this list of layers and these other files.
fn with(stack: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    archive(&[&[TYPE, ("stack.xml", stack.as_bytes())], more].concat())
}

/// A file with one layer of this source.
fn one(source: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    with(&format!("<image w='8' h='8'><stack><layer src='{source}'/></stack></image>"), more)
}

/// An archive of one file more, compressed, which says that it has this length.
fn deflated(name: &str, bytes: impl Iterator<Item = Vec<u8>>, length: u32) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    bytes.for_each(|piece| encoder.write_all(&piece).expect("compresses"));
    let compressed = encoder.finish().expect("compresses");
    // One file with its method and length changed in both places where the archive has them.
    let mut zip = archive(&[TYPE, (name, &compressed)]);
    let places: Vec<usize> = (0..zip.len() - name.len()).filter(|at| zip[*at..].starts_with(name.as_bytes())).collect();
    let [local, central] = places[..] else { panic!("the name stands twice") };
    zip[local - 30 + 8] = 8;
    zip[central - 46 + 10] = 8;
    zip[local - 30 + 22..local - 30 + 26].copy_from_slice(&length.to_le_bytes());
    zip[central - 46 + 24..central - 46 + 28].copy_from_slice(&length.to_le_bytes());
    zip
}

#[test]
fn what_is_no_open_raster_file_is_refused() {
    for (bytes, expected) in [
        (Vec::new(), "not a whole ZIP archive"),
        (b"PK\x03\x04".to_vec(), "not a whole ZIP archive"),
        (vec![b'x'; 100_000], "not a whole ZIP archive"),
        (archive(&[]), "not an OpenRaster picture"),
        (archive(&[("mimetype", b"application/x-krita")]), "not an OpenRaster picture"),
        (archive(&[TYPE]), "“stack.xml” is missing"),
        (archive(&[TYPE, ("stack.xml", b"\0\x01")]), "(stack.xml)"),
    ] {
        let text = reason(&bytes);
        assert!(text.starts_with("x.ora could not be opened") && text.contains(expected), "{text}");
    }
}

#[test]
fn sources_that_are_missing_damaged_or_outside_are_refused() {
    let half = png(&RgbaImage::from_pixel(64, 64, Rgba([1, 2, 3, 4])));
    let half = &half[..half.len() / 2];
    for (source, file, expected) in [
        ("data/a.png", ("data/b.png", half), "“data/a.png” is missing"),
        ("", ("data/b.png", half), "“” is missing"),
        ("../../etc/passwd", ("../../etc/passwd", half), "outside of the archive"),
        ("data/..\\a.png", ("data/..\\a.png", half), "outside of the archive"),
        ("/etc/hostname", ("data/a.png", half), "“/etc/hostname” is missing"),
        ("data/a.png", ("data/a.png", half), "data/a.png could not be opened as a PNG picture"),
        ("data/a.png", ("data/a.png", b"GIF"), "data/a.png could not be opened"),
        ("data/a.png", ("data/a.png", b""), "data/a.png could not be opened"),
    ] {
        let text = reason(&one(source, &[file]));
        assert!(text.contains(expected), "{source}: {text}");
    }
}

#[test]
fn sizes_that_no_canvas_can_have_are_refused() {
    for (w, h, expected) in [(0, 8, "at least one pixel"), (4097, 8, "4096"), (u64::MAX, u64::MAX, "4096")] {
        let text = reason(&with(&format!("<image w='{w}' h='{h}'><stack/></image>"), &[]));
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn bombs_are_refused_before_they_take_memory() {
    // A list of layers that unpacks to far more than it may have.
    let spaces = || (0..40).map(|_| vec![b' '; 1 << 20]);
    let text = reason(&deflated("stack.xml", spaces(), 10));
    assert!(text.contains("“stack.xml” in it has more than 16 MB"), "{text}");
    // One that says another length than it has.
    let xml = || std::iter::once(b"<image w='8' h='8'><stack/></image>".to_vec());
    let text = reason(&deflated("stack.xml", xml(), 10));
    assert!(text.contains("“stack.xml” in it is damaged"), "{text}");
    // A picture whose header says that it has 30 000 by 30 000 pixels.
    let mut huge = png(&RgbaImage::new(1, 1));
    huge[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let text = reason(&one("data/a.png", &[("data/a.png", &huge)]));
    assert!(text.contains("could not be opened"), "{text}");
    // Many layers that all lie beside the canvas, and would be decoded for nothing.
    let layers: String = (0..900).map(|x| format!("<layer src='data/a.png' x='{}'/>", x + 100)).collect();
    let stack = format!("<image w='8' h='8'><stack>{layers}</stack></image>");
    let mut wide = png(&RgbaImage::new(1, 1));
    wide[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 1, 0, 0]);
    let text = reason(&with(&stack, &[("data/a.png", &wide)]));
    assert!(text.contains("could not be opened"), "{text}");
}

#[test]
fn an_archive_of_very_many_files_is_refused() {
    let mut bytes = archive(&[TYPE]);
    let end = bytes.len() - 22;
    bytes[end + 10..end + 12].copy_from_slice(&60_000u16.to_le_bytes());
    assert!(reason(&bytes).contains("more than 10000 files"), "{}", reason(&bytes));
    let mut bytes = archive(&[TYPE]);
    bytes[end + 16..end + 20].copy_from_slice(&[255; 4]);
    assert!(reason(&bytes).contains("more than 10000 files"), "{}", reason(&bytes));
}

#[test]
fn groups_that_lie_too_deep_are_refused() {
    let nested = |depth: usize| {
        let (open, close) = ("<stack name='g' isolation='isolate'>".repeat(depth), "</stack>".repeat(depth));
        with(&format!("<image w='8' h='8'><stack>{open}{close}</stack></image>"), &[])
    };
    assert_eq!(opened(&nested(LayerStack::MAX_DEPTH)).lines().len(), LayerStack::MAX_DEPTH);
    for depth in [LayerStack::MAX_DEPTH + 1, 60, 70, 1000] {
        assert!(reason(&nested(depth)).contains("groups can lie inside each other"), "{depth}");
    }
}

/// Whatever is cut off, changed or put in: a picture or one sentence, and never a panic.
#[test]
fn damaged_files_give_a_picture_or_a_sentence() {
    let size = Size::new(40, 30).expect("a size");
    let layers = LayerStack::over_picture("photo", Surface::filled(size, Rgb([200, 100, 50])));
    let good = written(&OpenRaster { layers, paper: Some(Rgb::WHITE), notes: Vec::new() });
    let check = |bytes: &[u8]| {
        if let Err(error) = read(Cursor::new(bytes), "x.ora") {
            let text = error.to_string();
            assert!(text.starts_with("x.ora could not be opened") && !text.contains('\n'), "{text}");
        }
    };
    for length in (0..good.len()).step_by(7) {
        check(&good[..length]);
    }
    let mut numbers = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..1500 {
        let mut bytes = good.clone();
        for _ in 0..3 {
            numbers ^= numbers << 13;
            numbers ^= numbers >> 7;
            numbers ^= numbers << 17;
            let at = (numbers % bytes.len() as u64) as usize;
            bytes[at] = (numbers >> 32) as u8;
        }
        check(&bytes);
    }
}
