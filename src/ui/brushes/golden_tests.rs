//! What each brush of the program paints, compared with pictures in `tests/fixtures/brushes`.
//!
//! Run with `UPDATE_BRUSHES=1` to write the pictures after changing a brush on purpose, and look at them.

use std::path::Path;

use super::preset::PresetList;
use crate::paint::{
    Brush, BrushAction, Canvas, Composition, LayerStack, Mixing, PenSample, Rgb, Size, Stroke, Surface,
};

const PAPER: Rgb = Rgb([245, 240, 230]);
use crate::picture::{encode_png, open, write_atomically};

/// A stroke with changing pressure, tilt and speed over a black bar, as long as a hand would take for it.
fn painted(brush: &Brush) -> image::RgbImage {
    let mut surface = Surface::filled(Size::new(160, 120).expect("a size"), PAPER);
    let bar = Brush { size: 30.0, hardness: 1.0, ..Brush::default() };
    let ink = Mixing::Paint(Rgb([30, 40, 60]));
    let mut stroke = Stroke::begin(bar, ink, &mut surface, PenSample::mouse(50.0, 15.0, 0.0));
    stroke.move_to(&mut surface, PenSample::mouse(50.0, 105.0, 0.0));
    let erases = brush.action == BrushAction::Erase;
    let mixing = if erases { Mixing::Erase } else { Mixing::Paint(Rgb([200, 60, 40])) };
    let brush = Brush { size: brush.size.min(36.0), ..brush.clone() };
    let sample = |i: u16| {
        let t = f32::from(i) / 30.0;
        let at = (20.0 + 120.0 * t, 60.0 + 60.0 * (2.0 * t - 1.0) * (t - 1.0) * t * 5.0);
        PenSample { pressure: 1.0 - t * 0.8, tilt: (0.6 * t, 0.3), ..PenSample::mouse(at.0, at.1, f64::from(i) / 60.0) }
    };
    let mut stroke = Stroke::begin(brush, mixing, &mut surface, sample(0));
    (1..=30).for_each(|i| {
        stroke.move_to(&mut surface, sample(i));
    });
    stroke.lift(&mut surface);
    let layers = LayerStack::of_surface("a", surface);
    let canvas = Canvas::composed(&layers, PAPER, Composition::Picture);
    image::RgbImage::from_raw(160, 120, canvas.to_rgb()).expect("as large as the canvas")
}

#[test]
fn every_brush_paints_its_picture() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/brushes");
    for preset in PresetList::default().all() {
        let path = folder.join(format!("{}.png", preset.name.to_lowercase().replace(' ', "-")));
        let picture = painted(&preset.brush);
        if std::env::var_os("UPDATE_BRUSHES").is_some() {
            std::fs::create_dir_all(&folder).expect("folder");
            write_atomically(&path, &encode_png(&picture, None).expect("encodes")).expect("writes");
        }
        assert!(open(&path).expect("a picture") == picture, "{} paints otherwise than {}", preset.name, path.display());
    }
}
