//! The example sketch: a rough green apple, painted with this program's own paint engine.

use crate::paint::{Brush, Canvas, Composition, LayerStack, Mixing, PenSample, Rgb, Size, Stroke, Surface};

/// Paints the example sketch, 512 by 512 pixels.
pub fn example_sketch() -> Canvas {
    let mut surface = Surface::filled(Size::DEFAULT, Rgb::WHITE);
    let green = Rgb([112, 176, 52]);
    // The body: a thick line led once around, wavering as a hand does, then the middle.
    let around = |radius: f32, from: f32, to: f32| -> Vec<(f32, f32)> {
        (0..=24)
            .map(|i| {
                let angle = from + (to - from) * i as f32 / 24.0;
                let r = radius * (1.0 + 0.04 * (3.0 * angle).sin());
                (258.0 + r * angle.cos(), 310.0 + 0.94 * r * angle.sin())
            })
            .collect()
    };
    stroke(&mut surface, green, 130.0, &around(84.0, -1.2, 4.3));
    stroke(&mut surface, green, 160.0, &[(256.0, 300.0), (256.0, 330.0)]);
    // A little darker below, a light spot above.
    stroke(&mut surface, Rgb([84, 140, 40]), 40.0, &around(118.0, 0.5, 2.5));
    stroke(&mut surface, Rgb([176, 216, 110]), 44.0, &[(186.0, 262.0), (178.0, 290.0)]);
    // The stem and a leaf.
    stroke(&mut surface, Rgb([101, 67, 33]), 15.0, &[(258.0, 222.0), (262.0, 176.0), (278.0, 138.0)]);
    stroke(&mut surface, Rgb([70, 130, 40]), 34.0, &[(284.0, 176.0), (318.0, 152.0), (346.0, 148.0)]);
    Canvas::composed(&LayerStack::of_surface("Example sketch", surface), Rgb::WHITE, Composition::Picture)
}

fn stroke(surface: &mut Surface, color: Rgb, size: f32, path: &[(f32, f32)]) {
    let brush = Brush { size, hardness: 0.85, ..Brush::default() };
    let Some(&(x, y)) = path.first() else { return };
    let mut stroke = Stroke::begin(brush, Mixing::Paint(color), surface, PenSample::mouse(x, y, 0.0));
    for &(x, y) in &path[1..] {
        stroke.move_to(surface, PenSample::mouse(x, y, 0.0));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::picture::{encode_png, open, write_atomically};

    /// Run with `UPDATE_EXAMPLE=1` to write the file anew after changing the sketch.
    #[test]
    fn the_shipped_file_is_what_the_paint_engine_paints() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/example.png");
        let picture = image::RgbImage::from_raw(512, 512, example_sketch().to_rgb()).expect("512 by 512");
        if std::env::var_os("UPDATE_EXAMPLE").is_some() {
            write_atomically(&path, &encode_png(&picture, None).expect("encodes")).expect("writes");
        }
        assert!(open(&path).expect("assets/example.png") == picture);
    }
}
