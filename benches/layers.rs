//! From a pointer event to changed pixels: a stroke on one of several layers, composed with the others.
//! `cargo bench --features bench --bench layers`.

use criterion::{Criterion, criterion_group, criterion_main};
use underpaint::document::Document;
use underpaint::engine::Settings;
use underpaint::paint::{BlendMode, Brush, Canvas, Composition, LayerProperties, PenSample, PixelRect, Rgb, Size};

/// A document of `side` by `side` pixels with this many layers that all have paint, some of them half transparent or
/// multiplied. The layer in the middle is the current one.
fn painted(side: usize, layers: usize) -> Document {
    let mut document = Document::new(Size::new(side, side).expect("a size"), Rgb::WHITE, Settings::default());
    for layer in 0..layers {
        if layer > 0 {
            document.add_layer().expect("fewer than the limit");
        }
        let color = Rgb([20 * layer as u8, 200 - 15 * layer as u8, 90]);
        let brush = Brush { size: 200.0, opacity: 0.8, hardness: 0.3, color, ..Brush::default() };
        for line in 0..side.div_ceil(150) {
            let y = (line * 150) as f32;
            document.begin_stroke(brush.clone(), PenSample::mouse(0.0, y, 0.0));
            document.stroke_to(PenSample::mouse(side as f32, y + 40.0, 0.0));
            document.end_stroke();
        }
        let id = document.layers().current();
        let mut properties = document.layers().get(id).expect("there").properties.clone();
        (properties.opacity, properties.blend) = match layer % 5 {
            3 => (1.0, BlendMode::Multiply),
            4 => (0.6, BlendMode::Normal),
            _ => (1.0, BlendMode::Normal),
        };
        document.set_layer(id, LayerProperties { alpha_locked: false, ..properties }).expect("there");
    }
    let middle = document.layers().layers()[layers / 2].id;
    document.choose_layer(middle);
    document
}

/// The `event`th place of a pointer that goes round and round.
fn place(side: usize, event: u32) -> (f32, f32) {
    let (half, angle) = (side as f32 / 2.0, event as f32 * 0.02);
    (half + half * 0.6 * angle.cos(), half + half * 0.6 * angle.sin())
}

fn pointer_events(c: &mut Criterion) {
    for (side, layers, size) in [(1024, 10, 200.0), (4096, 3, 1000.0), (4096, 10, 1000.0)] {
        let mut document = painted(side, layers);
        let brush = Brush { size, hardness: 0.0, color: Rgb([250, 30, 60]), ..Brush::default() };
        c.bench_function(&format!("pointer event, {size} px, {side}x{side}, {layers} layers"), |b| {
            let mut event = 0;
            b.iter(|| {
                // A stroke ends now and then, as a hand's does.
                let (x, y) = place(side, event);
                if event % 200 == 0 {
                    document.begin_stroke(brush.clone(), PenSample::mouse(x, y, 0.0));
                }
                document.stroke_to(PenSample::mouse(x, y, 0.0));
                event += 1;
                document.take_dirty().map(|rect| document.screen().copy_rect(rect))
            });
            document.abandon_stroke();
        });
    }
}

fn composing(c: &mut Criterion) {
    for layers in [1, 3, 10] {
        let document = painted(1024, layers);
        let mut canvas = Canvas::composed(document.layers(), Rgb::WHITE, Composition::Picture);
        let rect = PixelRect { x0: 12, y0: 12, x1: 1012, y1: 1012 };
        c.bench_function(&format!("composing 1000x1000 pixels of {layers} layers"), |b| {
            b.iter(|| canvas.recompose(document.layers(), Rgb::WHITE, Composition::Picture, rect));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = pointer_events, composing
}
criterion_main!(benches);
