//! What the loop is made of: a stroke, one guided UNet step, one decode. `cargo bench --features bench`.

use criterion::{Criterion, criterion_group, criterion_main};
use underpaint::diffusion::LocalEngine;
use underpaint::engine::{Cancel, Engine, Event, ModelChoice, Request, Settings, Stage};
use underpaint::paint::{Brush, LayerId, Mixing, PenSample, Rgb, Size, Stroke, Surface};

fn stroke(c: &mut Criterion) {
    for size in [10.0, 100.0] {
        c.bench_function(&format!("stroke of 64 moves, {size} px brush"), |b| {
            b.iter(|| {
                let mut surface = Surface::filled(Size::DEFAULT, Rgb::WHITE);
                let brush = Brush { size, ..Brush::default() };
                let mut stroke =
                    Stroke::begin(brush, Mixing::Paint(Rgb::BLACK), &mut surface, PenSample::mouse(20.0, 20.0, 0.0));
                for i in 0..64 {
                    let y = 256.0 + 200.0 * (i as f32 / 5.0).sin();
                    stroke.move_to(&mut surface, PenSample::mouse(20.0 + 7.0 * i as f32, y, 0.0));
                }
                (stroke.end(LayerId(1), &mut surface), surface)
            });
        });
    }
}

/// Times between the engine's own events, at the starter's default size.
fn engine(c: &mut Criterion) {
    let mut engine = LocalEngine::default();
    engine.load(&ModelChoice::Starter, &Cancel::default()).expect("the starter");
    let mut measure = |name: &str, steps: usize, from: fn(&Event) -> bool, to: fn(&Event) -> bool| {
        c.bench_function(name, |b| {
            b.iter_custom(|times| {
                (0..times)
                    .map(|seed| {
                        let settings = Settings { steps, batch: 1, seed: seed as i64, ..Settings::default() };
                        let (mut begun, mut ended) = (None, None);
                        let request = Request::new(ModelChoice::Starter, settings, None);
                        let mut on_event = |event: Event| {
                            if begun.is_none() && from(&event) {
                                begun = Some(std::time::Instant::now());
                            } else if ended.is_none() && to(&event) {
                                ended = Some(std::time::Instant::now());
                            }
                        };
                        engine.generate(&request, &Cancel::default(), &mut on_event).expect("runs");
                        begun.zip(ended).map_or(std::time::Duration::ZERO, |(a, b)| b - a)
                    })
                    .sum()
            });
        });
    };
    measure(
        "one guided UNet step, 512x512",
        2,
        |e| matches!(e, Event::Step { step: 1, .. }),
        |e| matches!(e, Event::Step { step: 2, .. }),
    );
    measure(
        "decode, 512x512",
        1,
        |e| matches!(e, Event::Stage(Stage::Decoding(_))),
        |e| matches!(e, Event::Finished(_)),
    );
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = stroke, engine
}
criterion_main!(benches);
