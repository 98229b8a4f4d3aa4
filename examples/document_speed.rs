//! How long commits and opening take: `cargo run --release --example document_speed [FOLDER]`. The folder decides which
//! disk is measured; without one it is that of temporary files.

use std::sync::Arc;
use std::time::{Duration, Instant};

use image::RgbImage;
use underpaint::document::store::Store;
use underpaint::document::{Document, ResultId};
use underpaint::engine::{Recipe, Settings};
use underpaint::paint::{Brush, PenSample, Rgb, Size};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = match std::env::args_os().nth(1) {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    for side in [512, 2048] {
        let path = folder.path().join(format!("{side}.underpaint"));
        let mut document = Document::new(Size::new(side, side)?, Rgb::WHITE, Settings::default());
        let begun = Instant::now();
        let mut store = Store::create(&path, &document.take_changes())?;
        println!("{side} × {side}: making the file {}", ms(begun.elapsed()));

        let (mut taking, mut committing) = (Vec::new(), Vec::new());
        for i in 0..100 {
            let (x, y) = ((i * 97 % side) as f32, (i * 61 % side) as f32);
            document.begin_stroke(
                Brush { size: 24.0, color: Rgb([i as u8, 90, 200]), ..Brush::default() },
                PenSample::mouse(x, y, 0.0),
            );
            document.stroke_to(PenSample::mouse(x + 150.0, y + 90.0, 0.0));
            document.end_stroke();
            let begun = Instant::now();
            let changes = document.take_changes();
            taking.push(begun.elapsed());
            let begun = Instant::now();
            store.commit(&changes)?;
            committing.push(begun.elapsed());
        }
        println!("{side} × {side}: a stroke, on the window's thread {}", spread(taking));
        println!("{side} × {side}: a stroke, on the file thread {}", spread(committing));
    }

    let path = folder.path().join("rounds.underpaint");
    let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default());
    let mut store = Store::create(&path, &document.take_changes())?;
    let mut committing = Vec::new();
    for seed in 0..25 {
        let (round, _) = document.begin_round(seed, "starter".into());
        for image in 0..4 {
            let picture = noisy(seed as u32 * 4 + image as u32);
            let recipe = Recipe {
                settings: document.settings().clone(),
                seed: seed as u64,
                model: "starter".into(),
                from_picture: true,
                ..Recipe::default()
            };
            document.rounds_mut().finished(ResultId { round, image }, Arc::new(picture), Arc::new(recipe));
            let changes = document.take_changes();
            let begun = Instant::now();
            store.commit(&changes)?;
            committing.push(begun.elapsed());
        }
        document.rounds_mut().end(round);
    }
    println!("a result of 512 × 512, on the file thread {}", spread(committing));
    drop(store);
    println!("25 rounds with 100 results: {:.1} MB", std::fs::metadata(&path)?.len() as f64 / 1e6);
    let begun = Instant::now();
    let store = Store::open(&path)?;
    let stored = store.load()?;
    println!("opening it {}", ms(begun.elapsed()));
    let first = stored.rounds.first().and_then(|round| round.results.first());
    if let Some(result) = first {
        let begun = Instant::now();
        store.picture(result.picture)?;
        println!("reading one of its pictures, without decoding {}", ms(begun.elapsed()));
    }
    Ok(())
}

/// A picture with smooth colours and some grain, as results have.
fn noisy(seed: u32) -> RgbImage {
    RgbImage::from_fn(512, 512, |x, y| {
        let grain =
            ((x.wrapping_mul(73_856_093) ^ y.wrapping_mul(19_349_663) ^ seed.wrapping_mul(83_492_791)) >> 7) & 7;
        image::Rgb([(x / 3 + grain) as u8, (y / 3 + grain) as u8, ((x + y) / 5 + grain) as u8])
    })
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// The middle and the largest of many times.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    format!("{} (at most {})", ms(middle), ms(times.last().copied().unwrap_or_default()))
}
