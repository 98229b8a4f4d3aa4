//! The example sketch: a rough green apple, painted with this program's own paint engine.

use crate::paint::{Brush, Painting, Rgb};

/// Paints it afresh, 512 by 512.
pub fn example_sketch() -> Painting {
    let mut painting = Painting::new(512, 512, Rgb::WHITE);
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
    stroke(&mut painting, green, 130.0, &around(84.0, -1.2, 4.3));
    stroke(&mut painting, green, 160.0, &[(256.0, 300.0), (256.0, 330.0)]);
    // A little darker below, a light spot above.
    stroke(&mut painting, Rgb([84, 140, 40]), 40.0, &around(118.0, 0.5, 2.5));
    stroke(&mut painting, Rgb([176, 216, 110]), 44.0, &[(186.0, 262.0), (178.0, 290.0)]);
    // The stem and a leaf.
    stroke(&mut painting, Rgb([101, 67, 33]), 15.0, &[(258.0, 222.0), (262.0, 176.0), (278.0, 138.0)]);
    stroke(&mut painting, Rgb([70, 130, 40]), 34.0, &[(284.0, 176.0), (318.0, 152.0), (346.0, 148.0)]);
    painting
}

fn stroke(painting: &mut Painting, color: Rgb, size: f32, path: &[(f32, f32)]) {
    let brush = Brush { size, opacity: 1.0, hardness: 0.85, color };
    let Some(&(x, y)) = path.first() else { return };
    painting.begin_stroke(brush, x, y);
    for &(x, y) in &path[1..] {
        painting.stroke_to(x, y);
    }
    painting.end_stroke();
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
        let painting = example_sketch();
        let picture = image::RgbImage::from_raw(512, 512, painting.canvas().to_rgb()).expect("512 by 512");
        if std::env::var_os("UPDATE_EXAMPLE").is_some() {
            write_atomically(&path, &encode_png(&picture, None).expect("encodes")).expect("writes");
        }
        assert!(open(&path).expect("assets/example.png") == picture);
    }
}
