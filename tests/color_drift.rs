//! Colours drift a little with every encode and decode; the correction holds them.

use std::sync::Arc;

use image::RgbImage;
use underpaint::diffusion::LocalEngine;
use underpaint::engine::{Cancel, Engine, Event, ModelChoice, Request, Settings};
use underpaint::example::example_sketch;
use underpaint::picture::{Fit, fit};

/// Five rounds at low strength, each from the result before; how far the mean colour has moved
/// after each, in levels of 0..255.
fn drift(color_correct: bool) -> Vec<f64> {
    let sketch = RgbImage::from_raw(512, 512, example_sketch().to_rgb()).expect("512 by 512");
    let start = fit(&sketch, 256, 256, Fit::Fill, [255; 3]);
    let mut engine = LocalEngine::default();
    let mut picture = start.clone();
    (0..5)
        .map(|round| {
            let settings = Settings {
                width: 256,
                height: 256,
                steps: 10,
                strength: 0.2,
                cfg_scale: 2.0,
                batch: 1,
                seed: 100 + round,
                color_correct,
                ..Settings::default()
            };
            let from = Some(Arc::new(picture.clone()));
            let request = Request::new(ModelChoice::Starter, settings, from);
            engine
                .generate(&request, &Cancel::default(), &mut |event| {
                    if let Event::Finished(made) = event {
                        picture = made.picture;
                    }
                })
                .expect("a round");
            distance(mean(&picture), mean(&start))
        })
        .collect()
}

fn mean(picture: &RgbImage) -> [f64; 3] {
    let n = f64::from(picture.width() * picture.height());
    [0, 1, 2].map(|c| picture.pixels().map(|p| f64::from(p.0[c])).sum::<f64>() / n)
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn correction_halves_the_drift_of_five_rounds() {
    let (plain, corrected) = (drift(false), drift(true));
    println!("mean colour moved, plain: {plain:.2?}, corrected: {corrected:.2?}");
    // The correction works against the picture each round starts from, so a little may build up.
    assert!(corrected[4] < (plain[4] / 2.0).max(1.0), "plain {plain:?}, corrected {corrected:?}");
}
