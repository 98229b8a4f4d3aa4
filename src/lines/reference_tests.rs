//! Lines here and by OpenCV and NumPy; tests/fixtures/control.py wrote the reference.

use image::{Rgb, RgbImage};
use safetensors::SafeTensors;

use super::preprocessed;
use crate::engine::Preprocessor;

#[test]
fn each_preprocessor_draws_what_the_reference_draws() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/control.safetensors");
    let file = std::fs::read(path).expect("reads");
    let reference = SafeTensors::deserialize(&file).expect("tensors");
    let of = |name: &str| reference.tensor(&format!("lines.{name}")).expect(name).data().to_vec();
    let drawing = RgbImage::from_raw(80, 64, of("drawing")).expect("a picture");
    // Depth is made by a network, which has tests beside it.
    for preprocessor in Preprocessor::ALL.into_iter().filter(|one| *one != Preprocessor::Depth) {
        let made = preprocessed(&drawing, preprocessor);
        let want = match preprocessor {
            Preprocessor::None => drawing.clone(),
            Preprocessor::Invert => RgbImage::from_raw(80, 64, of("invert")).expect("a picture"),
            other => {
                let levels = of(other.id());
                RgbImage::from_fn(80, 64, |x, y| Rgb([levels[(y * 80 + x) as usize]; 3]))
            }
        };
        let lit = want.pixels().filter(|pixel| pixel.0[0] > 60).count();
        assert!(lit > 200, "the reference has lines");
        // The last digit of a float can tip a whole level.
        let tolerance = if preprocessor == Preprocessor::Lineart { 1 } else { 0 };
        let worst = made.iter().zip(want.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
        let different = made.iter().zip(want.iter()).filter(|(a, b)| a != b).count();
        println!("{preprocessor:?}: {different} of {} levels differ, at most by {worst}", want.len());
        assert!(worst <= tolerance, "{preprocessor:?}: a level differs by {worst}, {different} levels differ");
        assert!(different < want.len() / 200, "{preprocessor:?}: {different} levels differ");
    }
}
