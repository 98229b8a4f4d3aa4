//! Layers in files of other programs, and pictures that become layers.

use std::path::Path;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use image::{Rgba, RgbaImage};
use underpaint::document::open_raster;
use underpaint::paint::{LayerId, Rgb};
use underpaint::picture::encode_png_with_alpha;
use underpaint::ui::{App, CanvasCommand, FileCommand, LayerCommand, LayerFileCommand};

use crate::harness::{canvas_size, click_canvas, perform, pixels, wait, window};

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The names of all layers, from bottom to top.
fn names(app: &App) -> Vec<String> {
    app.document().layers().all().map(|layer| layer.properties.name.clone()).collect()
}

fn picture(path: &Path, color: [u8; 4]) {
    let picture = RgbaImage::from_pixel(100, 50, Rgba(color));
    std::fs::write(path, encode_png_with_alpha(&picture).expect("encodes")).expect("writes");
}

fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(2);
}

#[test]
fn an_open_raster_file_is_opened_as_layers_saved_and_opened_again() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    click_canvas(&mut harness, 60.0, 60.0);
    let before = pixels(harness.state());
    perform(&mut harness, FileCommand::Open(fixture("groups.ora")));
    wait(&mut harness, "opening", |app| app.status().starts_with("groups.ora is open, with 6 layers."));
    assert_eq!(canvas_size(harness.state()), (40, 40));
    let layers = names(harness.state());
    assert_eq!(layers, ["below", "isolated", "base", "screen", "clipped", "base", "atop", "hidden"]);
    let opened = pixels(harness.state());

    let saved = folder.path().join("mine.ora");
    perform(&mut harness, LayerFileCommand::Save(saved.clone()));
    wait(&mut harness, "saving", |app| app.status().contains("mine.ora"));
    let read = open_raster::open(&saved).expect("opens");
    assert!(read.layers.is_like(harness.state().document().layers()) && read.paper == Some(Rgb::WHITE));
    assert_eq!(image::DynamicImage::ImageRgba8(read.flattened()).into_rgb8().into_raw(), opened);

    perform(&mut harness, CanvasCommand::Undo);
    assert!(pixels(harness.state()) == before, "one undo brings the old canvas back");
    perform(&mut harness, FileCommand::Open(saved));
    wait(&mut harness, "opening", |app| app.status().starts_with("mine.ora is open"));
    assert!(names(harness.state()) == layers && pixels(harness.state()) == opened);
}

#[test]
fn a_damaged_file_is_told_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let mut harness = window(folder.path());
    click_canvas(&mut harness, 60.0, 60.0);
    let before = pixels(harness.state());
    let broken = folder.path().join("broken.ora");
    let bytes = std::fs::read(fixture("groups.ora")).expect("reads");
    std::fs::write(&broken, &bytes[..bytes.len() / 2]).expect("writes");
    perform(&mut harness, FileCommand::Open(broken));
    wait(&mut harness, "the refusal", |app| app.status().contains("broken.ora could not be opened"));
    assert!(pixels(harness.state()) == before);
    perform(&mut harness, LayerFileCommand::Save("/no/such/folder/a.ora".into()));
    wait(&mut harness, "the refusal", |app| app.status().contains("could not be written"));
}

#[test]
fn several_pictures_become_layers_with_their_alpha() {
    let folder = tempfile::tempdir().expect("folder");
    let (red, blue) = (folder.path().join("red.png"), folder.path().join("blue.png"));
    picture(&red, [200, 0, 0, 255]);
    picture(&blue, [0, 0, 200, 128]);
    let mut harness = window(folder.path());
    perform(&mut harness, LayerFileCommand::Add(vec![red, blue]));
    wait(&mut harness, "both layers", |app| names(app) == ["Layer 1", "red", "blue"]);
    assert!(harness.state().status().starts_with("blue is a layer now."), "{}", harness.state().status());
    let document = harness.state().document();
    let pixel = |name: &str| {
        let layer = document.layers().all().find(|layer| layer.properties.name == name).expect("is there");
        layer.surface().and_then(|surface| surface.pixel(128, 128))
    };
    assert_eq!((pixel("red"), pixel("blue")), (Some([200, 0, 0, 255]), Some([0, 0, 200, 128])));
    assert_eq!(document.canvas().color_at(10, 10), Some(Rgb::WHITE), "they lie in the middle, in their own size");
    perform(&mut harness, CanvasCommand::Undo);
    assert_eq!(names(harness.state()), ["Layer 1", "red"]);
    perform(&mut harness, LayerFileCommand::Add(vec![fixture("groups.ora"), "/no/such.png".into()]));
    wait(&mut harness, "the refusal", |app| app.status().contains("/no/such.png"));
    assert_eq!(names(harness.state()), ["Layer 1", "red", "groups"], "an OpenRaster file is one layer");
}

#[test]
fn an_opened_picture_can_become_a_layer_instead() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("half.png");
    picture(&path, [0, 200, 0, 128]);
    let mut harness = window(folder.path());
    perform(&mut harness, LayerCommand::Add);
    click_canvas(&mut harness, 10.0, 10.0);
    let before = pixels(harness.state());
    perform(&mut harness, FileCommand::Open(path));
    wait(&mut harness, "opening", |app| app.status().contains("half.png is on the canvas"));
    assert_eq!(names(harness.state()), ["Picture"]);
    click(&mut harness, "Add as layer");
    wait(&mut harness, "the layer", |app| names(app) == ["Layer 1", "Layer 2", "half"]);
    let layers = harness.state().document().layers().clone();
    let surface = layers.get(layers.current()).and_then(|layer| layer.surface()).expect("pixels");
    assert_eq!(surface.pixel(128, 128), Some([0, 200, 0, 128]), "with its alpha");
    assert!(harness.query_by_label("Add as layer").is_none(), "the bar is gone");
    assert!(layers.get(LayerId(1)).is_some(), "the old layers are there");
    perform(&mut harness, CanvasCommand::Undo);
    assert!(pixels(harness.state()) == before);
}
