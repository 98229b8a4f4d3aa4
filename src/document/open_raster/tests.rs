//! Layers through a file and back, and files as other programs write them.

use std::io::{Cursor, Write};

use image::{ImageFormat, Rgba, RgbaImage};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::paint::{BlendMode, Layer, LayerContent, LayerId, LayerProperties, LayerStack, Rgb, Size, Surface};

/// An archive of these files, uncompressed.
pub(super) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(*name, options).expect("starts");
        zip.write_all(bytes).expect("writes");
    }
    zip.finish().expect("finishes").into_inner()
}

pub(super) fn png(picture: &RgbaImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).expect("encodes");
    bytes.into_inner()
}

/// A picture of one colour.
fn plain(width: u32, height: u32, color: [u8; 4]) -> Vec<u8> {
    png(&RgbaImage::from_pixel(width, height, Rgba(color)))
}

/// An OpenRaster file with this list of layers in an image of 8 by 8 pixels, and pictures `red.png` (4 by 4, opaque) and
/// `blue.png` (8 by 8, half transparent).
fn file(stack: &str) -> Vec<u8> {
    let xml = format!("<?xml version='1.0' encoding='UTF-8'?><image w='8' h='8'>{stack}</image>");
    archive(&[
        ("mimetype", b"image/openraster"),
        ("stack.xml", xml.as_bytes()),
        ("data/red.png", &plain(4, 4, [255, 0, 0, 255])),
        ("data/blue.png", &plain(8, 8, [0, 0, 255, 128])),
        ("data/white.png", &plain(8, 8, [255; 4])),
    ])
}

pub(super) fn opened(bytes: &[u8]) -> OpenRaster {
    read(Cursor::new(bytes), "x.ora").expect("opens")
}

pub(super) fn written(picture: &OpenRaster) -> Vec<u8> {
    encode::encode(picture).expect("encodes")
}

fn names(layers: &[Layer]) -> Vec<&str> {
    layers.iter().map(|layer| layer.properties.name.as_str()).collect()
}

#[test]
fn attributes_places_and_groups_are_read_from_top_to_bottom() {
    let bytes = file(
        "<stack><layer name='top' src='data/red.png' x='6' y='-2' opacity='0.5' composite-op='svg:multiply'/>\
         <stack name='a group' x='1' y='1' isolation='isolate' visibility='hidden' edit-locked='true'>\
         <layer name='in' src='data/red.png' x='2' selected='true'/></stack>\
         <layer src='data/blue.png' composite-op='svg:src-over' underpaint:alpha-locked='true'/></stack>",
    );
    let OpenRaster { layers, paper, notes } = opened(&bytes);
    assert_eq!((names(layers.layers()), paper, notes.len()), (vec!["Layer 1", "a group", "top"], None, 0));
    let [lowest, group, top] = layers.layers() else { panic!("three layers") };
    assert!(lowest.properties.alpha_locked && !lowest.properties.locked);
    assert!(group.is_group() && !group.properties.visible && group.properties.locked);
    assert_eq!((top.properties.opacity, top.properties.blend), (0.5, BlendMode::Multiply));
    let pixel = |layer: &Layer, x, y| layer.surface().and_then(|surface| surface.pixel(x, y));
    assert_eq!(
        (pixel(top, 6, 1), pixel(top, 5, 1), pixel(top, 6, 2)),
        (Some([255, 0, 0, 255]), Some([0; 4]), Some([0; 4]))
    );
    let inside = &group.children()[0];
    assert_eq!(
        (pixel(inside, 3, 1), pixel(inside, 2, 1), pixel(inside, 3, 0)),
        (Some([255, 0, 0, 255]), Some([0; 4]), Some([0; 4]))
    );
    assert_eq!(layers.current(), inside.id);
}

#[test]
fn a_layer_that_is_drawn_atop_is_clipped_to_what_lies_below() {
    let atop = "<layer name='atop' src='data/red.png' composite-op='svg:src-atop'/>";
    let one = opened(&file(&format!("<stack>{atop}<layer name='base' src='data/blue.png'/></stack>")));
    assert_eq!(names(one.layers.layers()), ["base", "atop"]);
    assert!(one.layers.layers()[1].properties.clipped);
    assert_eq!(one.flattened().get_pixel(1, 1).0, [255, 0, 0, 128], "red with the alpha of blue");
    let two = format!("<stack>{atop}<layer src='data/red.png' x='3'/><layer src='data/blue.png'/></stack>");
    let two = opened(&file(&two));
    assert_eq!(names(two.layers.layers()), ["Group", "atop"]);
    assert_eq!(two.flattened().get_pixel(1, 1).0, [255, 0, 0, 128]);
    // Over something opaque it is drawn as any other.
    let opaque =
        opened(&file(&format!("<stack>{atop}<layer src='data/red.png' x='3'/><layer src='data/white.png'/></stack>")));
    assert_eq!(opaque.layers.layers().len(), 3);
    assert!(opaque.layers.layers().iter().all(|layer| !layer.properties.clipped));
    let both = "<layer name='both' src='data/red.png' composite-op='svg:screen' alpha-preserve='true'/>";
    let both = opened(&file(&format!("<stack>{both}<layer name='base' src='data/blue.png'/></stack>")));
    let of = &both.layers.layers()[1].properties;
    assert_eq!((of.clipped, of.blend), (true, BlendMode::Screen));
}

#[test]
fn a_group_that_lets_its_layers_blend_is_taken_apart_and_any_other_kept() {
    let group = |attributes: &str, op: &str| {
        let stack = format!(
            "<stack><stack name='g' {attributes}><layer name='in' src='data/red.png' composite-op='{op}'/></stack>\
             <layer name='base' src='data/blue.png'/></stack>"
        );
        opened(&file(&stack))
    };
    let apart = group("visibility='hidden' edit-locked='true'", "svg:multiply");
    assert_eq!(names(apart.layers.layers()), ["base", "in"]);
    let of = &apart.layers.layers()[1].properties;
    assert!(!of.visible && of.locked);
    assert_eq!(apart.notes, ["The group “g” let its layers blend with those below it; it was taken apart."]);
    for (attributes, op) in [
        ("isolation='isolate'", "svg:multiply"),
        ("isolation='auto'", "svg:src-over"),
        ("isolation='auto' opacity='0.5'", "svg:multiply"),
        ("composite-op='svg:screen'", "svg:multiply"),
    ] {
        let kept = group(attributes, op);
        assert_eq!((names(kept.layers.layers()), kept.notes.len()), (vec!["base", "g"], 0), "{attributes} {op}");
    }
}

#[test]
fn what_cannot_be_kept_is_said() {
    let bytes = file(
        "<stack><text>hello</text><filter type='x'/><layer name='logo' src='data/a.SVG'/>\
         <layer name='glow' src='data/red.png' composite-op='svg:plus'/></stack>",
    );
    let picture = opened(&bytes);
    assert_eq!(names(picture.layers.layers()), ["glow"]);
    assert_eq!(picture.notes.len(), 4, "{:?}", picture.notes);
    assert!(picture.notes[3].contains("“svg:plus”") && picture.notes[2].contains("“logo”"), "{:?}", picture.notes);
    let empty = opened(&file("<stack/>"));
    assert!(empty.layers.is_blank() && names(empty.layers.layers()) == ["Layer 1"]);
}

#[test]
fn files_that_others_compressed_are_read() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("deflated.ora");
    std::fs::write(&path, include_bytes!("../../../tests/fixtures/deflated.ora")).expect("writes");
    assert!(is_open_raster(&path));
    let picture = open(&path).expect("opens");
    assert_eq!(picture.size(), (48, 32));
}

/// Rendered by pyora 0.3.11 with floating-point numbers, from files that it wrote: `comparison/open_raster.py make`.
#[test]
fn compositions_are_those_of_another_program() {
    let files: [(&str, &[u8]); 2] = [
        ("modes.ora", include_bytes!("../../../tests/fixtures/modes.ora")),
        ("groups.ora", include_bytes!("../../../tests/fixtures/groups.ora")),
    ];
    for (name, bytes) in files {
        let picture = opened(bytes);
        assert_eq!(picture.notes, Vec::<String>::new(), "{name}");
        let ours = picture.flattened();
        let merged = archive::Archive::open(Cursor::new(bytes)).expect("opens").read("mergedimage.png", 1 << 20);
        let theirs = crate::picture::read_with_alpha(&merged.expect("is there"), "merged").expect("a picture");
        assert_eq!(ours.dimensions(), theirs.dimensions());
        let far = |(one, two): (&Rgba<u8>, &Rgba<u8>)| {
            // Colours count by their alpha.
            let weighted = |p: &Rgba<u8>, i: usize| u32::from(p.0[i]) * u32::from(p.0[3]) / 255;
            let colors = (0..3).map(|i| weighted(one, i).abs_diff(weighted(two, i)));
            colors.chain([u32::from(one.0[3].abs_diff(two.0[3]))]).max()
        };
        let worst = ours.pixels().zip(theirs.pixels()).filter_map(far).max();
        assert!(worst.is_some_and(|worst| worst <= 2), "{name}: {worst:?}");
    }
}

/// Three layers, of which the middle one is a group with a clipped layer.
fn stack() -> LayerStack {
    let size = Size::new(130, 70).expect("a size");
    let dab = |x, color| Surface::with_picture(size, (x, 5), 30, &vec![color; 30 * 20]);
    let named = LayerProperties::named;
    let pixels =
        |id, properties, surface| Layer { id: LayerId(id), properties, content: LayerContent::Pixels(surface) };
    let clipped = LayerProperties { clipped: true, blend: BlendMode::Overlay, ..named("clipped") };
    let inside = vec![
        pixels(3, LayerProperties { opacity: 0.25, ..named("base") }, dab(40, [10, 200, 30, 77])),
        pixels(4, clipped, dab(50, [200, 20, 30, 255])),
        pixels(5, LayerProperties { clipped: true, ..named("clipped too") }, dab(60, [0, 0, 255, 255])),
    ];
    let group = LayerProperties { blend: BlendMode::Multiply, locked: true, ..named("a <group> & \"more\"") };
    let group = Layer { id: LayerId(2), properties: group, content: LayerContent::Group(inside) };
    let reference = LayerProperties { reference: true, ..named("photo") };
    let layers = vec![
        pixels(1, named("Layer 1"), dab(20, [255, 255, 0, 255])),
        group,
        pixels(6, reference, dab(0, [9, 9, 9, 255])),
    ];
    LayerStack::from_layers(size, layers, LayerId(4)).expect("layers")
}

#[test]
fn a_saved_file_holds_the_same_layers_and_the_picture_without_references() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("apple.ora");
    let before = OpenRaster { layers: stack(), paper: Some(Rgb([250, 240, 230])), notes: Vec::new() };
    save(&path, &before).expect("saves");
    let after = open(&path).expect("opens");
    assert!(after.layers.is_like(&before.layers), "{:?}", after.lines());
    assert_eq!((after.paper, after.notes.len()), (before.paper, 0));
    let current =
        |picture: &OpenRaster| picture.layers.get(picture.layers.current()).map(|layer| layer.properties.name.clone());
    assert_eq!(current(&after), current(&before));
    let bytes = std::fs::read(&path).expect("reads");
    assert!(bytes[30..].starts_with(b"mimetypeimage/openraster"), "stored, and the first file");
    let mut archive = archive::Archive::open(Cursor::new(&bytes)).expect("opens");
    let merged = archive.read("mergedimage.png", 1 << 20).expect("is there");
    let merged = crate::picture::read_with_alpha(&merged, "merged").expect("a picture");
    assert_eq!(merged, before.flattened());
    assert_eq!(merged.get_pixel(2, 8).0, [250, 240, 230, 255], "the reference layer is not in it");
    let thumbnail = archive.read("Thumbnails/thumbnail.png", 1 << 20).expect("is there");
    assert_eq!(crate::picture::read_with_alpha(&thumbnail, "t").expect("a picture").dimensions(), (130, 70));
    assert_eq!(written(&before), written(&before), "the same layers give the same bytes");
}

#[test]
fn a_large_picture_gets_a_small_thumbnail() {
    let size = Size::new(1000, 300).expect("a size");
    let layers = LayerStack::of_surface("blue", Surface::filled(size, Rgb([0, 0, 255])));
    let bytes = written(&OpenRaster { layers, paper: None, notes: Vec::new() });
    let mut archive = archive::Archive::open(Cursor::new(&bytes)).expect("opens");
    let thumbnail = archive.read("Thumbnails/thumbnail.png", 1 << 20).expect("is there");
    let thumbnail = crate::picture::read_with_alpha(&thumbnail, "t").expect("a picture");
    assert_eq!((thumbnail.dimensions(), thumbnail.get_pixel(5, 5).0), ((256, 76), [0, 0, 255, 255]));
}

#[test]
fn paper_that_another_program_painted_on_is_a_layer() {
    let before = OpenRaster { layers: stack(), paper: Some(Rgb::WHITE), notes: Vec::new() };
    let bytes = written(&before);
    let mut archive = archive::Archive::open(Cursor::new(&bytes)).expect("opens");
    let xml = archive.read("stack.xml", 1 << 20).expect("is there");
    let layers = xml.windows(6).filter(|word| word == b"<layer").count();
    let mut files = vec![("mimetype".to_owned(), b"image/openraster".to_vec()), ("stack.xml".to_owned(), xml)];
    for number in 0..layers {
        let name = format!("data/layer{number:03}.png");
        // The paper's layer is the last one.
        let dotted = || {
            let mut paper = RgbaImage::from_pixel(130, 70, Rgba([255; 4]));
            paper.put_pixel(9, 9, Rgba([0, 0, 0, 255]));
            png(&paper)
        };
        let bytes = if number + 1 == layers { dotted() } else { archive.read(&name, 1 << 20).expect("is there") };
        files.push((name, bytes));
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let after = opened(&super::tests::archive(&files));
    assert_eq!((after.paper, after.layers.layers().len()), (None, before.layers.layers().len() + 1));
    assert_eq!(names(after.layers.layers())[0], "Paper");
}

#[test]
fn the_list_of_layers_says_what_there_is() {
    let picture = OpenRaster { layers: stack(), paper: None, notes: Vec::new() };
    let lines: Vec<String> = picture.lines().iter().map(LayerLine::text).collect();
    assert_eq!(
        lines,
        [
            "photo (reference)",
            "a <group> & \"more\" (group, multiply, locked)",
            "  clipped too (clipped)",
            "  clipped (overlay, clipped)",
            "  base (25 %)",
            "Layer 1",
        ]
    );
}

#[test]
fn saving_fails_with_a_sentence_and_leaves_the_old_file() {
    let picture = OpenRaster { layers: stack(), paper: None, notes: Vec::new() };
    let text = save(Path::new("/no/such/folder/a.ora"), &picture).expect_err("no folder").to_string();
    assert_eq!(text, "/no/such/folder/a.ora could not be written: it does not exist.");
}
